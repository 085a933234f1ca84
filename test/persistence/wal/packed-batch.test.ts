import { expect, test } from "bun:test";
import { COMMAND_BYTES } from "../../../src/core/command.ts";
import { NO_STATE_CHECK } from "../../../src/persistence/backend.ts";
import {
  BATCH_HEADER_BYTES,
  fillBatchHeader,
  HASH_INTS,
  UNIT_BYTES,
} from "../../../src/persistence/wal/layout.ts";
import { BatchPacker, BatchUnpacker } from "../../../src/persistence/wal/packed-batch.ts";

/** Random records; `hasText` says which have a text. */
function batchOf(count: number, hasText: (record: number) => boolean): Uint8Array<ArrayBuffer> {
  const batch = new Uint8Array(count * COMMAND_BYTES);
  crypto.getRandomValues(batch);
  for (let i = 0; i < count; i++) {
    const end = (i + 1) * COMMAND_BYTES;
    if (!hasText(i)) batch.fill(0, end - UNIT_BYTES, end);
  }
  return batch;
}

function packed(batch: Uint8Array): Uint8Array {
  const packer = new BatchPacker();
  const count = batch.length / COMMAND_BYTES;
  const bytes = packer.pack(batch, count).slice();
  const info = { tick: 1, firstSequence: 1, timestamp: 1, count, ...NO_STATE_CHECK };
  fillBatchHeader(bytes, info, packer.texts, 0, new Int32Array(HASH_INTS));
  return bytes;
}

/** Unpacks one batch after the other, each from its place in one segment. */
function expectUnpacked(batches: Uint8Array<ArrayBuffer>[], unpacker = new BatchUnpacker()): void {
  const stored = batches.map(packed);
  const segment = new Int32Array(new Uint8Array(Buffer.concat(stored)).buffer);
  let offset = 0;
  for (const [i, batch] of batches.entries()) {
    const bytes = stored[i] as Uint8Array;
    expect(unpacker.unpack(segment, offset)).toBe(true);
    const { ints, doubles } = unpacker;
    const unpacked = new Uint8Array(ints.buffer, 0, BATCH_HEADER_BYTES + batch.length);
    expect(doubles.buffer).toBe(ints.buffer);
    expect(unpacked.slice(BATCH_HEADER_BYTES)).toEqual(batch);
    expect(unpacked.slice(0, BATCH_HEADER_BYTES)).toEqual(bytes.slice(0, BATCH_HEADER_BYTES));
    offset += bytes.length;
  }
}

test("a batch is unpacked unchanged, whatever was unpacked before", () => {
  const all = [1, 9, 2, 8, 1, 40, 3, 16, 17, 300, 5, 40].map((count, i) => {
    const rules = [() => false, () => true, (record: number) => record % 3 === i % 3];
    return batchOf(count, rules[i % 3] as (record: number) => boolean);
  });
  // Then each again with the other texts, also in memory that has had more of them.
  const others = all.map((batch, i) => batchOf(batch.length / COMMAND_BYTES, () => i % 2 === 0));
  const batches = [...all, ...others, ...all];
  expectUnpacked(batches);
});

test("records without texts take half the space", () => {
  const unitsOf = (count: number, hasText: (record: number) => boolean): number =>
    (packed(batchOf(count, hasText)).length - BATCH_HEADER_BYTES) / UNIT_BYTES;
  expect(unitsOf(100, () => false)).toBe(100);
  expect(unitsOf(100, () => true)).toBe(200);
  expect(unitsOf(512, (record) => record < 3)).toBe(512 + 1 + 3);
  expect(unitsOf(513, (record) => record < 3)).toBe(513 + 2 + 3);
});

test("a text of one byte, wherever it stands, is a text", () => {
  for (let at = 0; at < UNIT_BYTES; at++) {
    const batch = batchOf(3, () => false);
    batch[COMMAND_BYTES + UNIT_BYTES + at] = 1 + at;
    expectUnpacked([batch]);
  }
});

test("a batch whose map has another number of texts than its header is not taken", () => {
  const batches = [batchOf(3, (record) => record !== 1), batchOf(2, () => false)];
  const stored = batches.map(packed);
  const map = (BATCH_HEADER_BYTES + 3 * UNIT_BYTES) >> 2;
  for (const bits of [0b000, 0b001, 0b111, 0b1001]) {
    const ints = new Int32Array(new Uint8Array(Buffer.concat(stored)).buffer);
    expect(ints[map]).toBe(0b101);
    ints[map] = bits;
    const unpacker = new BatchUnpacker();
    expect(unpacker.unpack(ints, 0)).toBe(false);
    expectUnpacked(batches.slice(1), unpacker);
  }
});
