/** `proto/journal.md` says what the code does. */

import { expect, test } from "bun:test";
import { join } from "node:path";
import * as command from "../../../src/core/command.ts";
import * as layout from "../../../src/persistence/wal/layout.ts";

const page = await Bun.file(join(import.meta.dir, "../../../proto/journal.md")).text();

/** The rows of the first table after `heading`, as cells without their heading and rule. */
function tableAfter(heading: string): string[][] {
  const start = page.indexOf(`\n${heading}\n`);
  if (start < 0) throw new Error(`no heading "${heading}"`);
  const table = /(?:^\|.*\n)+/m.exec(page.slice(start));
  if (table === null) throw new Error(`no table after "${heading}"`);
  const rows = table[0].trimEnd().split("\n").slice(2);
  return rows.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** Field name to byte offset. */
function documentedFields(heading: string): Record<string, number> {
  return Object.fromEntries(tableAfter(heading).map(([byte, , field]) => [field, Number(byte)]));
}

/** The offsets that a header's constants give, by field. */
function headerFields(prefix: string): Record<string, number> {
  const fields: Record<string, number> = {
    MAGIC: layout.MAGIC_BYTE,
    OWN_HASH: layout.OWN_HASH_BYTE,
    VERSION: layout.VERSION_BYTE,
    PREVIOUS_HASH: layout.PREVIOUS_HASH_BYTE,
  };
  for (const [name, value] of Object.entries(layout)) {
    const match = new RegExp(`^${prefix}_(.*)_BYTE$`).exec(name);
    if (match !== null) fields[match[1] as string] = value as number;
  }
  return fields;
}

/** The offsets in the command record: constants count 32-bit words, or 64-bit ones in `_F64`. */
function commandFields(): Record<string, number> {
  const fields: Record<string, number> = {};
  for (const [name, value] of Object.entries(command)) {
    const match = /^C_(.*?)(_F64)?$/.exec(name);
    if (match === null || /_(INTS|BYTE|BYTES)$/.test(name)) continue;
    fields[match[1] as string] = (value as number) * (match[2] === undefined ? 4 : 8);
  }
  return fields;
}

test("both headers stand where the page says", () => {
  expect(documentedFields("## Segment header")).toEqual(headerFields("SEGMENT"));
  expect(documentedFields("## Batch header")).toEqual(headerFields("BATCH"));
});

test("the command record stands where the page says", () => {
  expect(documentedFields("## Command record")).toEqual(commandFields());
});

test("no field overlaps the next, and none passes the end", () => {
  for (const heading of ["## Segment header", "## Batch header", "## Command record"]) {
    let end = 0;
    for (const [byte, size] of tableAfter(heading)) {
      expect(Number(byte)).toBeGreaterThanOrEqual(end);
      end = Number(byte) + Number(size);
    }
    expect(end).toBe(command.COMMAND_BYTES);
  }
});

test("the page lists every kind of command, and the magic words and version", () => {
  const kinds = tableAfter("Kinds:").map(([number, name]) => [name, Number(number)]);
  expect(Object.fromEntries(kinds)).toEqual(command.CommandKind);
  const text = (magic: readonly number[]): string =>
    new TextDecoder().decode(new Int32Array(magic).buffer);
  expect(tableAfter("## Segment header")[0]?.[4]).toBe(`\`${text(layout.SEGMENT_MAGIC)}\``);
  expect(tableAfter("## Batch header")[0]?.[4]).toBe(`\`${text(layout.BATCH_MAGIC)}\``);
  expect(page).toContain(`Format version **${layout.JOURNAL_VERSION}**.`);
});

test("segment names", () => {
  expect([1, 999_999, 1_234_567].map(layout.segmentName)).toEqual([
    "wal_000001.log",
    "wal_999999.log",
    "wal_1234567.log",
  ]);
  const names = ["wal_000001.log", "wal_1234567.log", "wal_0000001.log", "wal_1.log", "lock"];
  expect(names.map(layout.segmentNumber)).toEqual([1, 1_234_567, null, null, null]);
});
