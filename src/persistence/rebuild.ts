/**
 * Builds a state from files: from the newest snapshot that can be used, and the journal after it.
 *
 * ```
 *   snapshot of tick 900 ──► load ─┐ newest first; one that cannot be used: reset, the one before
 *                                  ▼
 *   wal_000007 … (not read)     state ◄── apply ── wal_000012, wal_000013, …
 * ```
 *
 * Each start does this, and so does the worker that makes the next snapshot.
 */

import { basename } from "node:path";
import { runSteps } from "../lib/steps.ts";
import type { CommandBatch, RecoveryReport, RecoveryTarget } from "./backend.ts";
import type { LoadedSnapshot, RefusedSnapshot } from "./snapshot/load-newest.ts";
import { loadNewest } from "./snapshot/load-newest.ts";
import { SnapshotStore } from "./snapshot/snapshot-store.ts";
import type { SnapshotInfo } from "./snapshot.ts";
import { SegmentsAhead } from "./wal/ahead/segments-ahead.ts";
import type { FileSystem } from "./wal/file-system.ts";
import { diskFileSystem } from "./wal/file-system.ts";
import type { JournalStart } from "./wal/journal-start.ts";
import { beginning } from "./wal/journal-start.ts";
import type { JournalReading } from "./wal/recovery.ts";
import { readJournalInSteps, repairTail } from "./wal/recovery.ts";
import { SegmentFiles } from "./wal/segment-files.ts";

export interface RebuildSources {
  walDirectory: string;
  /** null = there are no snapshots. */
  snapshotDirectory: string | null;
  /** The last segment to read, which is sealed. Without it, everything up to a torn tail is read. */
  through?: number;
}

/** What a state was built from, and the tick that it has reached. */
export interface Rebuilt {
  snapshot: { file: string; tick: number } | null;
  refused: RefusedSnapshot[];
  reading: JournalReading;
  milliseconds: { snapshot: number; journal: number };
}

/** Brings `target` up to date; changes no file. Throws `JournalDamagedError`. */
export function rebuild(
  sources: RebuildSources,
  target: RecoveryTarget,
  fileSystem: FileSystem = diskFileSystem,
): Rebuilt {
  return runSteps(rebuildInSteps(sources, target, fileSystem));
}

/** As `rebuild`, in steps: first the snapshot, then one segment a step. */
function* rebuildInSteps(
  { walDirectory, snapshotDirectory, through }: RebuildSources,
  target: RecoveryTarget,
  fileSystem: FileSystem,
): Generator<void, Rebuilt> {
  const began = performance.now();
  const { loaded, refused } = loadSnapshot();
  for (const { file, reason } of refused) {
    target.warn?.({ file, reason }, "snapshot cannot be used; the one before is tried");
  }
  const between = performance.now();
  yield;
  const { tablesAhead } = target;
  // The thread that reads ahead can only read from the disk.
  const canReadAhead = fileSystem === diskFileSystem;
  const apply = (batch: CommandBatch): void => target.apply(batch);
  const reading = yield* readJournalInSteps(walDirectory, apply, fileSystem, {
    start: startAfter(loaded, refused),
    ...(through !== undefined && { through }),
    ...(tablesAhead &&
      canReadAhead && {
        ahead: (files, numbers) => SegmentsAhead.start(files, numbers, tablesAhead),
      }),
    ...(target.onProgress && { onProgress: (progress) => target.onProgress?.(progress) }),
  });
  const end = performance.now();
  return {
    snapshot: loaded && { file: loaded.file, tick: loaded.info.tick },
    refused,
    reading,
    milliseconds: { snapshot: between - began, journal: end - between },
  };

  function loadSnapshot(): LoadedSnapshot {
    const { snapshots } = target;
    if (snapshots === undefined || snapshotDirectory === null) return { loaded: null, refused: [] };
    const store = new SnapshotStore(snapshotDirectory, fileSystem);
    return loadNewest(store, new SegmentFiles(walDirectory, fileSystem), snapshots, through);
  }
}

/**
 * Rebuilds, and then repairs the files: cuts a torn tail, moves unusable snapshots out of the way, removes unfinished
 * files. A start that fails or is abandoned on the way changes no file.
 */
export function* recoverFiles(
  sources: RebuildSources,
  target: RecoveryTarget,
  fileSystem: FileSystem,
): Generator<void, { reading: JournalReading; report: RecoveryReport }> {
  const rebuilt = yield* rebuildInSteps(sources, target, fileSystem);
  const { reading, snapshot, refused, milliseconds } = rebuilt;
  repairTail(sources.walDirectory, reading, fileSystem);
  const unusable = sources.snapshotDirectory === null ? [] : setAside(sources.snapshotDirectory);
  return { reading, report: { ...reading.report, snapshot, unusable, milliseconds } };

  function setAside(directory: string): RecoveryReport["unusable"] {
    const store = new SnapshotStore(directory, fileSystem);
    store.removeUnfinished();
    return refused.map(({ tick, file, reason, isHopeless }) => {
      return { tick, file, reason, movedTo: isHopeless ? store.setAside(tick) : null };
    });
  }
}

/** The description of a snapshot of the state after `reading`, which must have had at least one batch. */
export function snapshotInfo(
  { position, report, exchangeId, nextSegment }: JournalReading,
  state: Pick<SnapshotInfo, "stateHash" | "symbolsMax">,
): SnapshotInfo {
  if (exchangeId === null) throw new Error("an exchange without a tick has no snapshot");
  return {
    exchangeId,
    tick: report.lastTick,
    sequence: report.lastSequence,
    timestamp: report.lastTimestamp,
    chain: position.chain,
    nextSegment,
    ...state,
  };
}

/** Where to begin reading the journal, after the snapshot that was loaded. */
function startAfter(
  loaded: LoadedSnapshot["loaded"],
  refused: readonly RefusedSnapshot[],
): JournalStart {
  if (loaded === null) {
    const reasons = refused.map(({ file, reason }) => `${basename(file)}: ${reason}`);
    return beginning(
      refused.length === 0 ? null : `no snapshot can take its place: ${reasons.join("; ")}`,
    );
  }
  const { nextSegment, tick, sequence, timestamp, chain, exchangeId } = loaded.info;
  return {
    segment: nextSegment,
    nextTick: tick + 1,
    nextSequence: sequence + 1,
    chain,
    timestamp,
    exchangeId,
    because: `${basename(loaded.file)} needs what follows`,
  };
}
