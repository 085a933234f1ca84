/** A snapshot that was altered in any place is refused, and the one before gives the same state. */

import { describe, expect, test } from "bun:test";
import * as layout from "../../../src/persistence/snapshot/layout.ts";
import { SnapshotFile } from "../../../src/persistence/snapshot/snapshot-file.ts";
import { SnapshotUnusableError } from "../../../src/persistence/snapshot.ts";
import { makeBatches, write } from "../journals.ts";
import { MemoryPersistence } from "../memory-persistence.ts";
import { replayAll, Tally, takeSnapshot } from "../tally.ts";
import { MemoryFileSystem } from "../wal/memory-file-system.ts";

/** Segments 1 to 3 hold a tick each; snapshots stand after the first two. */
async function exchange() {
  const backend = new MemoryPersistence(undefined, { segmentBytes: 1024 });
  const { disk } = backend;
  backend.recover(new Tally());
  backend.open();
  await write(backend, makeBatches([6, 5, 4]));
  await backend.close();
  const place = { walDirectory: "wal", snapshotDirectory: "snapshots", fileSystem: disk };
  const older = takeSnapshot(place, 1).file;
  const newer = takeSnapshot(place, 2).file;
  const files = ["wal/wal_000002.log", "wal/wal_000003.log", older, newer];
  // Segment 1 is needed by none of them.
  const kept = files.map((path): [string, Uint8Array] => [path, disk.contents(path).slice()]);
  return { kept, whole: replayAll(place), older, newer, bytes: disk.contents(newer).slice() };
}

const { kept, whole, older, newer, bytes } = await exchange();

function diskWith(altered: Uint8Array): MemoryFileSystem {
  const disk = new MemoryFileSystem();
  for (const directory of ["wal", "snapshots"]) disk.makeDirectory(directory);
  for (const [path, content] of kept) disk.place(path, content);
  disk.place(newer, altered);
  return disk;
}

/** Where the snapshot was refused. */
function refusal(disk: MemoryFileSystem): { file: string; offset: number } {
  try {
    const snapshot = new SnapshotFile(newer, disk);
    try {
      snapshot.verifyRest();
    } finally {
      snapshot.close();
    }
  } catch (error) {
    if (!(error instanceof SnapshotUnusableError)) throw error;
    return { file: error.file, offset: error.offset };
  }
  throw new Error("it was accepted");
}

function expectFallback(label: string, altered: Uint8Array, offsets: readonly number[]): void {
  const disk = diskWith(altered);
  const { file, offset } = refusal(disk);
  if (file !== newer || !offsets.includes(offset)) {
    throw new Error(`${label}: refused at ${file}, byte ${offset}, not at ${offsets}`);
  }
  const tally = new Tally();
  const { snapshot, unusable } = new MemoryPersistence(disk).recover(tally);
  expect([label, tally.state()]).toEqual([label, whole]);
  expect([label, snapshot, unusable]).toEqual([
    label,
    { file: older, tick: 1 },
    [{ tick: 2, file: newer, reason: unusable[0]?.reason ?? "", movedTo: `${newer}.unusable` }],
  ]);
  expect(disk.contents(`${newer}.unusable`)).toEqual(altered);
}

/** Where each section begins. */
const SECTIONS = [53, 21, 5].map((left) => bytes.length - left);
const HEADER_BYTES = layout.headerBytes(4);

function expectedOffsets(offset: number): number[] {
  const section = SECTIONS.findLast((start) => offset >= start);
  if (section !== undefined) return [section];
  // Another length of the header may be none that a header has, or longer than the file, or wrong.
  if (offset >= layout.HEADER_BYTES_BYTE && offset < layout.PREFIX_BYTES) {
    return [layout.HEADER_BYTES_BYTE, bytes.length, 0];
  }
  return [0];
}

describe("a small snapshot", () => {
  test("is header, table and sections", () => {
    expect(SECTIONS[0]).toBe(HEADER_BYTES);
    const tally = new Tally();
    expect(new MemoryPersistence(diskWith(bytes)).recover(tally).snapshot).toEqual({
      file: newer,
      tick: 2,
    });
    expect(tally.state()).toEqual(whole);
  });

  test("every cut", () => {
    for (let length = 0; length < bytes.length; length++) {
      expectFallback(`cut to ${length}`, bytes.slice(0, length), [length]);
    }
  });

  test("every byte flipped", () => {
    for (let offset = 0; offset < bytes.length; offset++) {
      for (const mask of [0xff, 1 << (offset % 8)]) {
        const altered = bytes.slice();
        altered[offset] = (altered[offset] as number) ^ mask;
        expectFallback(`byte ${offset} ^ ${mask}`, altered, expectedOffsets(offset));
      }
    }
  });

  test("bytes after its end", () => {
    expectFallback("one more", new Uint8Array([...bytes, 0]), [bytes.length]);
  });
});
