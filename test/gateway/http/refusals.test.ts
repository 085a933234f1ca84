import { describe, expect, test } from "bun:test";
import {
  REFUSAL_DELAY_MS,
  REFUSAL_DELAY_MS_MAX,
  Refusals,
} from "../../../src/gateway/http/refusals.ts";
import { UserLimitsTable } from "../../../src/trading/user-limits.ts";

const table = new UserLimitsTable({
  orders_per_second: 1,
  market_data_per_second: 1,
  burst_limit: 1,
});

function open() {
  const clock = { now: 0 };
  return { clock, refusals: new Refusals(() => clock.now) };
}

/** The longest stretch of a second's length that has most of them. */
function mostInASecond(delays: readonly number[]): number {
  return Math.max(
    ...delays.map((from) => delays.filter((d) => d >= from && d < from + 1000).length),
  );
}

describe("refusals of an address", () => {
  test("are delayed for a while", () => {
    const { clock, refusals } = open();
    for (let n = 0; n < 100; n++) {
      clock.now += 1000;
      const delayMs = refusals.delayOfAddress("192.0.2.1");
      expect(delayMs).toBeGreaterThanOrEqual(REFUSAL_DELAY_MS);
      expect(delayMs).toBeLessThanOrEqual(2 * REFUSAL_DELAY_MS);
    }
  });

  test("go out one after another, those of one network together, and independent of other networks", () => {
    const { refusals } = open();
    const delays = Array.from({ length: 800 }, (_, n) =>
      refusals.delayOfAddress(`2001:db8::${n.toString(16)}`),
    );
    expect(mostInASecond(delays)).toBeLessThanOrEqual(250);
    expect(refusals.delayOfAddress("2001:db8:0:1::1")).toBeLessThanOrEqual(2 * REFUSAL_DELAY_MS);
  });

  test("wait no longer than the limit, however many there are", () => {
    const { refusals } = open();
    const delays = Array.from({ length: 4000 }, () => refusals.delayOfAddress("192.0.2.1"));
    expect(Math.max(...delays)).toBeLessThanOrEqual(REFUSAL_DELAY_MS_MAX);
    expect(refusals.delayOfAddress("192.0.2.1", 900)).toBeLessThanOrEqual(900);
    expect(refusals.delayOfAddress("192.0.2.1", 900)).toBeGreaterThanOrEqual(450);
  });

  test("go out at once if very many are delayed already", async () => {
    const { refusals } = open();
    const held = Array.from({ length: 4096 }, () => refusals.hold(1));
    expect(refusals.delayOfAddress("192.0.2.1")).toBe(0);
    await Promise.all(held);
    expect(refusals.delayOfAddress("192.0.2.1")).toBeGreaterThan(0);
  });
});

test("refusals of a user go out at once, and are delayed like others when he has had too many", () => {
  const { clock, refusals } = open();
  const [limits, other] = [table.ofAddress("a", 0), table.ofAddress("b", 0)];
  const delays = Array.from({ length: 300 }, () => refusals.delayOfUser(limits));
  expect(delays.filter((delayMs) => delayMs === null)).toHaveLength(200);
  expect(Math.min(...delays.slice(200).map(Number))).toBeGreaterThanOrEqual(REFUSAL_DELAY_MS);
  expect(refusals.delayOfUser(other)).toBeNull();
  clock.now += 10;
  expect(refusals.delayOfUser(limits)).toBeNull();
  expect(refusals.delayOfUser(limits)).toBeGreaterThan(0);
});

test("a user's refusal above the limit closes the connection even if no more can be delayed", async () => {
  const { refusals } = open();
  const limits = table.ofAddress("c", 0);
  for (let n = 0; n < 200; n++) expect(refusals.delayOfUser(limits)).toBeNull();
  const held = Array.from({ length: 4096 }, () => refusals.hold(1));
  expect(refusals.delayOfUser(limits)).toBe(0);
  await Promise.all(held);
});
