import { ptr } from "bun:ffi";
import { expect, test } from "bun:test";
import { closeSync, openSync, readSync } from "node:fs";
import { openMadvise } from "../../src/host/madvise.ts";
import { PagesAhead } from "../../src/host/pages-ahead.ts";
import { store } from "../../src/lib/store.ts";

const MIB = 1 << 20;
/** A page, and what /proc/self/pagemap has of it. */
const PAGE_BYTES = 4096;
const ENTRY_BYTES = 8;
const MADV_DONTNEED = 4;
const MADV_NOHUGEPAGE = 15;

/** MiB of the table itself that are backed: of each of its pages the system says whether it is there. */
function backed(table: Float64Array): number {
  const first = Math.floor(ptr(table) / PAGE_BYTES);
  const entries = new BigUint64Array(Math.floor(table.byteLength / PAGE_BYTES));
  const file = openSync("/proc/self/pagemap", "r");
  readSync(file, entries, 0, entries.byteLength, first * ENTRY_BYTES);
  closeSync(file);
  return (entries.filter((entry) => entry >> 63n === 1n).length * PAGE_BYTES) / MIB;
}

/** A table of zeros of which nothing is backed: memory that was used before is cleared, and so backed, by the runtime. */
function freshTable(byteLength: number): Float64Array {
  const table = new Float64Array(byteLength / 8);
  const first = Math.ceil(ptr(table) / PAGE_BYTES) * PAGE_BYTES;
  const end = Math.floor((ptr(table) + byteLength) / PAGE_BYTES) * PAGE_BYTES;
  for (const advice of [MADV_NOHUGEPAGE, MADV_DONTNEED])
    openMadvise()?.(first, end - first, advice);
  return table;
}

const many = (): number => 100_000;

const isKnown = new PagesAhead([store("any", new Int32Array(MIB), () => 1)], many).step();

test.skipIf(!isKnown)("the next 16 MiB of a table are backed, wherever it is written", () => {
  const table = freshTable(128 * MIB);
  let used = 0;
  const ahead = new PagesAhead([store("table", table, () => used)], many);
  /** In pieces of 16 MiB: a page more or less does not count. */
  const run = (): number => {
    while (ahead.step());
    return Math.round(backed(table) / 16);
  };
  expect(run()).toBe(1);
  used = (20 * MIB) / 4;
  // What nobody wrote in between is passed over.
  expect(run()).toBe(2);
  used = (128 * MIB) / 4;
  expect(run()).toBe(2);
  expect([table[0], table[MIB]]).toEqual([0, 0]);
});

test.skipIf(!isKnown)(
  "where few orders are open, little is backed, and more as they become more",
  () => {
    const table = freshTable(32 * MIB);
    let open = 0;
    const ahead = new PagesAhead([store("table", table, () => 0)], () => open);
    const run = (): number => {
      while (ahead.step());
      return Math.round(backed(table));
    };
    expect(run()).toBeLessThan(2);
    open = 50_000;
    expect(run()).toBe(9);
    open = 10_000_000;
    expect(run()).toBe(16);
  },
);

test("a table that is full, or has nothing, has nothing ahead", () => {
  const full = store("full", new Int32Array(MIB));
  expect(new PagesAhead([full, store("none", new Int32Array(0))], many).step()).toBe(false);
  expect(new PagesAhead([], many).step()).toBe(false);
});

test("a table that ends in the middle of a page is not written beyond", () => {
  const words = new Int32Array(100_003);
  const ahead = new PagesAhead([store("odd", words.subarray(0, 100_001), () => 1)], many);
  while (ahead.step());
  expect(words.every((word) => word === 0)).toBe(true);
});
