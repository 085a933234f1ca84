/**
 * Segments and snapshots on their way to objects and back, each with the entry that the manifest has
 * of it. Files and objects are checked from the first byte to the last in either direction.
 */

import {
  type ContentHashes,
  compressFile,
  decompressObject,
  readPieces,
} from "./compressed-file.ts";
import { ContentError } from "./content-error.ts";
import type { ArchiveEntry, SegmentEntry, SnapshotEntry } from "./manifest.ts";
import { segmentObject, snapshotObject } from "./object-names.ts";
import type { ObjectStore } from "./object-store.ts";
import { type BatchEnd, SegmentScan, type SegmentSummary } from "./segment-scan.ts";
import { SnapshotScan, type SnapshotSummary } from "./snapshot-scan.ts";

/** What a file or object was found to be. */
export interface Found<Entry extends ArchiveEntry> {
  entry: Entry;
  /** In hexadecimal. */
  exchangeId: string;
}

/** The same with the bytes to upload. */
export interface Packed<Entry extends ArchiveEntry> extends Found<Entry> {
  key: string;
  pieces: Uint8Array[];
}

export interface Receiver {
  /** The file's bytes; the next ones come when this is done. */
  onBytes?(bytes: Uint8Array): Promise<void>;
  /** After each batch of a segment. */
  onBatch?(end: BatchEnd): void;
}

/** Where an entry's object is, below the prefix. */
export function keyOf(entry: ArchiveEntry): string {
  return entry.kind === "segment" ? segmentObject(entry.number) : snapshotObject(entry.tick);
}

/** Reads and compresses segment `number`. Rejects with `ContentError` when the file is not that. */
export async function packSegment(path: string, number: number): Promise<Packed<SegmentEntry>> {
  const scan = new SegmentScan();
  const file = await named(path, () => compressFile(path, scan));
  const summary = await named(path, () => segmentSummary(scan, number));
  return { ...segmentFound(summary, file), key: segmentObject(number), pieces: file.pieces };
}

/** Reads and compresses the snapshot of `tick`. Rejects with `ContentError` when the file is not that. */
export async function packSnapshot(path: string, tick: number): Promise<Packed<SnapshotEntry>> {
  const scan = new SnapshotScan();
  const file = await named(path, () => compressFile(path, scan));
  const summary = await named(path, () => snapshotSummary(scan, tick));
  return { ...snapshotFound(summary, file), key: snapshotObject(tick), pieces: file.pieces };
}

/** Reads segment `number` without compressing it. Rejects as `packSegment` does. */
export async function scanSegmentFile(
  path: string,
  number: number,
): Promise<SegmentSummary & { hasZerosAtEnd: boolean }> {
  return await named(path, async () => {
    const scan = new SegmentScan();
    for await (const piece of readPieces(path)) scan.take(piece);
    return { ...segmentSummary(scan, number), hasZerosAtEnd: scan.hasZerosAtEnd };
  });
}

/** Downloads segment `number`. Rejects with `ObjectStoreError`, or `ContentError` when it is not that. */
export function unpackSegment(
  store: ObjectStore,
  number: number,
  { onBytes, onBatch }: Receiver = {},
): Promise<Found<SegmentEntry>> {
  const key = segmentObject(number);
  const scan = new SegmentScan(onBatch);
  return named(store.url + key, async () => {
    const hashes = await decompressObject(store, key, async (bytes) => {
      scan.take(bytes);
      await onBytes?.(bytes);
    });
    return segmentFound(segmentSummary(scan, number), hashes);
  });
}

/** Downloads the snapshot of `tick`; rejects as `unpackSegment` does. */
export function unpackSnapshot(
  store: ObjectStore,
  tick: number,
  { onBytes }: Receiver = {},
): Promise<Found<SnapshotEntry>> {
  const key = snapshotObject(tick);
  const scan = new SnapshotScan();
  return named(store.url + key, async () => {
    const hashes = await decompressObject(store, key, async (bytes) => {
      scan.take(bytes);
      await onBytes?.(bytes);
    });
    return snapshotFound(snapshotSummary(scan, tick), hashes);
  });
}

/** Downloads what `entry` is about and rejects with `ContentError` when it is not exactly that. */
export async function unpackEntry(
  store: ObjectStore,
  entry: ArchiveEntry,
  exchangeId: string,
  receiver: Receiver = {},
): Promise<void> {
  const found =
    entry.kind === "segment"
      ? await unpackSegment(store, entry.number, receiver)
      : await unpackSnapshot(store, entry.tick, receiver);
  const object = store.url + keyOf(entry);
  if (found.exchangeId !== exchangeId) {
    throw new ContentError(`${object}: it belongs to another exchange`);
  }
  const wanted: Readonly<Record<string, unknown>> = entry;
  for (const [field, value] of Object.entries(found.entry)) {
    if (value === wanted[field]) continue;
    throw new ContentError(
      `${object}: its ${field} is ${value}; the manifest says ${wanted[field]}`,
    );
  }
}

function segmentSummary(scan: SegmentScan, number: number): SegmentSummary {
  const summary = scan.end();
  if (summary.number === number) return summary;
  throw new ContentError(`this is segment ${summary.number}, filed as ${number}`);
}

function snapshotSummary(scan: SnapshotScan, tick: number): SnapshotSummary {
  const summary = scan.end();
  if (summary.tick === tick) return summary;
  throw new ContentError(`this is the snapshot of tick ${summary.tick}, filed as ${tick}`);
}

function segmentFound(summary: SegmentSummary, hashes: ContentHashes): Found<SegmentEntry> {
  const entry: SegmentEntry = {
    kind: "segment",
    number: summary.number,
    first_tick: summary.firstTick,
    last_tick: summary.lastTick,
    first_sequence: summary.firstSequence,
    last_sequence: summary.lastSequence,
    first_timestamp: summary.firstTimestamp,
    last_timestamp: summary.lastTimestamp,
    previous_hash: summary.previousHash,
    chain_hash: summary.chainHash,
    ...contentFields(hashes),
  };
  return { entry, exchangeId: summary.exchangeId };
}

function snapshotFound(summary: SnapshotSummary, hashes: ContentHashes): Found<SnapshotEntry> {
  const entry: SnapshotEntry = {
    kind: "snapshot",
    tick: summary.tick,
    sequence: summary.sequence,
    timestamp: summary.timestamp,
    next_segment: summary.nextSegment,
    chain_hash: summary.chainHash,
    ...contentFields(hashes),
  };
  return { entry, exchangeId: summary.exchangeId };
}

function contentFields({ bytes, sha256, compressedBytes, compressedSha256 }: ContentHashes) {
  return {
    bytes,
    sha256,
    compressed_bytes: compressedBytes,
    compressed_sha256: compressedSha256,
  };
}

/** Names the file or object in what `read` finds wrong with its content. */
async function named<Result>(name: string, read: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ContentError)) throw error;
    throw new ContentError(`${name}: ${error.message}`, { cause: error });
  }
}
