import { expect, test } from "bun:test";
import fc from "fast-check";
import { COMMAND_BYTES, COMMAND_INTS } from "../../src/core/command.ts";
import { type InboundBatch, InboundRing, type ReplyTo } from "../../src/router/inbound-ring.ts";

function createWaiter(): ReplyTo {
  return { batch: 0, last: -1, onReplies: () => {}, onFailed: () => {} };
}

/** The records of each waiter in the batch, as its outcome would be told. */
function recordsByWaiter(batch: InboundBatch): Map<ReplyTo, number[]> {
  return new Map(
    batch.waiting.map((waiter, i) => {
      const records: number[] = [];
      for (let r = batch.firsts[i]; r !== -1; r = batch.next[r]) records.push(r);
      return [waiter, records];
    }),
  );
}

test("links the records of each waiter, even if others claim records in between", () => {
  const ring = new InboundRing(16);
  const [a, b, c] = [createWaiter(), createWaiter(), createWaiter()];
  expect([a, b, a, c, b, a].map((waiter) => ring.claim(waiter))).toEqual([0, 1, 2, 3, 4, 5]);
  const batch = ring.turn();
  expect(batch.count).toBe(6);
  expect(recordsByWaiter(batch)).toEqual(
    new Map([
      [a, [0, 2, 5]],
      [b, [1, 4]],
      [c, [3]],
    ]),
  );
});

test("records claimed for the next tick do not change the tick in flight", () => {
  const ring = new InboundRing(16);
  const [a, b] = [createWaiter(), createWaiter()];
  for (const waiter of [b, a, a]) ring.claim(waiter);
  const flying = ring.turn();
  for (const waiter of [a, b, a]) ring.claim(waiter);
  expect(recordsByWaiter(flying)).toEqual(
    new Map([
      [b, [0]],
      [a, [1, 2]],
    ]),
  );
  expect(recordsByWaiter(ring.turn())).toEqual(
    new Map([
      [a, [0, 2]],
      [b, [1]],
    ]),
  );
});

test("a full part refuses records, and accepts them again at its next turn", () => {
  const ring = new InboundRing(8);
  const waiter = createWaiter();
  const claims = () => Array.from({ length: 5 }, () => ring.claim(waiter));
  expect(claims()).toEqual([0, 1, 2, 3, -1]);
  const first = ring.turn();
  expect(claims()).toEqual([0, 1, 2, 3, -1]);
  expect(first.count).toBe(4);
  const others = [ring.turn(), ring.turn()];
  expect(new Set([first, ...others]).size).toBe(3);
  expect(ring.gathering).toBe(first);
  expect(ring.gathering.count).toBe(0);
  expect(claims()).toEqual([0, 1, 2, 3, -1]);
});

test("claims zeroed records, wherever they stand", () => {
  const ring = new InboundRing(4);
  const waiter = createWaiter();
  const zeros = new Array(COMMAND_INTS).fill(0);
  for (let turn = 0; turn < 4; turn++) {
    for (let claim = 0; claim < 2; claim++) {
      const words = ring.claim(waiter) * COMMAND_INTS;
      const record = ring.gathering.ints.subarray(words, words + COMMAND_INTS);
      expect([...record]).toEqual(zeros);
      record.fill(-1);
    }
    ring.turn();
  }
});

test("its parts take turns, and each keeps its number", () => {
  const ring = new InboundRing(8);
  expect([0, 1, 2, 3].map(() => ring.turn().part)).toEqual([0, 1, 2, 0]);
});

test("gives the journal exactly the claimed records", () => {
  const ring = new InboundRing(8);
  const waiter = createWaiter();
  for (let i = 0; i < 3; i++) ring.claim(waiter);
  const batch = ring.turn();
  const written = batch.written();
  expect(written.length).toBe(3 * COMMAND_BYTES);
  expect(written.buffer).toBe(batch.ints.buffer);
  expect(written.byteOffset).toBe(batch.ints.byteOffset);
});

test("every record of a batch belongs to one waiter, in the order of its claims", () => {
  const claimOrTurn = fc.oneof(
    { weight: 8, arbitrary: fc.nat({ max: 4 }) },
    { weight: 1, arbitrary: fc.constant("turn" as const) },
  );
  fc.assert(
    fc.property(fc.array(claimOrTurn, { maxLength: 80 }), (steps) => {
      const ring = new InboundRing(12);
      const waiters = Array.from({ length: 5 }, createWaiter);
      let claimed = new Map<ReplyTo, number[]>();
      let flying: { batch: InboundBatch; claimed: Map<ReplyTo, number[]> } | null = null;
      for (const step of steps) {
        if (step === "turn") {
          flying = { batch: ring.turn(), claimed };
          claimed = new Map();
        } else {
          const waiter = waiters[step];
          const record = ring.claim(waiter);
          if (record >= 0) claimed.set(waiter, [...(claimed.get(waiter) ?? []), record]);
        }
        if (flying !== null) expect(recordsByWaiter(flying.batch)).toEqual(flying.claimed);
        expect(recordsByWaiter(ring.gathering)).toEqual(claimed);
      }
    }),
  );
});
