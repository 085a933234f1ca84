import { expect, test } from "bun:test";
import { COMMAND_BYTES } from "../../../src/core/command.ts";
import { HashedBytes } from "../../../src/persistence/wal/hashed-bytes.ts";
import { BATCH_HEADER_BYTES, HASHED_BYTE } from "../../../src/persistence/wal/layout.ts";

test("they are exactly those of the batch that was asked for, whatever was asked before", () => {
  const counts = [1, 9, 2, 8, 1, 40, 3];
  const bytesOf = (count: number) => BATCH_HEADER_BYTES + count * COMMAND_BYTES;
  const bytes = new Uint8Array(counts.reduce((sum, count) => sum + bytesOf(count), 0));
  for (let i = 0; i < bytes.length; i++) bytes[i] = Math.imul(i, 0x9e3779b1) >>> 24;
  const hashedBytes = new HashedBytes(new Int32Array(bytes.buffer));
  let offset = 0;
  for (const count of counts) {
    const batch = bytes.subarray(offset, offset + bytesOf(count));
    expect(hashedBytes.of(offset, batch.length)).toEqual(batch.slice(HASHED_BYTE));
    offset += batch.length;
  }
});
