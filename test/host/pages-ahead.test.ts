import { expect, test } from "bun:test";
import { PagesAhead } from "../../src/host/pages-ahead.ts";
import { store } from "../../src/lib/store.ts";
import { backed, freshTable } from "./backed.ts";

const MIB = 1 << 20;
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
