import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { RetentionRules, StoredSnapshot } from "../../src/persistence/retention.ts";
import { applyRetention, removable } from "../../src/persistence/retention.ts";
import { SnapshotStore } from "../../src/persistence/snapshot/snapshot-store.ts";
import { segmentName } from "../../src/persistence/wal/layout.ts";
import { makeBatches, write } from "./journals.ts";
import { MemoryPersistence } from "./memory-persistence.ts";
import { replayAll, Tally, takeSnapshot } from "./tally.ts";
import { MemoryFileSystem } from "./wal/memory-file-system.ts";

const NO_ARCHIVE = { isSegmentArchived: () => true, isSnapshotArchived: () => true };

function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}

describe("retention removes", () => {
  const snapshots = [4, 7, 9].map((nextSegment) => ({ tick: nextSegment * 100, nextSegment }));
  const rules = { walFilesMax: 1, snapshotsMax: 10, sealedThrough: 11, ...NO_ARCHIVE };
  const segments = range(1, 13);

  test("segments before the one that the oldest snapshot ends with", () => {
    expect(removable(segments, snapshots, rules)).toEqual({ segments: [1, 2], snapshots: [] });
  });

  test("snapshots above the limit, and what only they needed", () => {
    const fewer = { ...rules, snapshotsMax: 2 };
    expect(removable(segments, snapshots, fewer)).toEqual({
      segments: range(1, 5),
      snapshots: [400],
    });
    const one = { ...rules, snapshotsMax: 1 };
    const both = { segments: range(1, 7), snapshots: [400, 700] };
    expect(removable(segments, snapshots, one)).toEqual(both);
  });

  test("only as many segments as are above the limit", () => {
    const of = (walFilesMax: number) =>
      removable(segments, snapshots, { ...rules, snapshotsMax: 1, walFilesMax }).segments;
    expect([of(13), of(12), of(10), of(3)]).toEqual([[], [1], [1, 2, 3], range(1, 7)]);
  });

  test("nothing without a snapshot, and no segment that is not sealed", () => {
    expect(removable(segments, [], rules).segments).toEqual([]);
    const ahead = [{ tick: 1, nextSegment: 13 }];
    expect(removable(segments, ahead, { ...rules, sealedThrough: 5 }).segments).toEqual(
      range(1, 5),
    );
  });

  test("no segment that the archive does not have, and none after it", () => {
    const isSegmentArchived = (number: number): boolean => number !== 3;
    const isSnapshotArchived = (tick: number): boolean => tick !== 400;
    const one = { ...rules, snapshotsMax: 1 };
    expect(removable(segments, snapshots, { ...one, isSegmentArchived })).toEqual({
      segments: [1, 2],
      snapshots: [400, 700],
    });
    // The older snapshot stays and so does what it needs.
    expect(removable(segments, snapshots, { ...one, isSnapshotArchived })).toEqual({
      segments: [1, 2],
      snapshots: [700],
    });
  });
});

interface Case {
  segments: number[];
  snapshots: StoredSnapshot[];
  rules: RetentionRules;
}

/** A directory as an exchange may have it. */
const CASES: fc.Arbitrary<Case> = fc
  .record({
    oldest: fc.integer({ min: 1, max: 20 }),
    count: fc.integer({ min: 1, max: 30 }),
    unsealed: fc.integer({ min: 0, max: 2 }),
    ends: fc.uniqueArray(fc.nat(29), { maxLength: 8 }),
    walFilesMax: fc.integer({ min: 1, max: 40 }),
    snapshotsMax: fc.integer({ min: 1, max: 8 }),
    missing: fc.uniqueArray(fc.integer({ min: 1, max: 50 }), { maxLength: 5 }),
  })
  .map(({ oldest, count, unsealed, ends, walFilesMax, snapshotsMax, missing }) => {
    const segments = range(oldest, oldest + count - 1);
    const sealedThrough = oldest + count - 1 - unsealed;
    const inJournal = ends.map((end) => oldest + end).filter((end) => end <= sealedThrough);
    return {
      segments,
      snapshots: inJournal.map((end) => ({ tick: end * 10, nextSegment: end + 1 })),
      rules: {
        walFilesMax,
        snapshotsMax,
        sealedThrough,
        isSegmentArchived: (number) => !missing.includes(number),
        isSnapshotArchived: (tick) => !missing.includes(tick / 10),
      },
    };
  });

test("whatever is removed, every remaining snapshot has what a start from it needs", () => {
  fc.assert(
    fc.property(CASES, ({ segments, snapshots, rules }) => {
      const going = removable(segments, snapshots, rules);
      const left = segments.filter((number) => !going.segments.includes(number));
      const stay = snapshots.filter(({ tick }) => !going.snapshots.includes(tick));

      // From the old end, in order, without a gap.
      expect(going.segments).toEqual(segments.slice(0, going.segments.length));
      for (const number of going.segments) {
        expect(number).toBeLessThanOrEqual(rules.sealedThrough);
        expect(rules.isSegmentArchived(number)).toBe(true);
      }
      if (going.segments.length > 0) expect(left.length).toBeGreaterThanOrEqual(rules.walFilesMax);
      for (const { nextSegment } of stay) {
        expect(left).toEqual(expect.arrayContaining(range(nextSegment - 1, segments.at(-1) ?? 0)));
      }
      // The newest stay, and of the others those that are nowhere else.
      expect(stay.length).toBeGreaterThanOrEqual(Math.min(rules.snapshotsMax, snapshots.length));
      const newest = Math.max(...stay.map(({ tick }) => tick));
      for (const tick of going.snapshots) {
        expect(tick).toBeLessThan(newest);
        expect(rules.isSnapshotArchived(tick)).toBe(true);
      }
      expect(going.snapshots).toEqual(going.snapshots.toSorted((a, b) => a - b));
      if (snapshots.length === 0) expect(going.segments).toEqual([]);

      // And nothing stays that may go as well.
      expect(removable(left, stay, rules)).toEqual({ segments: [], snapshots: [] });
    }),
    { numRuns: 2000 },
  );
});

describe("on a disk", () => {
  /** Fails at every removal once `allowed` have been, and at the flush of a directory after `flushes`. */
  class TiredDisk extends MemoryFileSystem {
    allowed = Number.POSITIVE_INFINITY;
    flushes = Number.POSITIVE_INFINITY;
    readonly calls: string[] = [];

    override async syncDirectory(): Promise<void> {
      this.calls.push("flush");
      if (this.flushes-- === 0) throw new Error("EIO: i/o error");
      await super.syncDirectory();
    }

    override async removeBeside(path: string): Promise<void> {
      this.calls.push(path);
      if (this.allowed-- === 0) throw new Error("EIO: i/o error");
      await super.removeBeside(path);
    }
  }

  /** Six segments, and snapshots after 1 to 5. */
  async function exchange() {
    const disk = new TiredDisk();
    const backend = new MemoryPersistence(disk, { segmentBytes: 1024 });
    backend.recover(new Tally());
    backend.open();
    await write(backend, makeBatches([6, 5, 6, 4, 6, 6]));
    await backend.close();
    const place = { walDirectory: "wal", snapshotDirectory: "snapshots", fileSystem: disk };
    for (const through of range(1, 5)) takeSnapshot(place, through);
    return { disk, place, store: new SnapshotStore("snapshots", disk), whole: replayAll(place) };
  }

  const RULES = { walFilesMax: 2, snapshotsMax: 2, sealedThrough: 6, ...NO_ARCHIVE };

  test("removes files durably, and a start finds the same state", async () => {
    const { disk, store, whole } = await exchange();
    const report = await applyRetention("wal", store, RULES, disk);
    expect(report).toEqual({ segments: [1, 2, 3], snapshots: [1, 2, 3], unusable: [] });
    disk.crash();
    expect(disk.list("wal").sort()).toEqual(range(4, 6).map(segmentName));
    expect(store.ticks()).toEqual([5, 4]);
    const tally = new Tally();
    expect(new MemoryPersistence(disk).recover(tally)).toMatchObject({ snapshot: { tick: 5 } });
    expect(tally.state()).toEqual(whole);
  });

  test("does not count a snapshot with an invalid header, and keeps it", async () => {
    const { disk, store, whole } = await exchange();
    disk.place(store.path(5), new Uint8Array(1000));
    const { segments, snapshots, unusable } = await applyRetention("wal", store, RULES, disk);
    expect([segments, snapshots]).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(unusable.map(({ file, reason }) => [file, reason])).toEqual([
      [store.path(5), "this is not a snapshot"],
    ]);
    expect(store.ticks()).toEqual([5, 4, 3]);
    const tally = new Tally();
    expect(new MemoryPersistence(disk).recover(tally)).toMatchObject({ snapshot: { tick: 4 } });
    expect(tally.state()).toEqual(whole);
  });

  test("a power failure between any two removals leaves what a start needs", async () => {
    for (const allowed of range(0, 5)) {
      const { disk, store, whole } = await exchange();
      disk.allowed = allowed;
      await expect(applyRetention("wal", store, RULES, disk)).rejects.toThrow("EIO");
      disk.crash();
      expect(disk.list("wal").length + store.ticks().length).toBe(11 - allowed);
      // From every snapshot that is left, the newest first.
      for (const tick of store.ticks()) {
        const tally = new Tally();
        expect(new MemoryPersistence(disk).recover(tally)).toMatchObject({ snapshot: { tick } });
        expect(tally.state()).toEqual(whole);
        store.setAside(tick);
      }
    }
  });

  test("a removal whose flush failed is durable before the next one", async () => {
    const { disk, store } = await exchange();
    // The flush after the first segment: before it are those of the snapshots, and one of the segments.
    disk.flushes = 5;
    await expect(applyRetention("wal", store, RULES, disk)).rejects.toThrow("EIO");
    disk.calls.length = 0;
    await applyRetention("wal", store, RULES, disk);
    const [second, third] = [2, 3].map((number) => `wal/${segmentName(number)}`);
    expect(disk.calls).toEqual(["flush", "flush", second, "flush", third, "flush"]);
  });
});
