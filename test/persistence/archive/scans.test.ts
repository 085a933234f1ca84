import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ContentError } from "../../../src/persistence/archive/content-error.ts";
import type { BatchEnd } from "../../../src/persistence/archive/segment-scan.ts";
import { SegmentScan } from "../../../src/persistence/archive/segment-scan.ts";
import { SnapshotScan } from "../../../src/persistence/archive/snapshot-scan.ts";
import { snapshotName } from "../../../src/persistence/snapshot/layout.ts";
import { JournalFiles, START_TIME } from "./journal-files.ts";

const root = mkdtempSync(join(tmpdir(), "waiver-scan-"));
afterAll(() => rmSync(root, { recursive: true }));

const files = new JournalFiles(root);
files.addSegment([2]);
files.addSegment([1, 3, 1], { zerosAtEnd: 256 });
files.addSnapshot(700);
const segment = readFileSync(files.segmentPath(2));
const snapshot = readFileSync(join(files.snapshotDir, snapshotName(files.tick)));

/** Where the batches of `segment` end. */
const ENDS: BatchEnd[] = [
  { tick: 2, timestamp: START_TIME + 2000, offset: 128 + 256 },
  { tick: 3, timestamp: START_TIME + 3000, offset: 128 + 256 + 512 },
  { tick: 4, timestamp: START_TIME + 4000, offset: 128 + 256 + 512 + 256 },
];

/** What a scan of these bytes ends with, handed over in pieces of so many. */
function scanned(scan: SegmentScan | SnapshotScan, bytes: Uint8Array, pieceBytes = 64): unknown {
  try {
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      scan.take(bytes.subarray(at, at + pieceBytes));
    }
    return scan.end();
  } catch (error) {
    if (error instanceof ContentError) return error.message;
    throw error;
  }
}

test("a segment is the same in pieces of any size", () => {
  for (const size of [1, 7, 64, 127, 128, 129, 500, segment.length]) {
    const ends: BatchEnd[] = [];
    const scan = new SegmentScan((end) => ends.push(end));
    expect(scanned(scan, segment, size)).toEqual({
      exchangeId: "01".repeat(16),
      number: 2,
      firstTick: 2,
      lastTick: 4,
      firstSequence: 3,
      lastSequence: 7,
      firstTimestamp: START_TIME + 2000,
      lastTimestamp: START_TIME + 4000,
      previousHash: segment.subarray(96, 128).toString("hex"),
      chainHash: segment.subarray(896 + 8, 896 + 40).toString("hex"),
    });
    expect(ends).toEqual(ENDS);
    expect(scan.hasZerosAtEnd).toBe(true);
  }
});

test("a segment with any byte altered is refused", () => {
  for (let at = 0; at < segment.length; at++) {
    const altered = Uint8Array.from(segment);
    altered[at] = (altered[at] ?? 0) ^ 1;
    expect([at, typeof scanned(new SegmentScan(), altered)]).toEqual([at, "string"]);
  }
});

test("a segment cut at any length is refused, or ends with a batch", () => {
  for (let length = 0; length < segment.length; length++) {
    const result = scanned(new SegmentScan(), segment.subarray(0, length));
    const end = ENDS.findLast(({ offset }) => offset <= length);
    const isBetweenBatches = end !== undefined && (end.offset === length || end.tick === 4);
    if (isBetweenBatches) expect(result).toMatchObject({ lastTick: end.tick });
    else expect([length, typeof result]).toEqual([length, "string"]);
  }
});

test("a snapshot is the same in pieces of any size", () => {
  for (const size of [1, 47, 48, 49, 160, 500, snapshot.length]) {
    expect(scanned(new SnapshotScan(), snapshot, size)).toEqual({
      exchangeId: "01".repeat(16),
      tick: 4,
      sequence: 7,
      timestamp: START_TIME + 4000,
      nextSegment: 3,
      chainHash: segment.subarray(896 + 8, 896 + 40).toString("hex"),
    });
  }
});

test("a snapshot with any byte altered, cut at any length, or longer, is refused", () => {
  for (let at = 0; at < snapshot.length; at++) {
    const altered = Uint8Array.from(snapshot);
    altered[at] = (altered[at] ?? 0) ^ 1;
    const results = [
      scanned(new SnapshotScan(), altered),
      scanned(new SnapshotScan(), snapshot.subarray(0, at)),
    ];
    expect([at, ...results.map((result) => typeof result)]).toEqual([at, "string", "string"]);
  }
  const longer = Buffer.concat([snapshot, new Uint8Array(1)]);
  expect(scanned(new SnapshotScan(), longer)).toContain("bytes follow its last section");
});
