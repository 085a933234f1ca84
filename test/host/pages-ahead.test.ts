import { expect, test } from "bun:test";
import { PagesAhead } from "../../src/host/pages-ahead.ts";
import { type Store, store } from "../../src/lib/store.ts";
import { backed, freshTable } from "./backed.ts";

const MIB = 1 << 20;
const many = (): number => 100_000;
/** An order fills 160 bytes of it. */
const filling = (store: Store) => ({ store, orderBytes: 160 });

const isKnown = new PagesAhead([filling(store("any", new Int32Array(MIB), () => 1))], many).step();

test.skipIf(!isKnown)(
  "what 100,000 orders fill of a table is backed, wherever it is written",
  () => {
    const table = freshTable(128 * MIB);
    let used = 0;
    const ahead = new PagesAhead([filling(store("table", table, () => used))], many);
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
  },
);

test.skipIf(!isKnown)(
  "where few orders are open, little is backed, and more as they become more",
  () => {
    const table = freshTable(32 * MIB);
    let open = 0;
    const ahead = new PagesAhead([filling(store("table", table, () => 0))], () => open);
    const run = (): number => {
      while (ahead.step());
      return Math.round(backed(table));
    };
    expect(run()).toBeLessThan(2);
    open = 50_000;
    expect(run()).toBe(8);
    open = 10_000_000;
    expect(run()).toBe(15);
  },
);

test.skipIf(!isKnown)(
  "no table is left behind while another one needs a little all the time",
  () => {
    const [busy, other] = [freshTable(32 * MIB), freshTable(32 * MIB)];
    let used = 0;
    const tables = [store("busy", busy, () => used), store("other", other, () => 0)].map(filling);
    const ahead = new PagesAhead(tables, many);
    for (let n = 0; n < 100; n++) {
      used += 1000;
      ahead.step();
    }
    expect(Math.round(backed(other))).toBe(15);
  },
);

test("a table that is full or of length 0 has no pages ahead", () => {
  const full = filling(store("full", new Int32Array(MIB)));
  const none = filling(store("none", new Int32Array(0)));
  expect(new PagesAhead([full, none], many).step()).toBe(false);
  expect(new PagesAhead([], many).step()).toBe(false);
});

test("nothing is written beyond a table that ends in the middle of a page", () => {
  const words = new Int32Array(100_003);
  const ahead = new PagesAhead([filling(store("odd", words.subarray(0, 100_001), () => 1))], many);
  while (ahead.step());
  expect(words.every((word) => word === 0)).toBe(true);
});
