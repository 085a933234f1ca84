import { expect, test } from "bun:test";
import { Metrics, STAGES } from "../../src/analytics/metrics.ts";
import { TickTimes } from "../../src/execution/tick-times.ts";
import { InboundRing, type ReplyTo } from "../../src/router/inbound-ring.ts";

const WAITER: ReplyTo = { batch: 0, last: -1, onReplies: () => {}, onFailed: () => {} };

/** A tick of the commands that were taken in at these moments, with the clock at each of its looks. */
function runTick(metrics: Metrics, takenAt: (number | undefined)[], looks: number[]): unknown[] {
  const told: unknown[] = [];
  const ring = new InboundRing(64);
  for (const moment of takenAt) ring.claim(WAITER, moment);
  const commands = ring.turn();
  const times = new TickTimes(metrics, {
    now: () => looks.shift() as number,
    onTick: (moments, tick, { count }) => told.push([{ ...moments }, tick, count]),
  });
  times.onBegun();
  times.onWritten();
  times.onWaited();
  times.onMatched();
  times.onDurable();
  times.onAnswered();
  times.onTold({ tick: 5, count: takenAt.length }, commands);
  expect(looks).toEqual([]);
  return told;
}

const sumsOf = ({ stageSeconds }: Metrics) =>
  STAGES.map((stage) => {
    const { count, sum } = stageSeconds[stage].read();
    return [stage, count, Math.round(sum * 1e6) / 1000];
  });

test("the stages of a tick leave no gap, and the wait of orders starts when they are accepted", () => {
  const metrics = new Metrics();
  // Two orders of one turn, one of the exchange's own commands, and an order that came later.
  const told = runTick(metrics, [100, 100, undefined, 104], [110, 111, 112, 114, 130, 132, 140]);
  const moments = {
    begun: 110,
    written: 111,
    waited: 112,
    matched: 114,
    durable: 130,
    answered: 132,
    told: 140,
  };
  expect(told).toEqual([[moments, 5, 4]]);
  expect(sumsOf(metrics)).toEqual([
    ["decode", 0, 0],
    ["queue", 3, 26],
    ["journal", 1, 1],
    ["wait", 1, 1],
    ["match", 1, 2],
    ["flush", 1, 16],
    ["tell", 1, 10],
  ]);
  expect(metrics.orderSeconds.read()).toMatchObject({ count: 3 });
  expect(metrics.orderSeconds.read().sum).toBeCloseTo(0.032 * 2 + 0.028, 9);
  expect(metrics.tickSeconds.read().sum).toBeCloseTo(0.03, 9);
  expect(metrics.durableSeconds.read().sum).toBeCloseTo(0.02, 9);
  expect(metrics.tickCommands.read().sum).toBe(4);
});

test("a tick that begins while the last one is answered does not change the times of that one", () => {
  const told: unknown[] = [];
  let looks = 0;
  const times = new TickTimes(new Metrics(), {
    now: () => ++looks,
    onTick: (moments) => told.push({ ...moments }),
  });
  const { gathering } = new InboundRing(64);
  times.onBegun();
  times.onWritten();
  times.onWaited();
  times.onMatched();
  times.onDurable();
  times.onBegun();
  times.onWritten();
  times.onAnswered();
  times.onTold({ tick: 1, count: 1 }, gathering);
  times.onWaited();
  times.onMatched();
  times.onDurable();
  times.onAnswered();
  times.onTold({ tick: 2, count: 1 }, gathering);
  expect(told).toEqual([
    { begun: 1, written: 2, waited: 3, matched: 4, durable: 5, answered: 8, told: 9 },
    { begun: 6, written: 7, waited: 10, matched: 11, durable: 12, answered: 13, told: 14 },
  ]);
});

test("a tick of another process is counted, and has no times", () => {
  const metrics = new Metrics();
  new TickTimes(metrics, { now: () => 7 }).onTold({ tick: 5, count: 3 }, null);
  expect(metrics.tickCommands.read()).toMatchObject({ count: 1, sum: 3 });
  expect(metrics.tickSeconds.read().count).toBe(0);
});
