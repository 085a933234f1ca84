/** Reads everything in an archive and reports what is wrong with it. */

import { ArchiveIndex } from "./archive-index.ts";
import { keyOf, unpackEntry } from "./archive-object.ts";
import { ContentError } from "./content-error.ts";
import type { ArchiveEntry, SegmentEntry } from "./manifest.ts";
import {
  SEGMENTS_FOLDER,
  SNAPSHOTS_FOLDER,
  segmentOfObject,
  snapshotOfObject,
} from "./object-names.ts";
import { type ObjectStore, ObjectStoreError } from "./object-store.ts";

export interface Verification {
  exchangeId: string;
  segments: number;
  snapshots: number;
  /** First tick of the first segment, and last tick of the last one; 0 = there is no segment. */
  firstTick: number;
  lastTick: number;
  /** Compressed bytes of the objects that are sound. */
  compressedBytes: number;
  /** One sentence for each fault. */
  faults: string[];
  /** Objects that the manifest does not name: uploads that were not finished. */
  unnamed: string[];
}

export interface Progress {
  done: number;
  total: number;
  key: string;
}

/**
 * Downloads every object of the manifest and checks its hashes, each batch of the journal, and the
 * chain from the first record to the last. Null when there is no archive. Rejects with
 * `ObjectStoreError`, `ManifestDamagedError` and `ManifestVersionError`.
 */
export async function verifyArchive(
  store: ObjectStore,
  onProgress: (progress: Progress) => void = () => undefined,
): Promise<Verification | null> {
  const index = await ArchiveIndex.open(store);
  if (index === null) return null;
  const entries = await index.entries();
  const segments = entries.filter((entry) => entry.kind === "segment");
  segments.sort((a, b) => a.number - b.number);
  const faults = chainFaults(store, segments, entries);
  let compressedBytes = 0;
  for (const [done, entry] of entries.entries()) {
    onProgress({ done, total: entries.length, key: keyOf(entry) });
    const fault = await objectFault(store, entry, index.exchangeId);
    if (fault === null) compressedBytes += entry.compressed_bytes;
    else faults.push(fault);
  }
  return {
    exchangeId: index.exchangeId,
    segments: segments.length,
    snapshots: entries.length - segments.length,
    firstTick: segments[0]?.first_tick ?? 0,
    lastTick: segments.at(-1)?.last_tick ?? 0,
    compressedBytes,
    faults,
    unnamed: await unnamedObjects(store, entries),
  };
}

/** What is wrong with an object; null when it is exactly what its entry says. */
async function objectFault(
  store: ObjectStore,
  entry: ArchiveEntry,
  exchangeId: string,
): Promise<string | null> {
  try {
    await unpackEntry(store, entry, exchangeId);
    return null;
  } catch (error) {
    const isMissing = error instanceof ObjectStoreError && error.trouble === "missing-object";
    if (error instanceof ContentError || isMissing) return error.message;
    throw error;
  }
}

/**
 * Checks the chain from entry to entry. As each object is compared with its entry, this is the journal's chain.
 */
function chainFaults(
  store: ObjectStore,
  segments: readonly SegmentEntry[],
  entries: readonly ArchiveEntry[],
): string[] {
  const faults: string[] = [];
  const [first] = segments;
  if (first !== undefined && first.number !== 1) {
    faults.push(
      `${store.url}: the journal begins with segment ${first.number}; what came before it is not in the archive`,
    );
  }
  for (const [i, segment] of segments.entries()) {
    const before = segments[i - 1];
    const fault = before === undefined ? null : continuityFault(before, segment);
    if (fault !== null) faults.push(`${store.url}${keyOf(segment)}: ${fault}`);
  }
  const chainAfter = new Map(segments.map(({ number, chain_hash }) => [number, chain_hash]));
  for (const entry of entries) {
    if (entry.kind === "segment") continue;
    const expected = chainAfter.get(entry.next_segment - 1);
    if (expected === undefined || expected === entry.chain_hash) continue;
    faults.push(
      `${store.url}${keyOf(entry)}: it does not continue segment ${entry.next_segment - 1}`,
    );
  }
  return faults;
}

/** Why `segment` cannot follow `before`; null when it does. */
export function continuityFault(before: SegmentEntry, segment: SegmentEntry): string | null {
  if (segment.number !== before.number + 1) {
    const missing = before.number + 1;
    const last = segment.number - 1;
    return last < missing
      ? `segment ${segment.number} is there twice`
      : `segments ${missing} to ${last} are missing before it`;
  }
  const continues =
    segment.previous_hash === before.chain_hash &&
    segment.first_tick === before.last_tick + 1 &&
    segment.first_sequence === before.last_sequence + 1;
  return continues ? null : `it does not continue segment ${before.number}`;
}

async function unnamedObjects(
  store: ObjectStore,
  entries: readonly ArchiveEntry[],
): Promise<string[]> {
  const named = new Set(entries.map(keyOf));
  const unnamed: string[] = [];
  for (const folder of [SEGMENTS_FOLDER, SNAPSHOTS_FOLDER]) {
    for await (const { key } of store.list(folder)) {
      const isOurs = segmentOfObject(key) !== null || snapshotOfObject(key) !== null;
      if (isOurs && !named.has(key)) unnamed.push(key);
    }
  }
  return unnamed;
}
