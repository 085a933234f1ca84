import { ptr } from "bun:ffi";
import { expect, test } from "bun:test";
import { openPopulate } from "../../src/host/madvise.ts";
import { TablesAhead } from "../../src/host/tables-ahead.ts";
import { backed, freshTable } from "./backed.ts";

const MIB = 1 << 20;
const isKnown = openPopulate() !== null;

test.skipIf(!isKnown)(
  "backs two MiB beyond what is in use, and no table that nothing fills",
  () => {
    const tables = [freshTable(64 * MIB), freshTable(64 * MIB)];
    const used = [0, 0];
    const ahead = new TablesAhead(
      tables.map((table) => ({ address: ptr(table), bytes: table.byteLength })),
      (table) => used[table],
    );
    ahead.back();
    expect(tables.map(backed)).toEqual([0, 0]);
    used[0] = (10 * MIB) / 4;
    tables[0][9] = 1.5;
    ahead.back();
    expect(backed(tables[0])).toBeWithin(1.9, 2.2);
    used[0] = (11 * MIB) / 4;
    ahead.back();
    expect(backed(tables[0])).toBeWithin(2.9, 3.2);
    expect(backed(tables[1])).toBe(0);
    expect(tables[0].every((word, i) => word === (i === 9 ? 1.5 : 0))).toBe(true);
  },
);

test.skipIf(!isKnown)("backs nothing beyond the end of a table", () => {
  const table = freshTable(8 * MIB);
  const words = table.subarray(0, (3 * MIB) / 8);
  const ahead = new TablesAhead([{ address: ptr(words), bytes: words.byteLength }], () => MIB / 2);
  ahead.back();
  expect(backed(table)).toBeWithin(0.9, 1.01);
});

test.skipIf(!isKnown)(
  "backs only as much as it is asked to, and only when enough bytes are missing",
  () => {
    const table = freshTable(8 * MIB);
    let used = 0;
    const memory = { address: ptr(table), bytes: table.byteLength };
    const stretch = { aheadBytes: MIB, stepBytes: MIB / 2 };
    const ahead = new TablesAhead([memory], () => used / 4, stretch);
    const backedAfter = (bytes: number): number => {
      used = bytes;
      ahead.back();
      return backed(table);
    };
    expect(backedAfter(MIB / 8)).toBeWithin(0.9, 1.2);
    expect(backedAfter(MIB / 2)).toBeWithin(0.9, 1.2);
    expect(backedAfter(MIB)).toBeWithin(1.8, 2.1);
  },
);
