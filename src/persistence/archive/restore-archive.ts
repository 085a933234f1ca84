/**
 * Makes a journal and its snapshot from an archive, whole or up to a tick or a time.
 *
 * ```
 *   target tick 700:  snapshot 500, segment 5 that it ends with, and segments 6 and 7
 *
 *     │ segment 5      │ segment 6 │ segment 7 │ segment 8 │ …
 *     1               501         560     │   720
 *       snapshot 500 ──┘                 700: cut here
 * ```
 */

import { mkdir, open, readdir, rename, truncate } from "node:fs/promises";
import { join } from "node:path";
import { snapshotName } from "../snapshot/layout.ts";
import { segmentName } from "../wal/layout.ts";
import { ArchiveIndex } from "./archive-index.ts";
import { keyOf, type Receiver, unpackEntry } from "./archive-object.ts";
import type { ArchiveEntry, SegmentEntry, SnapshotEntry } from "./manifest.ts";
import type { ObjectStore } from "./object-store.ts";
import type { BatchEnd } from "./segment-scan.ts";
import { continuityFault, type Progress } from "./verify-archive.ts";

/** Ends the name of a file until all of them are there: an exchange does not take it for its own. */
const UNFINISHED = ".restoring";

/** The last tick, or the last moment in milliseconds since 1970, that is wanted; neither = all there is. */
export interface RestoreTarget {
  tick?: number | undefined;
  timestamp?: number | undefined;
}

export interface RestoreOptions {
  store: ObjectStore;
  walDir: string;
  snapshotDir: string;
  target: RestoreTarget;
  onProgress?: (progress: Progress) => void;
}

export interface Restored {
  exchangeId: string;
  /** Tick of the snapshot; null = none, the journal is there from its first record on. */
  snapshot: number | null;
  segments: number;
  /** Where the restored exchange stands. */
  lastTick: number;
  lastTimestamp: number;
  /** Where the archive ends. */
  archivedTick: number;
  archivedTimestamp: number;
}

/** The archive cannot give what was asked for. */
export class RestoreError extends Error {
  override readonly name = "RestoreError";
}

/** Where the restored journal ends. */
interface End {
  tick: number;
  timestamp: number;
}

/**
 * Both directories must be empty or not exist. Rejects with `RestoreError`, `ObjectStoreError`,
 * `ContentError`, and the manifest's errors; files are under their names only when all is done.
 */
export async function restoreArchive(options: RestoreOptions): Promise<Restored> {
  const { store, walDir, snapshotDir, target, onProgress } = options;
  await requireEmpty(walDir);
  await requireEmpty(snapshotDir);
  const index = await ArchiveIndex.open(store);
  if (index === null) {
    throw new RestoreError(
      `${store.url} holds no archive. If its manifest.json was lost, \`waiver archive push\` makes it anew.`,
    );
  }
  const entries = await index.entries();
  const plan = planRestore(store, entries, target);
  await mkdir(walDir, { recursive: true, mode: 0o700 });
  await mkdir(snapshotDir, { recursive: true, mode: 0o700 });

  const parts: ArchiveEntry[] = plan.snapshot === null ? [] : [plan.snapshot];
  parts.push(...plan.segments);
  let end: End = plan.snapshot ?? { tick: 0, timestamp: 0 };
  const files: string[] = [];
  for (const [done, entry] of parts.entries()) {
    onProgress?.({ done, total: parts.length, key: keyOf(entry) });
    const path =
      entry.kind === "segment"
        ? join(walDir, segmentName(entry.number))
        : join(snapshotDir, snapshotName(entry.tick));
    const reached = await download(store, entry, index.exchangeId, path, target);
    if (reached !== null) end = reached;
    files.push(path);
  }
  await publish(files, [walDir, snapshotDir]);
  const last = lastSegment(entries);
  return {
    exchangeId: index.exchangeId,
    snapshot: plan.snapshot?.tick ?? null,
    segments: plan.segments.length,
    lastTick: end.tick,
    lastTimestamp: end.timestamp,
    archivedTick: last?.last_tick ?? 0,
    archivedTimestamp: last?.last_timestamp ?? 0,
  };
}

/**
 * The newest snapshot not after the target, and every segment to the target from the one on that the
 * snapshot ends with: without that one nothing would say that the journal ends there.
 */
function planRestore(
  store: ObjectStore,
  entries: readonly ArchiveEntry[],
  target: RestoreTarget,
): { snapshot: SnapshotEntry | null; segments: SegmentEntry[] } {
  let snapshot: SnapshotEntry | null = null;
  for (const entry of entries) {
    if (entry.kind !== "snapshot" || !isWanted(target, entry)) continue;
    if (snapshot === null || entry.tick > snapshot.tick) snapshot = entry;
  }
  const first = firstSegment(snapshot);
  const segments = entries.filter(
    (entry): entry is SegmentEntry =>
      entry.kind === "segment" &&
      entry.number >= first &&
      isWanted(target, { tick: entry.first_tick, timestamp: entry.first_timestamp }),
  );
  segments.sort((a, b) => a.number - b.number);
  if (segments.length === 0) {
    throw new RestoreError(`${store.url} holds nothing that is as old as what is asked for`);
  }
  for (const [i, segment] of segments.entries()) {
    const before = segments[i - 1];
    const fault =
      before === undefined ? beginFault(snapshot, segment) : continuityFault(before, segment);
    if (fault !== null) throw new RestoreError(`${store.url}${keyOf(segment)}: ${fault}`);
  }
  return { snapshot, segments };
}

function isWanted({ tick, timestamp }: RestoreTarget, at: End): boolean {
  return (
    (tick === undefined || at.tick <= tick) &&
    (timestamp === undefined || at.timestamp <= timestamp)
  );
}

/** Why the journal cannot begin with `segment`; null when it can. */
function beginFault(snapshot: SnapshotEntry | null, segment: SegmentEntry): string | null {
  const first = firstSegment(snapshot);
  if (segment.number !== first) {
    return `segments ${first} to ${segment.number - 1} are missing before it`;
  }
  if (snapshot === null || segment.chain_hash === snapshot.chain_hash) return null;
  return `it does not end with the snapshot of tick ${snapshot.tick}`;
}

function firstSegment(snapshot: SnapshotEntry | null): number {
  return snapshot === null ? 1 : snapshot.next_segment - 1;
}

/**
 * Writes an object's file, durably, under its unfinished name; a segment is cut after its last batch
 * that is wanted. Gives that batch, null for a snapshot.
 */
async function download(
  store: ObjectStore,
  entry: ArchiveEntry,
  exchangeId: string,
  path: string,
  target: RestoreTarget,
): Promise<End | null> {
  const unfinished = path + UNFINISHED;
  const file = await open(unfinished, "wx", 0o600);
  const reached: { last: BatchEnd | null } = { last: null };
  const receiver: Receiver = {
    onBytes: async (bytes) => {
      for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
    },
    onBatch: (batch) => {
      if (isWanted(target, batch)) reached.last = batch;
    },
  };
  try {
    await unpackEntry(store, entry, exchangeId, receiver);
    const { last } = reached;
    if (last !== null && entry.kind === "segment" && last.tick < entry.last_tick) {
      await truncate(unfinished, last.offset);
    }
    await file.sync();
    return last;
  } finally {
    await file.close();
  }
}

/**
 * Gives the files their names, durably: the last segment first and the snapshot last. Whoever ends
 * this half-way leaves a journal without its beginning, with which no exchange starts.
 */
async function publish(files: readonly string[], directories: readonly string[]): Promise<void> {
  for (const path of files.toReversed()) await rename(path + UNFINISHED, path);
  for (const directory of directories) {
    const file = await open(directory, "r");
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }
}

async function requireEmpty(directory: string): Promise<void> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  if (names.length === 0) return;
  throw new RestoreError(
    `${directory} is not empty (${names[0]}). Restore into a new data directory: nothing is overwritten.`,
  );
}

function lastSegment(entries: readonly ArchiveEntry[]): SegmentEntry | null {
  let last: SegmentEntry | null = null;
  for (const entry of entries) {
    if (entry.kind === "segment" && entry.number > (last?.number ?? 0)) last = entry;
  }
  return last;
}
