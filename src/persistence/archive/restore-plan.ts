/**
 * What a restore has to download: the newest snapshot that is not after the target, and all segments from there
 * on.
 */

import { keyOf } from "./archive-object.ts";
import type { ArchiveEntry, SegmentEntry, SnapshotEntry } from "./manifest.ts";
import type { ObjectStore } from "./object-store.ts";
import { continuityFault } from "./verify-archive.ts";

/** The last tick, or the last moment in milliseconds since 1970, that is wanted; neither = all there is. */
export interface RestoreTarget {
  tick?: number | undefined;
  timestamp?: number | undefined;
}

/** The archive cannot give what was asked for. */
export class RestoreError extends Error {
  override readonly name = "RestoreError";
}

/** Where the restored journal ends. */
export interface End {
  tick: number;
  timestamp: number;
}

export interface Plan {
  snapshot: SnapshotEntry | null;
  segments: SegmentEntry[];
}

/**
 * The newest snapshot not after the target, and every segment to the target from the one on that the
 * snapshot ends with: without that one nothing would say that the journal ends there.
 */
export function planRestore(
  store: ObjectStore,
  entries: readonly ArchiveEntry[],
  target: RestoreTarget,
): Plan {
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
    throw new RestoreError(
      `${store.url} holds no segment that is as old as the tick or time to restore`,
    );
  }
  for (const [i, segment] of segments.entries()) {
    const before = segments[i - 1];
    const fault =
      before === undefined ? beginFault(snapshot, segment) : continuityFault(before, segment);
    if (fault !== null) throw new RestoreError(`${store.url}${keyOf(segment)}: ${fault}`);
  }
  return { snapshot, segments };
}

export function isWanted({ tick, timestamp }: RestoreTarget, at: End): boolean {
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

/** A plan without the snapshots that were refused. When there is none, the error tells the refusal too. */
export function replan(
  store: ObjectStore,
  entries: readonly ArchiveEntry[],
  target: RestoreTarget,
  refusal: Error,
): Plan {
  try {
    return planRestore(store, entries, target);
  } catch (error) {
    if (!(error instanceof RestoreError)) throw error;
    throw new RestoreError(`${refusal.message}; and without it: ${error.message}`, {
      cause: error,
    });
  }
}
