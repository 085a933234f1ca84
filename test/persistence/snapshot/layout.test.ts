/** `proto/snapshot.md` says what the code does. */

import { expect, test } from "bun:test";
import { RULES_VERSION } from "../../../src/core/rules.ts";
import * as layout from "../../../src/persistence/snapshot/layout.ts";
import { DocumentedLayout } from "../documented-layout.ts";

const page = await DocumentedLayout.read("snapshot.md");

test("header and table have the layout of the page", () => {
  expect(page.fields("## Header")).toEqual({
    MAGIC: layout.MAGIC_BYTE,
    OWN_HASH: layout.OWN_HASH_BYTE,
    VERSION: layout.VERSION_BYTE,
    HEADER_BYTES: layout.HEADER_BYTES_BYTE,
    TICK: layout.TICK_BYTE,
    SEQUENCE: layout.SEQUENCE_BYTE,
    TIMESTAMP: layout.TIMESTAMP_BYTE,
    EXCHANGE_ID: layout.EXCHANGE_ID_BYTE,
    NEXT_SEGMENT: layout.NEXT_SEGMENT_BYTE,
    SYMBOLS_MAX: layout.SYMBOLS_MAX_BYTE,
    CHAIN_HASH: layout.CHAIN_HASH_BYTE,
    STATE_HASH: layout.STATE_HASH_BYTE,
    SECTION_COUNT: layout.SECTION_COUNT_BYTE,
  });
  expect(page.fields("## Section table")).toEqual({
    NAME: layout.ENTRY_NAME_BYTE,
    LENGTH: layout.ENTRY_LENGTH_BYTE,
    HASH: layout.ENTRY_HASH_BYTE,
  });
});

test("no two fields overlap, and none passes the end", () => {
  const ends = { "## Header": layout.TABLE_BYTE, "## Section table": layout.ENTRY_BYTES };
  for (const [heading, bytes] of Object.entries(ends)) {
    let end = 0;
    for (const [byte, size] of page.tableAfter(heading)) {
      expect(Number(byte)).toBeGreaterThanOrEqual(end);
      end = Number(byte) + Number(size);
    }
    expect(end).toBeLessThanOrEqual(bytes);
  }
});

test("the page has the magic word, the version and the sizes", () => {
  const magic = new TextDecoder().decode(new Int32Array(layout.SNAPSHOT_MAGIC).buffer);
  expect(page.tableAfter("## Header")[0]?.[4]).toBe(`\`${magic}\``);
  expect(page.text).toContain(`Format version **${layout.SNAPSHOT_VERSION}**.`);
  expect(page.text).toContain(`The table begins at byte ${layout.TABLE_BYTE}`);
  expect(page.text).toContain(`${layout.ENTRY_BYTES} bytes each`);
});

test("every version up to this one can be read, and has a row in the history", () => {
  const versions = Array.from({ length: layout.SNAPSHOT_VERSION }, (_, i) => String(i + 1));
  expect(Object.keys(layout.HEADER_PARSERS)).toEqual(versions);
  expect(page.tableAfter("## History").map(([version]) => version)).toEqual(versions);
});

test("a program that does not know the latest rules of the core refuses snapshots and journals that use them", async () => {
  for (const { text } of [page, await DocumentedLayout.read("journal.md")])
    expect(text).toContain(`version ${RULES_VERSION} of the rules`);
});

test("names", () => {
  expect([1, 999_999_999_999, 1_234_567_890_123].map(layout.snapshotName)).toEqual([
    "snapshot_000000000001.snap",
    "snapshot_999999999999.snap",
    "snapshot_1234567890123.snap",
  ]);
  const names = [
    "snapshot_000000012345.snap",
    "snapshot_0000000012345.snap",
    "snapshot_12345.snap",
    "snapshot_000000012345.snap.tmp",
    "snapshot_000000012345.snap.unusable",
  ];
  expect(names.map(layout.snapshotTick)).toEqual([12_345, null, null, null, null]);
});
