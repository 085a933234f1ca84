/**
 * The journal's bytes. A segment file is a header and then batches. A command record that has no text takes half of its
 * 128 bytes (`packed-batch.ts`). `proto/journal.md` tells the same for people; a test compares the two.
 *
 * ```
 *  wal_000007.log
 *  ┌────────────────┬──────────────┬────────┬────────┬──────┬──────────────┬────────┬──────────────┐
 *  │ segment header │ batch header │ record │ record │ text │ batch header │ record │ zeros        │
 *  │            128 │          128 │     64 │     64 │   64 │          128 │     64 │ (unused yet) │
 *  └────────────────┴──────────────┴────────┴────────┴──────┴──────────────┴────────┴──────────────┘
 *         │ PREVIOUS_HASH ◄── OWN_HASH of the last batch of wal_000006.log
 *                          │ PREVIOUS_HASH ◄── the same hash: the chain runs from batch to batch
 * ```
 *
 * Little-endian; unused bytes are zero.
 *
 * ```
 *  byte  segment header                      byte  batch header
 *     0  MAGIC "WVRSEGMT"                       0  MAGIC "WVRBATCH"
 *     8  OWN_HASH        32 bytes               8  OWN_HASH        32 bytes
 *    40  VERSION                               40  VERSION         8 bits
 *                                              41  TEXTS           24 bits, since version 4
 *    44  SEGMENT number, from 1                44  COUNT of records, from 1
 *    48  FIRST_TICK      float64               48  TICK            float64
 *    56  FIRST_SEQUENCE  float64               56  FIRST_SEQUENCE  float64
 *    64  TIMESTAMP       float64               64  TIMESTAMP       float64
 *    72  EXCHANGE_ID     16 bytes              72  DURABLE_TICK    float64
 *    88  –                                     80  CHECK_START     float64, since version 2
 *                                              88  CHECK_HIGH, CHECK_LOW
 *    96  PREVIOUS_HASH   32 bytes              96  PREVIOUS_HASH   32 bytes
 * ```
 *
 * OWN_HASH is the SHA-256 of everything after it: the rest of the header and, in a batch, everything behind the
 * header. It stands before what it covers so that this is one range: one call of the hasher took 0.2 µs for a
 * batch of one record, two calls around the hash nearly twice that.
 */

import { C_TEXT_BYTES, COMMAND_BYTES } from "../../core/command.ts";
import type { TickHeader } from "../backend.ts";

/**
 * The format written here. Readers take this one and all before it. It is raised with the rules of the core and the
 * kinds of commands too, so that a program which does not know them refuses the journal instead of replaying it
 * wrongly.
 */
export const JOURNAL_VERSION = 5;
/** The first format whose batches carry a state check. */
export const STATE_CHECK_VERSION = 2;
/** The first format whose records stand without their texts; before it they have 128 bytes each. */
export const PACKED_VERSION = 4;

export const SEGMENT_HEADER_BYTES = 128;
export const BATCH_HEADER_BYTES = 128;
/** A record without its text, a text, or a part of the map that says which records have one. */
export const UNIT_BYTES = C_TEXT_BYTES;
/** Headers, records, maps and texts stand at multiples of this. */
export const ALIGNMENT_BYTES = UNIT_BYTES;
export const HASH_BYTES = 32;
export const HASH_INTS = 8;
export const EXCHANGE_ID_BYTES = 16;
/** A segment is read whole, so its size has a limit. */
export const SEGMENT_BYTES_MAX = 1024 * 1024 * 1024;
/** Room for a header and a batch of one record. */
export const SEGMENT_BYTES_MIN = SEGMENT_HEADER_BYTES + BATCH_HEADER_BYTES + COMMAND_BYTES;

/** "WVRSEGMT" and "WVRBATCH" as two little-endian 32-bit words each. */
export const SEGMENT_MAGIC = [0x53_52_56_57, 0x54_4d_47_45] as const;
export const BATCH_MAGIC = [0x42_52_56_57, 0x48_43_54_41] as const;

/** Offsets in bytes that both headers share: they stay where they are in every version. */
export const MAGIC_BYTE = 0;
export const OWN_HASH_BYTE = 8;
export const HASHED_BYTE = 40;
export const VERSION_BYTE = 40;
export const PREVIOUS_HASH_BYTE = 96;

/** Offsets in bytes in a segment header. */
export const SEGMENT_NUMBER_BYTE = 44;
export const SEGMENT_FIRST_TICK_BYTE = 48;
export const SEGMENT_FIRST_SEQUENCE_BYTE = 56;
export const SEGMENT_TIMESTAMP_BYTE = 64;
export const SEGMENT_EXCHANGE_ID_BYTE = 72;

/** Offsets in bytes in a batch header. */
export const BATCH_TEXTS_BYTE = 41;
export const BATCH_COUNT_BYTE = 44;
export const BATCH_TICK_BYTE = 48;
export const BATCH_FIRST_SEQUENCE_BYTE = 56;
export const BATCH_TIMESTAMP_BYTE = 64;
export const BATCH_DURABLE_TICK_BYTE = 72;
export const BATCH_CHECK_START_BYTE = 80;
export const BATCH_CHECK_HIGH_BYTE = 88;
export const BATCH_CHECK_LOW_BYTE = 92;

/** What a segment header says, apart from the hashes. */
export interface SegmentInfo {
  number: number;
  /** Tick, sequence number and time of the first batch. */
  firstTick: number;
  firstSequence: number;
  timestamp: number;
  exchangeId: Uint8Array;
}

/** VERSION has the lowest bits of its word, TEXTS those above. */
const VERSION_BITS = 8;

const digest = new Uint8Array(HASH_BYTES);
const digestInts = new Int32Array(digest.buffer);

const header = new Uint8Array(128);
const headerInts = new Int32Array(header.buffer);
const headerDoubles = new Float64Array(header.buffer);

/** Writes a segment header into `target`; `chain` is the hash of the last batch before it. */
export function fillSegmentHeader(target: Uint8Array, info: SegmentInfo, chain: Int32Array): void {
  beginHeader(SEGMENT_MAGIC, chain);
  headerInts[SEGMENT_NUMBER_BYTE >> 2] = info.number;
  headerDoubles[SEGMENT_FIRST_TICK_BYTE >> 3] = info.firstTick;
  headerDoubles[SEGMENT_FIRST_SEQUENCE_BYTE >> 3] = info.firstSequence;
  headerDoubles[SEGMENT_TIMESTAMP_BYTE >> 3] = info.timestamp;
  header.set(info.exchangeId, SEGMENT_EXCHANGE_ID_BYTE);
  sealWithHeader(target);
}

/**
 * Writes the batch header into the first 128 bytes of a packed `batch` with so many `texts`, and moves `chain` on to its
 * hash. `durableTick` is the last tick known to be on disk at this moment.
 */
export function fillBatchHeader(
  batch: Uint8Array,
  info: TickHeader,
  texts: number,
  durableTick: number,
  chain: Int32Array,
): void {
  beginHeader(BATCH_MAGIC, chain);
  headerInts[VERSION_BYTE >> 2] = JOURNAL_VERSION | (texts << VERSION_BITS);
  headerInts[BATCH_COUNT_BYTE >> 2] = info.count;
  headerDoubles[BATCH_TICK_BYTE >> 3] = info.tick;
  headerDoubles[BATCH_FIRST_SEQUENCE_BYTE >> 3] = info.firstSequence;
  headerDoubles[BATCH_TIMESTAMP_BYTE >> 3] = info.timestamp;
  headerDoubles[BATCH_DURABLE_TICK_BYTE >> 3] = durableTick;
  headerDoubles[BATCH_CHECK_START_BYTE >> 3] = info.checkStart;
  headerInts[BATCH_CHECK_HIGH_BYTE >> 2] = info.checkHigh;
  headerInts[BATCH_CHECK_LOW_BYTE >> 2] = info.checkLow;
  sealWithHeader(batch);
  for (let i = 0; i < HASH_INTS; i++) chain[i] = digestInts[i] as number;
}

function beginHeader(magic: readonly [number, number], chain: Int32Array): void {
  header.fill(0);
  headerInts.set(magic, MAGIC_BYTE >> 2);
  headerInts[VERSION_BYTE >> 2] = JOURNAL_VERSION;
  headerInts.set(chain, PREVIOUS_HASH_BYTE >> 2);
}

/** Writes the header to the start of `target`, and into it the hash of itself and of what follows it. */
function sealWithHeader(target: Uint8Array): void {
  target.set(header);
  Bun.SHA256.hash(target.subarray(HASHED_BYTE), digest);
  target.set(digest, OWN_HASH_BYTE);
}

/** The format version of the header at byte `start`. */
export function versionAt(ints: Int32Array, start: number): number {
  return (ints[(start + VERSION_BYTE) >> 2] as number) & ((1 << VERSION_BITS) - 1);
}

/** How many texts the batch whose header is at byte `start` has behind its records. */
export function textsAt(ints: Int32Array, start: number): number {
  return (ints[(start + VERSION_BYTE) >> 2] as number) >>> VERSION_BITS;
}

/** Length in bytes of the batch whose header is at byte `start`, with its header. */
export function batchBytes(ints: Int32Array, start: number): number {
  const count = ints[(start + BATCH_COUNT_BYTE) >> 2] as number;
  return versionAt(ints, start) < PACKED_VERSION
    ? BATCH_HEADER_BYTES + count * COMMAND_BYTES
    : BATCH_HEADER_BYTES + packedUnits(count, textsAt(ints, start)) * UNIT_BYTES;
}

/** Units of a packed batch of `count` records and `texts` texts, without its header. */
export function packedUnits(count: number, texts: number): number {
  return count + mapUnits(count, texts) + texts;
}

/** Units of the map that says which records have a text; there is none where all have one, or none has. */
export function mapUnits(count: number, texts: number): number {
  return texts === 0 || texts === count ? 0 : Math.ceil(count / (UNIT_BYTES * 8));
}

/** Whether the words at byte `start` are the magic of such a header. */
export function hasMagic(
  ints: Int32Array,
  start: number,
  magic: readonly [number, number],
): boolean {
  const word = (start + MAGIC_BYTE) >> 2;
  return ints[word] === magic[0] && ints[word + 1] === magic[1];
}

/**
 * Whether the header at the start of `ints`, which is the start of its memory, carries the hash of the rest of
 * its `bytes`.
 */
export function hashIsRight(ints: Int32Array, bytes: number): boolean {
  return isHashOf(ints, 0, new Uint8Array(ints.buffer, HASHED_BYTE, bytes - HASHED_BYTE));
}

/** Whether the header at byte `start` carries the hash of `hashed`. */
export function isHashOf(ints: Int32Array, start: number, hashed: Uint8Array): boolean {
  Bun.SHA256.hash(hashed, digest);
  return equalHashes(ints, (start + OWN_HASH_BYTE) >> 2, digestInts);
}

/** Whether `hash` stands in `ints` at `word`. */
export function equalHashes(ints: Int32Array, word: number, hash: Int32Array): boolean {
  for (let i = 0; i < HASH_INTS; i++) {
    if (ints[word + i] !== hash[i]) return false;
  }
  return true;
}

const SEGMENT_NAME = /^wal_(\d{6,})\.log$/;

/** `wal_000001.log`; seven digits from the millionth on. */
export function segmentName(number: number): string {
  return `wal_${String(number).padStart(6, "0")}.log`;
}

/** The number in a segment's name, or null when it is not one. */
export function segmentNumber(name: string): number | null {
  const match = SEGMENT_NAME.exec(name);
  if (match === null) return null;
  const number = Number(match[1]);
  return segmentName(number) === name ? number : null;
}
