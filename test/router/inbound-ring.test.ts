import { expect, test } from "bun:test";
import fc from "fast-check";
import { COMMAND_BYTES, COMMAND_INTS } from "../../src/core/command.ts";
import { type InboundBatch, InboundRing, type Origin } from "../../src/router/inbound-ring.ts";

function createOrigin(): Origin {
  return { batch: 0, last: -1, deliver: () => {}, fail: () => {} };
}

/** The records of each origin in the batch, as its outcome would be told. */
function recordsByOrigin(batch: InboundBatch): Map<Origin, number[]> {
  return new Map(
    batch.origins.map((origin, i) => {
      const records: number[] = [];
      for (let r = batch.firsts[i]; r !== -1; r = batch.next[r]) records.push(r);
      return [origin, records];
    }),
  );
}

test("links the records of each origin, whoever claims in between", () => {
  const ring = new InboundRing(16);
  const [a, b, c] = [createOrigin(), createOrigin(), createOrigin()];
  expect([a, b, a, c, b, a].map((origin) => ring.claim(origin))).toEqual([0, 1, 2, 3, 4, 5]);
  const batch = ring.turn();
  expect(batch.count).toBe(6);
  expect(recordsByOrigin(batch)).toEqual(
    new Map([
      [a, [0, 2, 5]],
      [b, [1, 4]],
      [c, [3]],
    ]),
  );
});

test("what an origin claims for the next tick leaves the one in flight as it is", () => {
  const ring = new InboundRing(16);
  const [a, b] = [createOrigin(), createOrigin()];
  for (const origin of [b, a, a]) ring.claim(origin);
  const flying = ring.turn();
  for (const origin of [a, b, a]) ring.claim(origin);
  expect(recordsByOrigin(flying)).toEqual(
    new Map([
      [b, [0]],
      [a, [1, 2]],
    ]),
  );
  expect(recordsByOrigin(ring.turn())).toEqual(
    new Map([
      [a, [0, 2]],
      [b, [1]],
    ]),
  );
});

test("a full half refuses, and takes again when it has become the other's turn", () => {
  const ring = new InboundRing(8);
  const origin = createOrigin();
  const claims = () => Array.from({ length: 5 }, () => ring.claim(origin));
  expect(claims()).toEqual([0, 1, 2, 3, -1]);
  const first = ring.turn();
  expect(claims()).toEqual([0, 1, 2, 3, -1]);
  expect(first.count).toBe(4);
  const second = ring.turn();
  expect(second).not.toBe(first);
  expect(ring.gathering).toBe(first);
  expect(ring.gathering.count).toBe(0);
  expect(claims()).toEqual([0, 1, 2, 3, -1]);
});

test("claims zeroed records, wherever they stand", () => {
  const ring = new InboundRing(4);
  const origin = createOrigin();
  const zeros = new Array(COMMAND_INTS).fill(0);
  for (let turn = 0; turn < 4; turn++) {
    for (let claim = 0; claim < 2; claim++) {
      const words = (ring.claim(origin) + 1) * COMMAND_INTS;
      const record = ring.gathering.ints.subarray(words, words + COMMAND_INTS);
      expect([...record]).toEqual(zeros);
      record.fill(-1);
    }
    ring.turn();
  }
});

test("hands the journal the head and the records, and nothing after them", () => {
  const ring = new InboundRing(8);
  const origin = createOrigin();
  for (let i = 0; i < 3; i++) ring.claim(origin);
  const batch = ring.turn();
  const written = batch.written();
  expect(written.length).toBe(4 * COMMAND_BYTES);
  expect(written.buffer).toBe(batch.ints.buffer);
  expect(written.byteOffset).toBe(0);
});

test("every record of a batch is one origin's, in the order of its claims", () => {
  const claimOrTurn = fc.oneof(
    { weight: 8, arbitrary: fc.nat({ max: 4 }) },
    { weight: 1, arbitrary: fc.constant("turn" as const) },
  );
  fc.assert(
    fc.property(fc.array(claimOrTurn, { maxLength: 80 }), (steps) => {
      const ring = new InboundRing(12);
      const origins = Array.from({ length: 5 }, createOrigin);
      let claimed = new Map<Origin, number[]>();
      let flying: { batch: InboundBatch; claimed: Map<Origin, number[]> } | null = null;
      for (const step of steps) {
        if (step === "turn") {
          flying = { batch: ring.turn(), claimed };
          claimed = new Map();
        } else {
          const origin = origins[step];
          const record = ring.claim(origin);
          if (record >= 0) claimed.set(origin, [...(claimed.get(origin) ?? []), record]);
        }
        if (flying !== null) expect(recordsByOrigin(flying.batch)).toEqual(flying.claimed);
        expect(recordsByOrigin(ring.gathering)).toEqual(claimed);
      }
    }),
  );
});
