import { expect, test } from "bun:test";
import { COMMAND_BYTES } from "../../../src/core/command.ts";
import { BATCH_HEADER_BYTES } from "../../../src/persistence/backend.ts";
import { BatchWindow } from "../../../src/persistence/wal/batch-window.ts";
import { HASHED_BYTE } from "../../../src/persistence/wal/layout.ts";

test("it shows exactly the batch that was asked for, whatever was shown before", () => {
  const counts = [1, 9, 2, 8, 1, 40, 3];
  const bytesOf = (count: number) => BATCH_HEADER_BYTES + count * COMMAND_BYTES;
  const bytes = new Uint8Array(counts.reduce((sum, count) => sum + bytesOf(count), 0));
  for (let i = 0; i < bytes.length; i++) bytes[i] = Math.imul(i, 0x9e3779b1) >>> 24;
  const window = new BatchWindow(new Int32Array(bytes.buffer));
  let offset = 0;
  for (const count of counts) {
    const batch = bytes.subarray(offset, offset + bytesOf(count));
    window.show(offset, count);
    const records = batch.slice(BATCH_HEADER_BYTES);
    expect(window.hashed).toEqual(batch.slice(HASHED_BYTE));
    expect(window.ints).toEqual(new Int32Array(records.buffer));
    expect(new Uint8Array(window.doubles.slice().buffer)).toEqual(records);
    offset += batch.length;
  }
});
