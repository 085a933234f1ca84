/**
 * Which segments and snapshots may go, and their removal.
 *
 * ```
 *   wal_1  wal_2 │ wal_3  wal_4  wal_5  wal_6  wal_7  wal_8
 *   may go       │ ▲ needed from here: the oldest snapshot that is kept ends with wal_3
 *                │ and at least walFilesMax stay, and all that the archive has not confirmed
 * ```
 */

import type { SnapshotStore } from "./snapshot/snapshot-store.ts";
import { SnapshotUnusableError } from "./snapshot.ts";
import type { FileSystem } from "./wal/file-system.ts";
import { diskFileSystem } from "./wal/file-system.ts";
import { SegmentFiles } from "./wal/segment-files.ts";

export interface RetentionRules {
  /** How many files to keep; more are kept where they are needed. */
  walFilesMax: number;
  snapshotsMax: number;
  /** Ticks of snapshots that the start could not use: they are not counted, and not removed. */
  refused?: ReadonlySet<number>;
  /** The last segment that is sealed. */
  sealedThrough: number;
  /** Whether the archive has a copy for certain; without an archive always true. */
  isSegmentArchived(number: number): boolean;
  isSnapshotArchived(tick: number): boolean;
}

/** A snapshot that recovery could begin with. */
export interface StoredSnapshot {
  tick: number;
  nextSegment: number;
}

/** Numbers of segments and ticks of snapshots, both oldest first. */
export interface Removable {
  segments: number[];
  snapshots: number[];
}

/**
 * Which of these snapshots and segments (in order) may be removed. Without a snapshot every segment is needed.
 */
export function removable(
  segments: readonly number[],
  snapshots: readonly StoredSnapshot[],
  rules: RetentionRules,
): Removable {
  const newestFirst = snapshots.toSorted((a, b) => b.tick - a.tick);
  const going = newestFirst.filter(
    ({ tick }, i) => i >= rules.snapshotsMax && rules.isSnapshotArchived(tick),
  );
  const kept = newestFirst.filter((snapshot) => !going.includes(snapshot));
  const needed = kept.map(({ nextSegment }) => nextSegment - 1);
  // The segment that a snapshot ends with stays too: it shows that none is missing after it.
  const end = kept.length === 0 ? 0 : Math.min(...needed, rules.sealedThrough + 1);
  const excess = segments.slice(0, Math.max(0, segments.length - rules.walFilesMax));
  const first = excess.findIndex((number) => number >= end || !rules.isSegmentArchived(number));
  return {
    // Up to the first that stays: a gap would look like a file that was lost.
    segments: first < 0 ? excess : excess.slice(0, first),
    snapshots: going.map(({ tick }) => tick).reverse(),
  };
}

export interface RetentionReport extends Removable {
  /** Snapshots whose header is damaged: they are not counted, and not removed. */
  unusable: SnapshotUnusableError[];
}

/**
 * Removes the segments and snapshots that may be removed, outside the tick path. Snapshots go first, and each
 * removal is durable before the next one, so that a crash leaves no gap, and no snapshot without its segments.
 * Rejects with the system's error.
 */
export async function applyRetention(
  walDirectory: string,
  store: SnapshotStore,
  rules: RetentionRules,
  fileSystem: FileSystem = diskFileSystem,
): Promise<RetentionReport> {
  const { snapshots, unusable } = readSnapshots(store, rules.refused);
  const files = new SegmentFiles(walDirectory, fileSystem);
  const going = removable(files.numbers(), snapshots, rules);
  if (going.snapshots.length + going.segments.length === 0) return { ...going, unusable };
  // The name of a snapshot may not be durable yet.
  await fileSystem.syncDirectory(store.directory);
  for (const tick of going.snapshots) await store.remove(tick);
  // An earlier removal whose flush failed may not be durable either.
  if (going.segments.length > 0) await fileSystem.syncDirectory(walDirectory);
  for (const number of going.segments) {
    await fileSystem.removeBeside(files.path(number));
    await fileSystem.syncDirectory(walDirectory);
  }
  return { ...going, unusable };
}

function readSnapshots(
  store: SnapshotStore,
  refused: ReadonlySet<number> = new Set(),
): {
  snapshots: StoredSnapshot[];
  unusable: SnapshotUnusableError[];
} {
  const snapshots: StoredSnapshot[] = [];
  const unusable: SnapshotUnusableError[] = [];
  for (const tick of store.ticks()) {
    if (refused.has(tick)) continue;
    try {
      const snapshot = store.open(tick);
      snapshot.close();
      snapshots.push({ tick, nextSegment: snapshot.info.nextSegment });
    } catch (error) {
      if (!(error instanceof SnapshotUnusableError)) throw error;
      unusable.push(error);
    }
  }
  return { snapshots, unusable };
}
