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

import { mkdir, open, rename, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { flushPath } from "../../host/flush-path.ts";
import { makeOwnFile } from "../../host/own-file.ts";
import { snapshotName } from "../snapshot/layout.ts";
import { segmentName } from "../wal/layout.ts";
import { DirectoryLocks, isLockFile } from "../wal/lock.ts";
import { RESTORE_MARK } from "../wal/restore-mark.ts";
import { ArchiveIndex } from "./archive-index.ts";
import { keyOf, type Receiver, unpackEntry } from "./archive-object.ts";
import { ContentError } from "./content-error.ts";
import { type IdentityRestore, type RestoredIdentity, restoreIdentity } from "./identity-object.ts";
import { namesIn } from "./local-files.ts";
import type { ArchiveEntry } from "./manifest.ts";
import { type ObjectStore, ObjectStoreError } from "./object-store.ts";
import {
  type End,
  isWanted,
  type Plan,
  planRestore,
  RestoreError,
  type RestoreTarget,
  replan,
} from "./restore-plan.ts";
import type { BatchEnd } from "./segment-scan.ts";
import type { Progress } from "./verify-archive.ts";

/** Suffix of every restored file until all files are there. An exchange does not read files with it. */
const UNFINISHED = ".restoring";

export interface RestoreOptions {
  store: ObjectStore;
  walDir: string;
  snapshotDir: string;
  target: RestoreTarget;
  /** Users and keys; without it they are left out. */
  identity?: IdentityRestore;
  onProgress?: (progress: Progress) => void;
}

export interface Restored {
  exchangeId: string;
  /** Tick of the snapshot; null = none, the journal is there from its first record on. */
  snapshot: number | null;
  /** Newer snapshots that could not be used, and why. */
  refusedSnapshots: string[];
  segments: number;
  /** What became of users and keys. */
  identity: RestoredIdentity;
  /** Last tick of the restored journal, and its time in milliseconds since 1970. */
  lastTick: number;
  lastTimestamp: number;
  /** Last tick of the whole archive, and its time. */
  archivedTick: number;
  archivedTimestamp: number;
}

/**
 * Restores into both directories, which must be empty or not exist. Rejects with `RestoreError`,
 * `ObjectStoreError`, `ContentError`, the manifest's errors, and `JournalLockedError`. If it ends half-way, it
 * leaves a mark (`RESTORE_MARK`) with which no exchange starts.
 */
export async function restoreArchive(options: RestoreOptions): Promise<Restored> {
  const { store, walDir, snapshotDir, target } = options;
  const directories = [walDir, snapshotDir];
  for (const directory of directories) await requireEmpty(directory);
  const index = await ArchiveIndex.open(store);
  if (index === null) {
    throw new RestoreError(
      `${store.url} holds no archive. If its manifest.json was lost, \`waiver archive push\` makes it anew.`,
    );
  }
  const entries = await index.entries();
  const plan = planRestore(store, entries, target);
  for (const directory of directories) await mkdir(directory, { recursive: true, mode: 0o700 });
  const locks = new DirectoryLocks(directories);
  try {
    const mark = join(walDir, RESTORE_MARK);
    makeOwnFile(mark);
    await flushPath(walDir);
    const { snapshot, segments, refused, end, files } = await downloadAll(
      options,
      index.exchangeId,
      entries,
      plan,
    );
    const identity = await restoreIdentity(store, index.exchangeId, end.tick, options.identity);
    await publish(files, directories);
    await rm(mark);
    await flushPath(walDir);
    const last = await index.lastSegment();
    return {
      exchangeId: index.exchangeId,
      snapshot: snapshot?.tick ?? null,
      refusedSnapshots: refused,
      segments: segments.length,
      identity,
      lastTick: end.tick,
      lastTimestamp: end.timestamp,
      archivedTick: last?.last_tick ?? 0,
      archivedTimestamp: last?.last_timestamp ?? 0,
    };
  } finally {
    locks.release();
  }
}

interface Downloaded extends Plan {
  refused: string[];
  end: End;
  /** Paths of the downloaded files. Each still has the suffix `UNFINISHED`. */
  files: string[];
}

/**
 * Downloads what the plan names. Where the snapshot is damaged or gone, the one before is taken, as a start on local
 * files does; that takes more segments, and all of them have to be there.
 */
async function downloadAll(
  { store, walDir, snapshotDir, target, onProgress }: RestoreOptions,
  exchangeId: string,
  entries: readonly ArchiveEntry[],
  first: Plan,
): Promise<Downloaded> {
  const refused: string[] = [];
  const files: string[] = [];
  let usable = entries;
  let plan = first;
  const total = (): number => plan.segments.length + (plan.snapshot === null ? 0 : 1);
  const take = async (entry: ArchiveEntry, path: string): Promise<End | null> => {
    onProgress?.({ done: files.length, total: total(), key: keyOf(entry) });
    const reached = await download(store, entry, exchangeId, path, target);
    files.push(path);
    return reached;
  };
  for (let snapshot = plan.snapshot; snapshot !== null; snapshot = plan.snapshot) {
    const path = join(snapshotDir, snapshotName(snapshot.tick));
    try {
      await take(snapshot, path);
      break;
    } catch (error) {
      if (!isOfContent(error)) throw error;
      refused.push(error.message);
      await rm(path + UNFINISHED);
      usable = usable.filter((entry) => entry !== snapshot);
      plan = replan(store, usable, target, error);
    }
  }
  let end: End = plan.snapshot ?? { tick: 0, timestamp: 0 };
  for (const segment of plan.segments) {
    end = (await take(segment, join(walDir, segmentName(segment.number)))) ?? end;
  }
  return { ...plan, refused, end, files };
}

/** Whether the object itself is damaged or missing, and not the connection to the store. */
function isOfContent(error: unknown): error is Error {
  if (error instanceof ObjectStoreError) return error.trouble === "missing-object";
  return error instanceof ContentError;
}

/**
 * Downloads an object to a file with the suffix `UNFINISHED`, durably. A segment is cut after the last batch
 * that `target` wants. Returns that batch; null for a snapshot, and for a segment without a wanted batch.
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

/** Gives the files their names, durably: the last segment first and the snapshot last. */
async function publish(files: readonly string[], directories: readonly string[]): Promise<void> {
  for (const path of files.toReversed()) await rename(path + UNFINISHED, path);
  for (const directory of directories) await flushPath(directory);
}

async function requireEmpty(directory: string): Promise<void> {
  const foreign = (await namesIn(directory)).filter((name) => !isLockFile(name));
  if (foreign.length === 0) return;
  if (foreign.includes(RESTORE_MARK)) {
    throw new RestoreError(
      `${directory}: an earlier restore was not finished. Remove this directory, the snapshots' and the identity.sqlite ` +
        "that it made, and restore again.",
    );
  }
  throw new RestoreError(
    `${directory} is not empty (${foreign[0]}). Restore into a new data directory: nothing is overwritten.`,
  );
}
