/** `proto/journal.md` says what the code does. */

import { expect, test } from "bun:test";
import * as command from "../../../src/core/command.ts";
import * as layout from "../../../src/persistence/wal/layout.ts";
import { DocumentedLayout } from "../documented-layout.ts";

const page = await DocumentedLayout.read("journal.md");

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
  expect(page.fields("## Segment header")).toEqual(headerFields("SEGMENT"));
  expect(page.fields("## Batch header")).toEqual(headerFields("BATCH"));
});

test("the command record stands where the page says", () => {
  expect(page.fields("## Command record")).toEqual(commandFields());
});

test("no two fields overlap, and none passes the end", () => {
  for (const heading of ["## Segment header", "## Batch header", "## Command record"]) {
    let end = 0;
    for (const [byte, size] of page.tableAfter(heading)) {
      expect(Number(byte)).toBeGreaterThanOrEqual(end);
      end = Number(byte) + Number(size);
    }
    expect(end).toBe(command.COMMAND_BYTES);
  }
});

test("the page lists every kind of command, and the magic words and version", () => {
  const kinds = page.tableAfter("Kinds:").map(([number, name]) => [name, Number(number)]);
  expect(Object.fromEntries(kinds)).toEqual(command.CommandKind);
  const text = (magic: readonly number[]): string =>
    new TextDecoder().decode(new Int32Array(magic).buffer);
  expect(page.tableAfter("## Segment header")[0]?.[4]).toBe(`\`${text(layout.SEGMENT_MAGIC)}\``);
  expect(page.tableAfter("## Batch header")[0]?.[4]).toBe(`\`${text(layout.BATCH_MAGIC)}\``);
  expect(page.text).toContain(`Format version **${layout.JOURNAL_VERSION}**.`);
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
