/**
 * Reads one segment in memory and checks every byte of it against what must come next.
 *
 * What it finds wrong it returns as a `Fault`; whether that is a torn tail or damage depends on
 * where the segment stands, which only the reader of the whole journal knows.
 */

import { COMMAND_BYTES } from "../../core/command.ts";
import type { JournalBatch } from "../backend.ts";
import { NO_STATE_CHECK } from "../backend.ts";
import type { Fault } from "./damage.ts";
import { HashedBytes } from "./hashed-bytes.ts";
import * as layout from "./layout.ts";
import { BatchUnpacker } from "./packed-batch.ts";
import type { SegmentBytes } from "./segment-bytes.ts";

/**
 * After so many bytes `checkedAfter` is called again. It tells how far the batches are checked, and learns how
 * far the replay has come.
 */
const LOOK_BYTES = 1 << 16;

/** What the next batch must continue: all that a reading of the chain has to remember. */
export interface JournalPosition {
  nextTick: number;
  nextSequence: number;
  /** Hash of the last batch, 8 words; zeros before the first. */
  readonly chain: Int32Array;
}

/** Whether the header never reached the disk: the file ends inside it, or zeros stand there. */
export function headerIsAbsent(segment: SegmentBytes): boolean {
  const { ints, length } = segment;
  if (length >= layout.SEGMENT_HEADER_BYTES) return isZero(ints, 0, layout.SEGMENT_HEADER_BYTES);
  return ints[0] === 0 || ints[0] === layout.SEGMENT_MAGIC[0] || length < 4;
}

/** Checks the header's own integrity. Null when it is sound. */
export function headerFault(segment: SegmentBytes): Fault | null {
  const { ints, length } = segment;
  if (headerIsAbsent(segment)) {
    return length < layout.SEGMENT_HEADER_BYTES
      ? { kind: "cut-short", offset: length, reason: "the file ends inside its header" }
      : { kind: "flipped-bit", offset: 0, reason: "zeros stand where its header was" };
  }
  if (!layout.hasMagic(ints, 0, layout.SEGMENT_MAGIC)) {
    return { kind: "foreign-file", offset: 0, reason: "this is not a journal segment" };
  }
  if (!layout.hashIsRight(ints, layout.SEGMENT_HEADER_BYTES)) {
    return { kind: "flipped-bit", offset: 0, reason: "the header does not match its hash" };
  }
  return versionFault(ints, 0);
}

/** Checks that a sound header belongs to file `number` of exchange `exchangeId`. */
export function identityFault(
  segment: SegmentBytes,
  number: number,
  exchangeId: Uint8Array | null,
): Fault | null {
  const own = segment.ints[layout.SEGMENT_NUMBER_BYTE >> 2];
  if (exchangeId !== null && !equalBytes(exchangeIdOf(segment), exchangeId)) {
    return {
      kind: "foreign-journal",
      offset: layout.SEGMENT_EXCHANGE_ID_BYTE,
      reason: "this segment belongs to another exchange than the one before it",
    };
  }
  if (own !== number) {
    return {
      kind: "swapped-segment",
      offset: layout.SEGMENT_NUMBER_BYTE,
      reason: `this is segment ${own}, filed as ${number}`,
    };
  }
  return null;
}

/**
 * Checks that a sound header continues the journal at `position`. `where`: the place to name if something is missing.
 */
export function continuityFault(
  segment: SegmentBytes,
  position: JournalPosition,
  where = "before it",
): Fault | null {
  const { ints, doubles } = segment;
  const tick = doubles[layout.SEGMENT_FIRST_TICK_BYTE >> 3] as number;
  const sequence = doubles[layout.SEGMENT_FIRST_SEQUENCE_BYTE >> 3] as number;
  const { nextTick, nextSequence } = position;
  if (tick > nextTick) {
    return {
      kind: "cut-short",
      offset: 0,
      reason: `ticks ${nextTick} to ${tick - 1} are missing ${where}`,
    };
  }
  if (tick !== nextTick || sequence !== nextSequence || !continues(ints, 0, position)) {
    return {
      kind: "broken-chain",
      offset: 0,
      reason: `it begins at tick ${tick} and does not continue tick ${nextTick - 1}`,
    };
  }
  return null;
}

/**
 * Reads the batches after the header, hands each to `apply` and moves `position` on. Returns where
 * the last good one ends and, unless only zeros follow, what is wrong there.
 */
export function readBatches(
  segment: SegmentBytes,
  position: JournalPosition,
  apply: (batch: JournalBatch) => void,
): { end: number; fault: Fault | null } {
  const { ints, doubles, length } = segment;
  const hashedBytes = new HashedBytes(ints);
  const unpacker = new BatchUnpacker();
  // One object for all of them: a batch is valid during the call only.
  const batch: JournalBatch = {
    ...{ tick: 0, firstSequence: 0, timestamp: 0, count: 0, first: 0, bytes: 0 },
    ...NO_STATE_CHECK,
    ints,
    doubles,
  };
  let offset = layout.SEGMENT_HEADER_BYTES;
  let checked = 0;
  let nextLook = 0;
  for (;;) {
    if (offset >= nextLook) {
      checked = segment.checkedAfter(offset);
      nextLook = Math.min(checked, offset + LOOK_BYTES);
    }
    if (offset + layout.BATCH_HEADER_BYTES > length || ints[offset >> 2] === 0) {
      return { end: offset, fault: isZero(ints, offset, length) ? null : tailFault(offset) };
    }
    const fault = batchFault(segment, hashedBytes, offset, position, checked);
    if (fault !== null) return { end: offset, fault };

    const count = ints[(offset + layout.BATCH_COUNT_BYTE) >> 2] as number;
    const hasCheck = layout.versionAt(ints, offset) >= layout.STATE_CHECK_VERSION;
    const checkStart = doubles[(offset + layout.BATCH_CHECK_START_BYTE) >> 3] as number;
    batch.tick = position.nextTick;
    batch.firstSequence = position.nextSequence;
    batch.timestamp = doubles[(offset + layout.BATCH_TIMESTAMP_BYTE) >> 3] as number;
    batch.count = count;
    batch.bytes = layout.batchBytes(ints, offset);
    batch.checkStart = hasCheck ? checkStart : NO_STATE_CHECK.checkStart;
    batch.checkHigh = ints[(offset + layout.BATCH_CHECK_HIGH_BYTE) >> 2] as number;
    batch.checkLow = ints[(offset + layout.BATCH_CHECK_LOW_BYTE) >> 2] as number;
    if (!showRecords(batch, segment, unpacker, offset)) {
      const reason = "its map has another number of texts than its header says";
      return { end: offset, fault: { kind: "flipped-bit", offset, reason } };
    }
    apply(batch);
    position.nextTick++;
    position.nextSequence += count;
    const hash = (offset + layout.OWN_HASH_BYTE) >> 2;
    for (let i = 0; i < layout.HASH_INTS; i++) position.chain[i] = ints[hash + i] as number;
    offset += batch.bytes;
  }
}

/**
 * Points a batch to its records: to the segment in formats before packing, else to the unpacked ones; false
 * when they cannot be unpacked.
 */
function showRecords(
  batch: JournalBatch,
  { ints, doubles }: SegmentBytes,
  unpacker: BatchUnpacker,
  offset: number,
): boolean {
  if (layout.versionAt(ints, offset) < layout.PACKED_VERSION) {
    batch.first = (offset + layout.BATCH_HEADER_BYTES) / COMMAND_BYTES;
    batch.ints = ints;
    batch.doubles = doubles;
    return true;
  }
  const isWhole = unpacker.unpack(ints, offset);
  // The header stands before them, as in a segment.
  batch.first = layout.BATCH_HEADER_BYTES / COMMAND_BYTES;
  batch.ints = unpacker.ints;
  batch.doubles = unpacker.doubles;
  return isWhole;
}

/**
 * The end of the last whole batch, of those that follow each other from `offset` on and match their hashes.
 * Whether they continue the journal is not checked.
 */
export function wholeBatchesEnd(
  segment: SegmentBytes,
  hashedBytes: HashedBytes,
  offset: number,
): number {
  let end = offset;
  while (
    end + layout.BATCH_HEADER_BYTES <= segment.length &&
    integrityFault(segment, hashedBytes, end) === null
  ) {
    end += layout.batchBytes(segment.ints, end);
  }
  return end;
}

/**
 * Looks for a whole batch anywhere after `offset` and returns the last tick that any of them says
 * was on disk before it was written; null when there is none.
 *
 * Batches appended between two flushes may reach the disk in any order, so a good batch after a bad
 * one is damage only when the bad one had been flushed.
 */
export function durableTickAfter(segment: SegmentBytes, offset: number): number | null {
  const { ints, doubles, length } = segment;
  const hashedBytes = new HashedBytes(ints);
  let latest: number | null = null;
  const start = offset + layout.ALIGNMENT_BYTES;
  for (let at = start; at + layout.BATCH_HEADER_BYTES < length; at += layout.ALIGNMENT_BYTES) {
    if (integrityFault(segment, hashedBytes, at) !== null) continue;
    const tick = doubles[(at + layout.BATCH_DURABLE_TICK_BYTE) >> 3] as number;
    latest = latest === null ? tick : Math.max(latest, tick);
  }
  return latest;
}

export function hasOnlyZeros(segment: SegmentBytes): boolean {
  return isZero(segment.ints, 0, segment.length);
}

/** Offset after the last byte that is not zero. */
export function contentEnd({ bytes, length }: SegmentBytes): number {
  let end = length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return end;
}

export function exchangeIdOf({ bytes }: SegmentBytes): Uint8Array {
  const start = layout.SEGMENT_EXCHANGE_ID_BYTE;
  return bytes.slice(start, start + layout.EXCHANGE_ID_BYTES);
}

/** Bytes that are neither a batch nor zeros. */
function tailFault(offset: number): Fault {
  return {
    kind: "trailing-bytes",
    offset,
    reason: "after the last batch stands something that is neither a batch nor zeros",
  };
}

/**
 * Checks the batch at `offset`. Batches up to `checked` are known to match their hashes.
 */
function batchFault(
  segment: SegmentBytes,
  hashedBytes: HashedBytes,
  offset: number,
  position: JournalPosition,
  checked: number,
): Fault | null {
  const fault = integrityFault(segment, hashedBytes, offset, checked);
  if (fault !== null) return fault;
  const { ints, doubles } = segment;
  const tick = doubles[(offset + layout.BATCH_TICK_BYTE) >> 3];
  const sequence = doubles[(offset + layout.BATCH_FIRST_SEQUENCE_BYTE) >> 3];
  const { nextTick, nextSequence } = position;
  if (tick !== nextTick || sequence !== nextSequence || !continues(ints, offset, position)) {
    return {
      kind: "broken-chain",
      offset,
      reason: `the batch of tick ${tick} does not continue tick ${nextTick - 1}`,
    };
  }
  return null;
}

/**
 * Whether the batch at `offset` is whole and its own hash right, wherever it belongs. Those that end before `checked`
 * are known to match their hashes.
 */
function integrityFault(
  { ints, length }: SegmentBytes,
  hashedBytes: HashedBytes,
  offset: number,
  checked = 0,
): Fault | null {
  if (!layout.hasMagic(ints, offset, layout.BATCH_MAGIC)) return tailFault(offset);
  const count = ints[(offset + layout.BATCH_COUNT_BYTE) >> 2] as number;
  const end = offset + layout.batchBytes(ints, offset);
  if (count < 1 || end > length) {
    return {
      kind: end > length ? "cut-short" : "flipped-bit",
      offset,
      reason: `its header gives the batch ${count} records, and the file has room for ${Math.max(
        0,
        Math.floor((length - offset - layout.BATCH_HEADER_BYTES) / recordBytesAt(ints, offset)),
      )}`,
    };
  }
  if (end > checked && !layout.isHashOf(ints, offset, hashedBytes.of(offset, end - offset))) {
    return { kind: "flipped-bit", offset, reason: "the batch does not match its hash" };
  }
  return versionFault(ints, offset);
}

/**
 * Length in bytes of each record of the batch at `offset`; texts that stand behind the records are not counted.
 */
function recordBytesAt(ints: Int32Array, offset: number): number {
  const isPacked = layout.versionAt(ints, offset) >= layout.PACKED_VERSION;
  return isPacked ? layout.UNIT_BYTES : COMMAND_BYTES;
}

/** Call it only for a header whose hash is right: a flipped bit must not look like another version. */
function versionFault(ints: Int32Array, offset: number): Fault | null {
  const version = layout.versionAt(ints, offset);
  if (version >= 1 && version <= layout.JOURNAL_VERSION) return null;
  const reason = `it has format version ${version}; this program knows 1 to ${layout.JOURNAL_VERSION}`;
  return { kind: "newer-version", offset, reason };
}

function continues(ints: Int32Array, offset: number, position: JournalPosition): boolean {
  return layout.equalHashes(ints, (offset + layout.PREVIOUS_HASH_BYTE) >> 2, position.chain);
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/**
 * Whether the bytes from `start` to `end` are zero. It looks at whole words: behind a segment its memory is
 * zero.
 */
function isZero(ints: Int32Array, start: number, end: number): boolean {
  for (let word = start >> 2; word << 2 < end; word++) {
    if (ints[word] !== 0) return false;
  }
  return true;
}
