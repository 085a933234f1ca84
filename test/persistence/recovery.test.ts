/** Which files a start needs, and what it makes of those that are no good. */

import { describe, expect, test } from "bun:test";
import { JournalDamagedError, NO_STATE_CHECK } from "../../src/persistence/backend.ts";
import { rebuild } from "../../src/persistence/rebuild.ts";
import * as layout from "../../src/persistence/snapshot/layout.ts";
import { beginning } from "../../src/persistence/wal/journal-start.ts";
import { segmentName } from "../../src/persistence/wal/layout.ts";
import { readJournal } from "../../src/persistence/wal/recovery.ts";
import type { ReadBatch } from "./journals.ts";
import { asRead, copyOf, makeBatches, write } from "./journals.ts";
import { MemoryPersistence } from "./memory-persistence.ts";
import { replayAll, Tally, takeSnapshot } from "./tally.ts";
import { MemoryFileSystem } from "./wal/memory-file-system.ts";

/** Each fills a segment, from 1 on. */
const BATCHES = makeBatches([6, 5, 6, 4]);

async function exchange() {
  const backend = new MemoryPersistence(undefined, { segmentBytes: 1024 });
  const { disk } = backend;
  backend.recover(new Tally());
  backend.open();
  await write(backend, BATCHES);
  await backend.close();
  return placeOn(disk);
}

function placeOn(disk: MemoryFileSystem) {
  return { walDirectory: "wal", snapshotDirectory: "snapshots", fileSystem: disk, disk };
}

function segment(number: number): string {
  return `wal/${segmentName(number)}`;
}

function snapshot(tick: number): string {
  return `snapshots/${layout.snapshotName(tick)}`;
}

function start(disk: MemoryFileSystem, tally = new Tally()) {
  const backend = new MemoryPersistence(disk, { segmentBytes: 1024 });
  const { milliseconds: _, ...report } = backend.recover(tally);
  return { tally, report, backend };
}

/** What a start is refused with; it must not have changed anything. */
function refusal(disk: MemoryFileSystem): string {
  const files = (): string[] => [...disk.list("wal"), ...disk.list("snapshots")].sort();
  const before = files();
  try {
    start(disk);
  } catch (error) {
    if (!(error instanceof JournalDamagedError)) throw error;
    expect([error.kind, files()]).toEqual(["missing-segment", before]);
    return error.message;
  }
  throw new Error("it was accepted");
}

/** Puts a header in a snapshot's place that is right but for `change`. */
function rewriteHeader(
  disk: MemoryFileSystem,
  path: string,
  change: (view: DataView) => void,
): void {
  const bytes = disk.contents(path).slice();
  const view = new DataView(bytes.buffer);
  change(view);
  const header = bytes.subarray(0, view.getInt32(layout.HEADER_BYTES_BYTE, true));
  bytes.set(layout.headerHash(header), layout.OWN_HASH_BYTE);
  disk.place(path, bytes);
}

describe("segments that are not there", () => {
  /** Four segments and the snapshot of the second's end. */
  async function without(...missing: number[]): Promise<MemoryFileSystem> {
    const place = await exchange();
    takeSnapshot(place, 2);
    for (const number of missing) place.disk.remove(segment(number));
    return place.disk;
  }

  test("older than the snapshot are not missed, from the oldest on", async () => {
    for (const missing of [[], [1], [1, 2]]) {
      const { tally } = start(await without(...missing));
      expect([tally.loaded, tally.applied]).toEqual([[2], [3, 4]]);
    }
  });

  test("older than the snapshot, but not the oldest", async () => {
    expect(refusal(await without(2))).toBe(
      "wal/wal_000002.log: damaged at byte 0: the file is missing; the next one there is " +
        "wal_000003.log (snapshot_000000000002.snap needs what follows). Nothing was changed. Put " +
        "the missing file back from a copy or an archive. It is older than the snapshot: if it is " +
        "lost, move those before it out of the directory too.",
    );
  });

  test("after the snapshot", async () => {
    expect(refusal(await without(3))).toBe(
      "wal/wal_000003.log: damaged at byte 0: the file is missing; the next one there is " +
        "wal_000004.log (snapshot_000000000002.snap needs what follows). Nothing was changed. Put " +
        "the missing file back from a copy or an archive.",
    );
    expect(refusal(await without(1, 2, 3))).toContain("wal/wal_000003.log: damaged");
  });

  test("at the end, and the one that the snapshot ends with is there", async () => {
    const { report } = start(await without(3, 4));
    expect(report).toMatchObject({ segments: 0, lastTick: 2 });
  });

  test("at the end, with the one that the snapshot ends with", async () => {
    expect(refusal(await without(2, 3, 4))).toContain(
      "wal/wal_000002.log: damaged at byte 0: the file is missing; the last one there is wal_000001.log",
    );
    expect(refusal(await without(1, 2, 3, 4))).toContain(
      "wal/wal_000002.log: damaged at byte 0: the file is missing; no other one is there",
    );
  });

  test("from the first on, and no snapshot can be used", async () => {
    const disk = await without(1);
    disk.place(snapshot(2), disk.contents(snapshot(2)).slice(0, -1));
    expect(refusal(disk)).toBe(
      "wal/wal_000001.log: damaged at byte 0: the file is missing; the next one there is " +
        "wal_000002.log (no snapshot can take its place: snapshot_000000000002.snap: the file has " +
        "580 bytes; by its header it has 581 (byte 580)). Nothing was changed. Put the missing file " +
        "back from a copy or an archive.",
    );
  });
});

describe("a snapshot that cannot be used", () => {
  /** What a start makes of it when there is another one at tick 1. */
  async function fallback(spoil: (disk: MemoryFileSystem) => void | Promise<void>) {
    const tally = new Tally();
    const place = await exchange();
    takeSnapshot(place, 1);
    takeSnapshot(place, 2);
    await spoil(place.disk);
    const whole = replayAll(place);
    const { report } = start(place.disk, tally);
    expect(tally.state()).toEqual(whole);
    expect(report.snapshot).toEqual({ file: snapshot(1), tick: 1 });
    // What was moved stays where it was moved to.
    place.disk.crash();
    return { unusable: report.unusable, disk: place.disk };
  }

  const movedTo = `${snapshot(2)}.unusable`;

  test("is another exchange's", async () => {
    const { unusable, disk } = await fallback(async (disk) => {
      const other = await exchange();
      takeSnapshot(other, 2);
      disk.place(snapshot(2), other.disk.contents(snapshot(2)));
    });
    const reason = "wal_000003.log is of another exchange (byte 72)";
    expect(unusable).toEqual([{ tick: 2, file: snapshot(2), reason, movedTo }]);
    expect(disk.exists(movedTo)).toBe(true);
  });

  test("is another exchange's, as all are: the start is refused, and they stay where they are", async () => {
    const { disk } = await exchange();
    const other = await exchange();
    takeSnapshot(other, 2);
    disk.makeDirectory("snapshots");
    disk.place(snapshot(2), other.disk.contents(snapshot(2)));
    expect(() => start(disk)).toThrow(
      `${snapshot(2)} is of another exchange than the journal in wal, and no other snapshot can be used. Nothing was ` +
        "changed. Check that wal_dir and snapshot_dir are of the same exchange, or move the snapshots away",
    );
    expect(disk.exists(snapshot(2))).toBe(true);
  });

  test("is another exchange's, and the journal ends with it", async () => {
    const { unusable } = await fallback(async (disk) => {
      const other = await exchange();
      takeSnapshot(other, 2);
      disk.place(snapshot(2), other.disk.contents(snapshot(2)));
      for (const number of [3, 4]) disk.remove(segment(number));
    });
    expect(unusable[0]?.reason).toBe("wal_000002.log is of another exchange (byte 72)");
  });

  test("is from another copy of the journal", async () => {
    const { unusable } = await fallback((disk) =>
      rewriteHeader(disk, snapshot(2), (view) => view.setInt32(layout.CHAIN_HASH_BYTE, 1)),
    );
    const reason =
      "wal_000003.log does not continue it: it begins at tick 3 and does not continue tick 2 (byte 88)";
    expect(unusable).toEqual([{ tick: 2, file: snapshot(2), reason, movedTo }]);
  });

  test("stands under another one's name", async () => {
    const { unusable } = await fallback((disk) => disk.rename(snapshot(2), snapshot(3)));
    expect(unusable).toMatchObject([
      { file: snapshot(3), reason: "it is the snapshot of tick 2 (byte 48)" },
    ]);
  });

  test("is of a newer version, and stays where it is", async () => {
    const newer = layout.SNAPSHOT_VERSION + 1;
    const { unusable, disk } = await fallback((disk) =>
      rewriteHeader(disk, snapshot(2), (view) => view.setInt32(layout.VERSION_BYTE, newer, true)),
    );
    const reason = `it has format version ${newer}; this program knows 1 to ${newer - 1} (byte 40)`;
    expect(unusable).toEqual([{ tick: 2, file: snapshot(2), reason, movedTo: null }]);
    expect(disk.exists(snapshot(2))).toBe(true);
  });

  test("is whole, but the state does not take it: it stays where it is", async () => {
    const { unusable } = await fallback((disk) =>
      rewriteHeader(disk, snapshot(2), (view) => view.setInt32(layout.STATE_HASH_BYTE, 7)),
    );
    const reason = "Error: the state hash is another";
    expect(unusable).toEqual([{ tick: 2, file: snapshot(2), reason, movedTo: null }]);
  });

  test("is evidence, also when one of that name has been kept before", async () => {
    const { disk } = await fallback((disk) => {
      disk.place(movedTo, new Uint8Array(1));
      disk.place(snapshot(2), new Uint8Array(2));
    });
    expect(disk.contents(movedTo).length).toBe(1);
    expect(disk.contents(`${movedTo}-2`).length).toBe(2);
  });

  test("is as good as none when it is the only one", async () => {
    const place = await exchange();
    takeSnapshot(place, 2);
    place.disk.place(snapshot(2), new Uint8Array(1000));
    const { tally, report } = start(place.disk);
    expect(tally.state()).toEqual(replayAll(place));
    expect(report).toMatchObject({ segments: 4, snapshot: null, unusable: [{ movedTo }] });
  });
});

test("what a killed writer left is removed, and nothing else", async () => {
  const place = await exchange();
  takeSnapshot(place, 2);
  place.disk.place(`${snapshot(3)}.tmp`, new Uint8Array(9));
  place.disk.place("snapshots/notes.tmp", new Uint8Array(9));
  start(place.disk);
  const names = [layout.snapshotName(2), "notes.tmp"];
  expect(place.disk.list("snapshots").sort()).toEqual(names.sort());
});

test("a torn tail after a snapshot is cut off, and the numbers go on", async () => {
  const place = await exchange();
  takeSnapshot(place, 3);
  place.disk.place(segment(4), place.disk.contents(segment(4)).slice(0, -1));
  const { report, backend } = start(place.disk);
  expect(report).toMatchObject({
    lastTick: 3,
    lastSequence: 17,
    lastTimestamp: 1_700_000_000_003,
    torn: { file: segment(4), offset: 128 },
  });
  backend.open();
  const instead = makeBatches([2], 4, 18);
  await write(backend, instead);
  await backend.close();
  const read: ReadBatch[] = [];
  readJournal("wal", (batch) => read.push(copyOf(batch)), place.disk);
  expect(read).toEqual(asRead([...BATCHES.slice(0, 3), ...instead]));
});

describe("beside a running exchange", () => {
  test("the sealed part is read, and what is being written is not", async () => {
    const place = await exchange();
    takeSnapshot(place, 1);
    takeSnapshot(place, 3);
    place.disk.place(segment(4), new Uint8Array(500).fill(7));
    const tally = new Tally();
    const { snapshot, reading } = rebuild({ ...place, through: 2 }, tally, place.disk);
    expect([snapshot?.tick, tally.applied]).toEqual([1, [2]]);
    expect(reading).toMatchObject({ nextSegment: 3, report: { lastTick: 2, lastSequence: 11 } });
  });

  test("a fault in the sealed part is damage, also at its end", async () => {
    const place = await exchange();
    place.disk.place(segment(2), place.disk.contents(segment(2)).slice(0, -1));
    const read = (through: number) => () => rebuild({ ...place, through }, new Tally(), place.disk);
    expect(read(2)).toThrow("wal/wal_000002.log: damaged at byte 128");
    expect(read(5)).toThrow("wal/wal_000005.log: damaged at byte 0: the file is missing");
  });
});

test("a reading leaves the start that it was given as it was", async () => {
  const { disk } = await exchange();
  const start = beginning();
  const read = (): number => readJournal("wal", () => {}, disk, { start }).report.lastTick;
  expect([read(), read()]).toEqual([4, 4]);
});

test("tools read a journal from the oldest segment that is left", async () => {
  const { disk } = await exchange();
  for (const number of [1, 2]) disk.remove(segment(number));
  const read: ReadBatch[] = [];
  const reading = readJournal("wal", (batch) => read.push(copyOf(batch)), disk);
  expect(read).toEqual(asRead(BATCHES.slice(2)));
  expect(reading.report).toMatchObject({ segments: 2, lastTick: 4, lastSequence: 21 });

  disk.place(
    segment(3),
    disk.contents(segment(3)).map((byte, i) => (i === 50 ? byte ^ 1 : byte)),
  );
  expect(() => readJournal("wal", () => {}, disk)).toThrow("the header does not match its hash");
});

const fixture = (name: string): Promise<Uint8Array> =>
  Bun.file(`${import.meta.dir}/fixtures/${name}`).bytes();

test("a journal of version 3, whose records are not packed, is read and goes on", async () => {
  const disk = new MemoryFileSystem();
  disk.makeDirectory("wal");
  disk.place(segment(1), await fixture("journal-version-3.segment"));
  const old = asRead(makeBatches([1, 3, 12]));
  const read: ReadBatch[] = [];
  const backend = new MemoryPersistence(disk);
  backend.recover({ apply: (batch) => read.push(copyOf(batch)) });
  expect(read).toEqual(old);
  backend.open();
  const next = makeBatches([2], 4, 17);
  await write(backend, next);
  await backend.close();
  const all: ReadBatch[] = [];
  readJournal("wal", (batch) => all.push(copyOf(batch)), disk);
  expect(all).toEqual([...old, ...asRead(next)]);
});

describe("files of version 1", () => {
  test("a journal is read, without state checks, and goes on", async () => {
    const disk = new MemoryFileSystem();
    disk.makeDirectory("wal");
    disk.place(segment(1), await fixture("journal-version-1.segment"));
    const batches = makeBatches([1, 3, 2]);
    const old = asRead(batches).map((batch) => ({ ...batch, ...NO_STATE_CHECK }));
    const read: ReadBatch[] = [];
    const backend = new MemoryPersistence(disk);
    backend.recover({ apply: (batch) => read.push(copyOf(batch)) });
    expect(read).toEqual(old);
    backend.open();
    const next = makeBatches([2], 4, 7);
    await write(backend, next);
    await backend.close();
    const all: ReadBatch[] = [];
    readJournal("wal", (batch) => all.push(copyOf(batch)), disk);
    expect(all).toEqual([...old, ...asRead(next)]);
  });

  test("a snapshot is loaded", async () => {
    const disk = new MemoryFileSystem();
    for (const directory of ["wal", "snapshots"]) disk.makeDirectory(directory);
    disk.place(segment(1), await fixture("journal-version-1.segment"));
    disk.place(snapshot(3), await fixture("snapshot-version-1.snap"));
    const { tally, report } = start(disk);
    expect(report).toMatchObject({ snapshot: { tick: 3 }, segments: 0, unusable: [] });
    expect(tally.state()).toEqual(replayAll(placeOn(disk)));
  });
});
