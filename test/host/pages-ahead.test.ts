import { ptr } from "bun:ffi";
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { PagesAhead } from "../../src/host/pages-ahead.ts";
import { store } from "../../src/lib/store.ts";

const MIB = 1 << 20;

/** MiB that are backed of the memory at `address` and what the system keeps together with it. */
function backed(address: number): number {
  let isWithin = false;
  for (const line of readFileSync("/proc/self/smaps", "utf8").split("\n")) {
    const range = /^([0-9a-f]+)-([0-9a-f]+) /.exec(line);
    if (range !== null) {
      isWithin = Number(`0x${range[1]}`) <= address && address < Number(`0x${range[2]}`);
    } else if (isWithin && line.startsWith("Rss:")) {
      return Number.parseInt(line.slice("Rss:".length), 10) / 1024;
    }
  }
  return Number.NaN;
}

const isKnown = new PagesAhead([store("any", new Int32Array(MIB), () => 1)]).step();

test.skipIf(!isKnown)("the next 16 MiB of a table are backed, wherever it is written", () => {
  const table = new Float64Array((128 * MIB) / 8);
  let used = 0;
  const ahead = new PagesAhead([store("table", table, () => used)]);
  const before = backed(ptr(table));
  /** In pieces of 16 MiB: a page more or less, and what else lies there, do not count. */
  const run = (): number => {
    while (ahead.step());
    return Math.round((backed(ptr(table)) - before) / 16);
  };
  expect(run()).toBe(1);
  used = (20 * MIB) / 4;
  // What nobody wrote in between is passed over.
  expect(run()).toBe(2);
  used = (128 * MIB) / 4;
  expect(run()).toBe(2);
  expect([table[0], table[MIB]]).toEqual([0, 0]);
});

test("a table that is full, or has nothing, has nothing ahead", () => {
  const full = store("full", new Int32Array(MIB));
  expect(new PagesAhead([full, store("none", new Int32Array(0))]).step()).toBe(false);
  expect(new PagesAhead([]).step()).toBe(false);
});

test("a table that ends in the middle of a page is not written beyond", () => {
  const words = new Int32Array(100_003);
  const ahead = new PagesAhead([store("odd", words.subarray(0, 100_001), () => 1)]);
  while (ahead.step());
  expect(words.every((word) => word === 0)).toBe(true);
});
