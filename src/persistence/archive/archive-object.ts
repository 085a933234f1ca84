/**
 * Packs segments and snapshots into objects of the archive, and unpacks them again. Each comes with its entry
 * for the manifest. Every byte is checked in both directions.
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

/** What a file or object holds. */
export interface Found<Entry extends ArchiveEntry> {
  entry: Entry;
  /** Id of its exchange, in hexadecimal. */
  exchangeId: string;
}

/** The same with the object to upload. */
export interface Packed<Entry extends ArchiveEntry> extends Found<Entry> {
  key: string;
  pieces: Uint8Array[];
}

export interface Receiver {
  /** Gets the next bytes of the file. More come when its promise resolves. */
  onBytes?(bytes: Uint8Array): Promise<void>;
  /** Called after each batch of a segment. */
  onBatch?(end: BatchEnd): void;
}

/** Key of an entry's object, without the archive's prefix. */
export function keyOf(entry: ArchiveEntry): string {
  return entry.kind === "segment" ? segmentObject(entry.number) : snapshotObject(entry.tick);
}

/**
 * Reads and compresses segment `number`. Rejects with `ContentError` when the file is not that segment, or is
 * damaged.
 */
export async function packSegment(path: string, number: number): Promise<Packed<SegmentEntry>> {
  const scan = new SegmentScan();
  const file = await named(path, () => compressFile(path, scan));
  const summary = await named(path, () => segmentSummary(scan, number));
  return { ...segmentFound(summary, file), key: segmentObject(number), pieces: file.pieces };
}

/** Reads and compresses the snapshot of `tick`. Rejects as `packSegment` does. */
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

/**
 * Downloads segment `number`. Rejects with `ObjectStoreError`, and with `ContentError` when the object is not
 * that segment, or is damaged.
 */
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

/**
 * Downloads the object of `entry`. Rejects as `unpackSegment` does, and with `ContentError` when the object
 * differs from the entry in any field or is of another exchange.
 */
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

/** Adds the name of the file or object to a `ContentError` of `read`. */
async function named<Result>(name: string, read: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ContentError)) throw error;
    throw new ContentError(`${name}: ${error.message}`, { cause: error });
  }
}
