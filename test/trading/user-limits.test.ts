import { expect, test } from "bun:test";
import type { User } from "../../src/identity/user.ts";
import { UserLimitsTable } from "../../src/trading/user-limits.ts";

const DEFAULTS = { orders_per_second: 10, market_data_per_second: 20, burst_limit: 2 };

function createUser(number: number, rateLimits: User["rateLimits"] = {}): User {
  return {
    number,
    name: "user",
    permissions: [],
    rateLimits,
    accounts: [number],
    createdAt: 0,
    disabledAt: null,
  };
}

test("a user has one set of buckets for all his sessions, separate from other users", () => {
  const table = new UserLimitsTable(DEFAULTS);
  const [first, second] = [table.of(createUser(1), 0), table.of(createUser(1), 5)];
  expect(second).toBe(first);
  expect([first.orders.take(0), second.orders.take(0), first.orders.take(0)]).toEqual([0, 0, 100]);
  expect(table.of(createUser(2), 0).orders.take(0)).toBe(0);
});

test("a user's own limits override the configured ones", () => {
  const table = new UserLimitsTable(DEFAULTS);
  expect(table.of(createUser(1), 0).limits).toEqual(DEFAULTS);
  expect(table.of(createUser(2, { burst_limit: 1 }), 0).limits).toEqual({
    ...DEFAULTS,
    burst_limit: 1,
  });
});

test("cancels and weights do not compete with orders", () => {
  const { orders, cancels, weights } = new UserLimitsTable(DEFAULTS).of(createUser(1), 0);
  const takeAll = (bucket: typeof orders) => {
    let taken = 0;
    while (bucket.take(0) === 0) taken++;
    return taken;
  };
  expect([takeAll(orders), takeAll(cancels), takeAll(weights)]).toEqual([2, 20, 20]);
});

test("strangers at one address, or in one IPv6 network, share one set", () => {
  const table = new UserLimitsTable(DEFAULTS);
  const isShared = (a: string, b: string) => table.ofAddress(a, 0) === table.ofAddress(b, 0);
  expect([
    isShared("10.0.0.1", "10.0.0.1"),
    isShared("2001:db8:0:1::5", "2001:db8:0:1:ffff::9"),
    isShared("2001:db8::1", "2001:db8:0:0:1:2:3:4"),
    isShared("::1", "::2"),
  ]).toEqual([true, true, true, true]);
  expect([
    isShared("10.0.0.1", "10.0.0.2"),
    isShared("2001:db8:0:1::5", "2001:db8:0:2::5"),
    isShared("::ffff:10.0.0.1", "::ffff:10.0.0.2"),
  ]).toEqual([false, false, false]);
});

test("strangers who have nothing left get nothing by way of very many other addresses, as long as they go on", () => {
  const table = new UserLimitsTable(DEFAULTS);
  const first = table.ofAddress("192.0.2.1", 0);
  for (let n = 0; n < 150_000; n++) {
    table.ofAddress(`${10 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}.1`, 0);
    if (n % 1000 === 0 && table.ofAddress("192.0.2.1", 0) !== first) throw new Error(`after ${n}`);
  }
  expect(table.ofAddress("192.0.2.1", 0)).toBe(first);
});
