import { expect, test } from "bun:test";
import { freshDoubles, freshInts } from "../../src/lib/fresh-memory.ts";

/** More than comes from the system at once. */
const MANY_BYTES = 80 << 20;

test("tables are zeros, have the requested length, and share no memory", () => {
  const tables = [freshInts(3), freshDoubles(5), freshInts(0), freshInts(MANY_BYTES / 4)];
  for (let bytes = 0; bytes < MANY_BYTES; bytes += 8 << 20) tables.push(freshDoubles(1 << 20));
  expect(tables.slice(0, 5).map(({ length }) => length)).toStrictEqual([
    ...[3, 5, 0, MANY_BYTES / 4],
    1 << 20,
  ]);
  for (const [i, table] of tables.entries()) {
    expect([table[0] ?? 0, table.at(-1) ?? 0]).toStrictEqual([0, 0]);
    if (table.length > 0) table[0] = i;
    if (table.length > 1) table[table.length - 1] = i;
  }
  const held = tables.filter(({ length }) => length > 0);
  const marks = held.map((table) => [table[0], table.at(-1)]);
  expect(marks).toStrictEqual(held.map((table) => [tables.indexOf(table), tables.indexOf(table)]));
});
