import { expect, test } from "bun:test";
import { C_SEQUENCE_F64, C_TIMESTAMP_F64, COMMAND_DOUBLES } from "../../src/core/command.ts";
import { NO_STATE_CHECK } from "../../src/persistence/backend.ts";
import { type InboundBatch, InboundRing } from "../../src/router/inbound-ring.ts";
import { Sequencer } from "../../src/router/sequencer.ts";

/** A batch of so many records. */
function gather(count: number): InboundBatch {
  const ring = new InboundRing(16);
  const origin = { batch: 0, last: -1, onReplies: () => {}, onFailed: () => {} };
  for (let i = 0; i < count; i++) ring.claim(origin);
  return ring.turn();
}

/** Sequence and time of each record. */
function stamps({ doubles, count }: InboundBatch): [number, number][] {
  return Array.from({ length: count }, (_, i) => {
    const d = i * COMMAND_DOUBLES;
    return [doubles[d + C_SEQUENCE_F64], doubles[d + C_TIMESTAMP_F64]];
  });
}

test("numbers ticks and commands from 1, and gives all commands of a tick the same time", () => {
  let now = 1000;
  const sequencer = new Sequencer(() => now++);
  const first = gather(3);
  expect(sequencer.stamp(first)).toEqual({
    tick: 1,
    firstSequence: 1,
    timestamp: 1000,
    count: 3,
    ...NO_STATE_CHECK,
  });
  expect(stamps(first)).toEqual([
    [1, 1000],
    [2, 1000],
    [3, 1000],
  ]);
  const second = gather(1);
  expect(sequencer.stamp(second)).toEqual({
    tick: 2,
    firstSequence: 4,
    timestamp: 1001,
    count: 1,
    ...NO_STATE_CHECK,
  });
  expect(stamps(second)).toEqual([[4, 1001]]);
});

test("continues after the last number in the journal", () => {
  const sequencer = new Sequencer(() => 5000);
  sequencer.resume(7, 40, 3000);
  expect(sequencer.stamp(gather(2))).toEqual({
    tick: 8,
    firstSequence: 41,
    timestamp: 5000,
    count: 2,
    ...NO_STATE_CHECK,
  });
});

test("its time never goes back, also across a restart", () => {
  const times = [100, 90, 50, 101, 101, 99];
  const sequencer = new Sequencer(() => times.shift() as number);
  sequencer.resume(1, 1, 95);
  const told = [1, 2, 3, 4, 5, 6].map(() => sequencer.stamp(gather(1)).timestamp);
  expect(told).toEqual([100, 100, 100, 101, 101, 101]);

  const restarted = new Sequencer(() => 20);
  restarted.resume(7, 7, 101);
  const batch = gather(1);
  expect(restarted.stamp(batch).timestamp).toBe(101);
  expect(stamps(batch)).toEqual([[8, 101]]);
});

test("the exchange's time is that of the next tick: the wall clock's, or the last tick's if that is later", () => {
  let now = 100;
  const sequencer = new Sequencer(() => now);
  sequencer.resume(1, 1, 150);
  expect(sequencer.now()).toBe(150);
  now = 200;
  expect(sequencer.now()).toBe(200);
  sequencer.stamp(gather(1));
  now = 120;
  expect(sequencer.now()).toBe(200);
});
