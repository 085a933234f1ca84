import { ptr } from "bun:ffi";
import { expect, test } from "bun:test";
import { giveBackZeros } from "../../src/host/zero-pages.ts";

const WORDS = 1 << 20;
/** A table that was written all over and cleared again. */
const cleared = (): Int32Array => new Int32Array(WORDS).fill(1).fill(0);

const isKnown = giveBackZeros([cleared()]) > 0;

test.skipIf(!isKnown)(
  "pages of zeros are given back to the system once, and read as zeros afterwards",
  () => {
    const table = cleared();
    const given = giveBackZeros([table]);
    // All but the part of a page at each end.
    expect(given).toBeGreaterThan(table.byteLength - (1 << 17));
    expect(given).toBeLessThanOrEqual(table.byteLength);
    expect(giveBackZeros([table])).toBe(0);
    expect(table.every((word) => word === 0)).toBe(true);
  },
);

test("words that are not zero stay, wherever they are in their page", () => {
  const table = cleared();
  const kept = [0, 1, 1023, 1024, 5000, 300_000, 300_001, WORDS - 1];
  for (const at of kept) table[at] = -at - 1;
  giveBackZeros([table]);
  const expected = new Int32Array(WORDS);
  for (const at of kept) expected[at] = -at - 1;
  expect(Buffer.from(table.buffer).equals(Buffer.from(expected.buffer))).toBe(true);
});

test("no memory beside a table is given back", () => {
  const all = new Uint8Array(1 << 20).fill(7);
  const inner = all.subarray(5001, 900_003).fill(0);
  giveBackZeros([inner, all.subarray(3, 3), new Uint8Array(0)]);
  expect(all.subarray(0, 5001).every((byte) => byte === 7)).toBe(true);
  expect(all.subarray(900_003).every((byte) => byte === 7)).toBe(true);
  expect(inner.every((byte) => byte === 0)).toBe(true);
  expect(Number(ptr(inner))).toBe(Number(ptr(all)) + 5001);
});
