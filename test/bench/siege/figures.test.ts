import { expect, test } from "bun:test";
import { victimFigures } from "../../../bench/siege/figures.ts";
import type { VictimSample } from "../../../bench/siege/plan.ts";

const INTERVAL_MS = 10;

/** Orders every 10 ms from `from` on, with these latencies. */
function samples(from: number, latencies: readonly number[], answer = "ok"): VictimSample[] {
  return latencies.map((latencyMs, n) => ({
    event: "order",
    plannedAt: from + n * INTERVAL_MS,
    latencyMs,
    waitedMs: 0,
    answer,
  }));
}

test("only orders that were to be sent in the window count", () => {
  const all = samples(1_000, [9, 1, 2, 3, 9]);
  expect(victimFigures(all, 1_010, 1_040, INTERVAL_MS, 2_000)).toEqual({
    orders: 3,
    p50: 2,
    p99: 3,
    max: 3,
    servedP99: 3,
    echoP99: 0,
    unanswered: 0,
    refused: {},
  });
});

test("waits for a processor are taken off, order by order", () => {
  const [first, second, third] = samples(0, [30, 20, 3]);
  const waited = [{ ...first, waitedMs: 28 }, second, { ...third, waitedMs: 9 }] as VictimSample[];
  expect(victimFigures(waited, 0, 30, INTERVAL_MS, 100)).toMatchObject({ p99: 30, servedP99: 20 });
});

test("an order without an answer has waited since it was to be sent", () => {
  const answered = samples(1_000, [1, 1]);
  expect(victimFigures(answered, 1_000, 1_040, INTERVAL_MS, 1_500)).toEqual({
    orders: 4,
    p50: 470,
    p99: 480,
    max: 480,
    servedP99: 480,
    echoP99: 0,
    unanswered: 2,
    refused: {},
  });
});

test("a victim that was never answered has figures too", () => {
  expect(victimFigures([], 1_000, 1_010, INTERVAL_MS, 1_110)).toEqual({
    orders: 1,
    p50: 110,
    p99: 110,
    max: 110,
    servedP99: 110,
    echoP99: 0,
    unanswered: 1,
    refused: {},
  });
});

test("refusals are told by code", () => {
  const all = [...samples(0, [1, 1]), ...samples(20, [1], "40910"), ...samples(30, [1], "42901")];
  expect(victimFigures(all, 0, 40, INTERVAL_MS, 100).refused).toEqual({ 40910: 1, 42901: 1 });
});

test("the bare echo's p99 is of the same window", () => {
  const orders = samples(1_000, [1, 1]);
  const echoes = [990, 1_000, 1_010, 1_020].map((plannedAt, n) => {
    return { event: "echo", plannedAt, latencyMs: 10 - n } as const;
  });
  expect(victimFigures(orders, 1_000, 1_020, INTERVAL_MS, 2_000, echoes).echoP99).toBe(9);
});
