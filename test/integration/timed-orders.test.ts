import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { bare, invalid, orderState } from "./expectations.ts";
import { beforeEnd } from "./in-time.ts";
import { CASH, TwoTraders } from "./two-traders.ts";
import { Venue } from "./venue.ts";
import { ENCODINGS, type Members, type WireClient } from "./wire-client.ts";

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.open();
});
afterAll(() => venue[Symbol.asyncDispose]());

/** Asks until the answer is as it should be; the test's own limit is the only one. */
async function eventually(
  ask: () => Promise<Members>,
  isSo: (answer: Members) => boolean,
): Promise<Members> {
  for (;;) {
    const answer = await ask();
    if (isSo(answer)) return answer;
  }
}

const openOrders = async (client: WireClient): Promise<Members[]> =>
  (await client.result("orders.open")).orders as Members[];

const expired = { status: "EXPIRED", reason: "EXPIRE_AT" };

describe.each(ENCODINGS)("a GTD order in %s", (encoding) => {
  test("expires by itself, with its reservation, and not before its time", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann } = pair;
    const kept = await ann.place("BUY", 99, 5, {
      time_in_force: "GTD",
      expire_at: Date.now() + 3_600_000,
    });
    const [order, expire_at] = await beforeEnd(200, async (expire_at) => [
      await ann.place("BUY", 100, 5, { time_in_force: "GTD", expire_at }),
      expire_at,
    ]);
    expect(order.status).toBe("ACCEPTED");
    const told = () =>
      ann.events.of("user_data").filter(({ order_id }) => order_id === order.order_id);
    await ann.events.until(() => told().length === 2, "the end of the order");
    expect(told()[1]).toMatchObject({ event: "order", ...expired, filled_quantity: 0 });
    expect(Number(told()[1].timestamp)).toBeGreaterThanOrEqual(expire_at);
    const { order_id } = order;
    expect(await ann.orders.result("order.status", { order_id })).toEqual(
      orderState({ ...order, ...stamp(told()[1]), ...expired }),
    );
    expect(await openOrders(ann.orders)).toEqual([kept]);
    const cash = { available: CASH - 495, reserved: 495, total: CASH };
    expect((await ann.orders.result("account.balances")).cash).toEqual(cash);
    using reader = await venue.open("/market-data", encoding);
    expect((await reader.result("book.snapshot", { symbol })).bids).toEqual([[99, 5]]);
  });

  test("is refused when its expire_at has passed or is missing, and when an order that is not GTD has one", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann } = pair;
    const order = { symbol, side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
    const later = Date.now() + 60_000;
    const market = { time_in_force: "GTD", expire_at: later, type: "MARKET", price: undefined };
    const wrong: [field: string, more: object][] = [
      ["expire_at", { time_in_force: "GTD", expire_at: Date.now() - 1 }],
      ["expire_at", { time_in_force: "GTD" }],
      ["expire_at", { time_in_force: "GTC", expire_at: later }],
      ["expire_at", { expire_at: later }],
      ["time_in_force", market],
    ];
    for (const [field, more] of wrong) {
      const params = Object.entries({ ...order, ...more }).filter(
        ([, value]) => value !== undefined,
      );
      const refusal = await ann.orders.refusal("order.place", Object.fromEntries(params));
      expect([more, refusal]).toEqual([more, invalid(field)]);
    }
  });

  test("that is repeated under its client_order_id gets the first one's state; with another expire_at it is refused", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { ann, symbol } = pair;
    const dated = { time_in_force: "GTD", expire_at: Date.now() + 60_000, client_order_id: "once" };
    const { order_id } = await ann.place("BUY", 100, 5, dated);
    expect(await ann.place("BUY", 100, 5, dated)).toMatchObject({ order_id, duplicate: true });
    const order = { symbol, side: "BUY", type: "LIMIT", price: 100, quantity: 5, ...dated };
    const other = { ...order, expire_at: dated.expire_at + 1 };
    expect(await ann.orders.refusal("order.place", other)).toEqual(bare(40911));
    expect(await openOrders(ann.orders)).toBeArrayOfSize(1);
  });

  test("whose expire_at passed while the exchange was down expires after the start", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { ann } = pair;
    const dated = (ms: number) => ({ time_in_force: "GTD", expire_at: Date.now() + ms });
    const later = await ann.place("BUY", 99, 1, dated(3_600_000));
    const soon = await beforeEnd(500, (expire_at) =>
      ann.place("BUY", 100, 1, { ...dated(0), expire_at }),
    );
    await venue.crash();
    using orders = await venue.connect("/orders", encoding, ann.user);
    const { order_id } = soon;
    const ended = await eventually(
      () => orders.result("order.status", { order_id }),
      ({ status }) => status === "EXPIRED",
    );
    expect(ended).toEqual(orderState({ ...soon, ...stamp(ended), ...expired }));
    expect(await openOrders(orders)).toEqual([later]);
    expect((await orders.result("account.balances")).cash).toMatchObject({ reserved: 99 });
  });
});

function stamp({ timestamp, tick }: Members): Members {
  return { timestamp, tick };
}

async function expectCancelled(
  orders: WireClient,
  order_id: unknown,
  reason: string,
): Promise<void> {
  const end = { status: "CANCELLED", reason };
  expect(await orders.result("order.status", { order_id })).toMatchObject(end);
}

describe.each(ENCODINGS)("orders.cancel_all_after in %s", (encoding) => {
  const after = (client: WireClient, timeout_ms: number) =>
    client.result("orders.cancel_all_after", { timeout_ms });
  const cancelled = (client: WireClient) =>
    client.of("user_data").filter(({ reason }) => reason === "DEAD_MANS_SWITCH");

  test("cancels all orders of the account, stops too, when it is not renewed in time", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann, bob } = pair;
    await ann.place("BUY", 100, 1);
    const stop = { symbol, side: "BUY", type: "STOP", stop_price: 200, quantity: 1 };
    await ann.orders.result("order.place", stop);
    await bob.place("BUY", 90, 1);
    expect(await after(ann.orders, 50)).toEqual({ timeout_ms: 50 });
    await ann.events.until(() => cancelled(ann.events).length === 2, "both cancellations");
    expect(await openOrders(ann.orders)).toEqual([]);
    expect(await openOrders(bob.orders)).toBeArrayOfSize(1);
    const cash = { available: CASH, reserved: 0, total: CASH };
    expect((await ann.orders.result("account.balances")).cash).toEqual(cash);
  });

  test("cancels also after the connection is lost", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { ann } = pair;
    using lost = await venue.connect("/orders", encoding, ann.user);
    await ann.place("BUY", 100, 1);
    await after(lost, 100);
    lost[Symbol.dispose]();
    await ann.events.until(() => cancelled(ann.events).length === 1, "the cancellation");
  });

  test("that is renewed or disarmed on its connection cancels nothing; another connection cannot do that", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { ann, bob } = pair;
    using second = await venue.connect("/orders", encoding, ann.user);
    await ann.place("BUY", 100, 1);
    // At once, for the first of them is over soon.
    await Promise.all([after(ann.orders, 500), after(ann.orders, 3_600_000)]);
    // A witness, armed later and for no less time: when it has gone off, the first would have.
    await bob.place("BUY", 90, 1);
    await after(bob.orders, 500);
    await bob.events.until(() => cancelled(bob.events).length === 1, "the witness");
    expect(await openOrders(ann.orders)).toBeArrayOfSize(1);

    const disarmed = await Promise.all([after(ann.orders, 500), after(ann.orders, 0)]);
    expect(disarmed).toEqual([{ timeout_ms: 500 }, { timeout_ms: 0 }]);
    await bob.place("BUY", 90, 1);
    await after(bob.orders, 500);
    await bob.events.until(() => cancelled(bob.events).length === 2, "the witness again");
    expect(await openOrders(ann.orders)).toBeArrayOfSize(1);

    await after(ann.orders, 100);
    await after(second, 0);
    await after(second, 3_600_000);
    await ann.events.until(() => cancelled(ann.events).length === 1, "the first connection's");
  });

  test("that is armed cancels at an orderly stop", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { ann } = pair;
    const { order_id } = await ann.place("BUY", 100, 1);
    await after(ann.orders, 3_600_000);
    await venue.server.stop();
    await venue.restart();
    using orders = await venue.connect("/orders", encoding, ann.user);
    await expectCancelled(orders, order_id, "DEAD_MANS_SWITCH");
  });

  test("that is armed cancels at the start after a crash, once", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { ann, bob } = pair;
    const { order_id } = await ann.place("BUY", 100, 1);
    const other = await bob.place("BUY", 99, 1);
    await after(ann.orders, 3_600_000);
    await after(bob.orders, 3_600_000);
    await after(bob.orders, 0);
    await venue.crash();
    using orders = await venue.connect("/orders", encoding, ann.user);
    using others = await venue.connect("/orders", encoding, bob.user);
    await expectCancelled(orders, order_id, "DEAD_MANS_SWITCH");
    expect(await openOrders(others)).toEqual([other]);
    const later = { symbol: pair.symbol, side: "BUY", type: "LIMIT", price: 98, quantity: 1 };
    const placed = await orders.result("order.place", later);
    await venue.crash();
    using again = await venue.connect("/orders", encoding, ann.user);
    expect(await openOrders(again)).toEqual([placed]);
  });

  test.each([-1, 1.5, 86_400_001, "1000", null])("does not take %p", async (timeout_ms) => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { orders } = pair.ann;
    expect(await orders.refusal("orders.cancel_all_after", { timeout_ms })).toEqual(
      invalid("timeout_ms"),
    );
  });
});

test.each(ENCODINGS)(
  "cancel_on_disconnect in %s cancels all when its connection ends",
  async (encoding) => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann } = pair;
    using client = await venue.open("/orders", encoding);
    const { api_key, api_secret } = ann.user;
    await client.result("auth.login", { api_key, api_secret, cancel_on_disconnect: true });
    const order = { symbol, side: "BUY", type: "LIMIT", price: 10, quantity: 1 };
    await client.result("order.place", order);
    await ann.place("BUY", 9, 1);
    // Not answered yet when the connection ends: it comes before the cancellation all the same.
    client.send({ id: "last", method: "order.batch", params: { orders: [order, order] } });
    await client.close();
    const ends = () => ann.events.of("user_data").filter(({ reason }) => reason === "DISCONNECT");
    await ann.events.until(() => ends().length === 4, "four cancellations");
    expect(await openOrders(ann.orders)).toEqual([]);
  },
);

test.each(ENCODINGS)(
  "cancel_on_disconnect in %s cancels all when a crash ends its connection, also one beside others",
  async (encoding) => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { ann, bob } = pair;
    const { api_key, api_secret } = ann.user;
    const login = { api_key, api_secret, cancel_on_disconnect: true };
    using client = await venue.open("/user-data", encoding);
    await client.result("auth.login", login);
    using left = await venue.open("/orders", encoding);
    await left.result("auth.login", login);
    await left.result("auth.login", { ...login, cancel_on_disconnect: false });
    const { order_id } = await ann.place("BUY", 10, 1);
    const other = await bob.place("BUY", 9, 1);
    await venue.crash();
    using orders = await venue.connect("/orders", encoding, ann.user);
    using others = await venue.connect("/orders", encoding, bob.user);
    await expectCancelled(orders, order_id, "DISCONNECT");
    expect((await orders.result("account.balances")).cash).toMatchObject({ reserved: 0 });
    expect(await openOrders(others)).toEqual([other]);
  },
);
