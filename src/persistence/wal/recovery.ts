/**
 * Reads the batches of the whole journal in order, and decides what a fault means.
 *
 * ```
 *   wal_000001   wal_000002   wal_000003   wal_000004
 *   ■■■■■■■■■■   ■■■■■■■■■■   ■■■■■■▒····  ··········
 *   sealed       sealed       last         prepared, never used
 *      any fault is damage    └ torn tail: nobody was told of it
 * ```
 */

import { join } from "node:path";
import { runSteps } from "../../lib/steps.ts";
import type { JournalBatch, JournalReport, RecoveryProgress } from "../backend.ts";
import type { SegmentsAhead } from "./ahead/segments-ahead.ts";
import type { Fault } from "./damage.ts";
import { damaged } from "./damage.ts";
import type { FileSystem } from "./file-system.ts";
import { diskFileSystem } from "./file-system.ts";
import type { JournalStart } from "./journal-start.ts";
import { checkNoneMissing, oldestStart } from "./journal-start.ts";
import { SEGMENT_HEADER_BYTES, segmentName } from "./layout.ts";
import type { SegmentBytes } from "./segment-bytes.ts";
import { SegmentFiles } from "./segment-files.ts";
import type { JournalPosition } from "./segment-reader.ts";
import {
  contentEnd,
  continuityFault,
  durableTickAfter,
  exchangeIdOf,
  hasOnlyZeros,
  headerFault,
  headerIsAbsent,
  identityFault,
  readBatches,
} from "./segment-reader.ts";
import { UNFINISHED_NAME } from "./segment-supply.ts";

export interface ReadingOptions {
  /** Where to begin; without it at the oldest segment that is there. */
  start?: JournalStart;
  /** The last segment to read. It is sealed, as are all before it: nothing in them can be torn. */
  through?: number;
  /** Starts reading the segments of these numbers ahead; null when they are to be read one by one. */
  ahead?: (files: SegmentFiles, numbers: readonly number[]) => SegmentsAhead | null;
  /** Called after each segment. */
  onProgress?: ((progress: RecoveryProgress) => void) | undefined;
}

/** Where a journal ends, and what else lies in its directory. */
export interface JournalReading {
  report: JournalReport;
  position: JournalPosition;
  /** 16 bytes, of the first segment; null when there is none. */
  exchangeId: Uint8Array | null;
  /** The last segment that has batches, and where they end; null when none of those read has. */
  last: { number: number; end: number } | null;
  /** Number of the segment that the next batch begins. */
  nextSegment: number;
  /** Numbers of the segments after `last`: prepared, or torn before their first batch. */
  unused: number[];
}

/**
 * Reads the batches of the journal in `directory` in order and hands each to `onBatch`; changes
 * nothing. A torn tail is reported, not cut. Throws `JournalDamagedError` on anything else.
 */
export function readJournal(
  directory: string,
  onBatch: (batch: JournalBatch) => void,
  fileSystem: FileSystem = diskFileSystem,
  options: ReadingOptions = {},
): JournalReading {
  return runSteps(readJournalInSteps(directory, onBatch, fileSystem, options));
}

/** As `readJournal`, in steps of one segment. */
export function* readJournalInSteps(
  directory: string,
  onBatch: (batch: JournalBatch) => void,
  fileSystem: FileSystem,
  { start: given, through, ahead: startAhead, onProgress }: ReadingOptions,
): Generator<void, JournalReading> {
  const files = new SegmentFiles(directory, fileSystem);
  const start = given ?? oldestStart(files);
  const numbers = files.numbers().filter((number) => number <= (through ?? number));
  const unused: number[] = [];
  const mayBeUnused = (): boolean =>
    through === undefined && (numbers.at(-1) ?? 0) >= start.segment;
  while (mayBeUnused() && isUnused(files, numbers.at(-1) as number)) {
    unused.unshift(numbers.pop() as number);
  }
  checkNoneMissing(files, numbers, start, through);

  const { nextTick, nextSequence, chain, exchangeId } = start;
  const position = { nextTick, nextSequence, chain: chain.slice() };
  const report = emptyReport(start.timestamp);
  const { segment: nextSegment } = start;
  const reading: JournalReading = { report, position, exchangeId, last: null, nextSegment, unused };
  const apply = (batch: JournalBatch): void => {
    report.batches++;
    report.commands += batch.count;
    report.lastTimestamp = batch.timestamp;
    onBatch(batch);
  };

  const wanted = numbers.filter((number) => number >= start.segment);
  const progress = progressOf(files, onProgress === undefined ? [] : wanted);
  const ahead = startAhead?.(files, wanted) ?? null;
  try {
    for (const number of wanted) {
      const isLast = through === undefined && number === wanted.at(-1);
      const segment = (ahead ?? files).load(number);
      const end = readSegment(files, segment, number, isLast, reading, apply);
      if (end > SEGMENT_HEADER_BYTES) {
        reading.last = { number, end };
        reading.nextSegment = number + 1;
        report.segments++;
      } else {
        unused.unshift(number);
      }
      onProgress?.(progress(number, report.commands));
      yield;
    }
  } finally {
    ahead?.stop();
  }
  report.lastTick = position.nextTick - 1;
  report.lastSequence = position.nextSequence - 1;
  return reading;
}

/** Whether a segment is empty or has only zeros. */
function isUnused(files: SegmentFiles, number: number): boolean {
  return hasOnlyZeros(files.header(number)) && hasOnlyZeros(files.load(number));
}

/** Makes a function that gives the progress of reading these segments, after segment `number`. */
function progressOf(
  files: SegmentFiles,
  numbers: readonly number[],
): (number: number, commands: number) => RecoveryProgress {
  const bytes = numbers.map((number) => files.bytes(number));
  const bytesTotal = bytes.reduce((sum, each) => sum + each, 0);
  let bytesRead = 0;
  return (number, commands) => {
    const index = numbers.indexOf(number);
    bytesRead += bytes[index] as number;
    return { segment: index + 1, segments: numbers.length, bytesRead, bytesTotal, commands };
  };
}

const PIECE_BYTES = 1024 * 1024;

/**
 * Brings the files in line with `reading`: cuts the last segment where its batches end, makes it durable,
 * and removes unused segments.
 */
export function repairTail(
  directory: string,
  reading: JournalReading,
  fileSystem: FileSystem,
): void {
  if (reading.last !== null) {
    const path = join(directory, segmentName(reading.last.number));
    const file = fileSystem.open(path, "write");
    try {
      fileSystem.truncateAndWait(file, reading.last.end);
      rewrite(file, reading.last.end, fileSystem);
      fileSystem.fdatasyncAndWait(file);
    } finally {
      fileSystem.close(file);
    }
  }
  for (const number of reading.unused) fileSystem.remove(join(directory, segmentName(number)));
  const unfinished = join(directory, UNFINISHED_NAME);
  if (fileSystem.exists(unfinished)) fileSystem.remove(unfinished);
  fileSystem.syncDirectoryAndWait(directory);
}

/**
 * Writes a file's content over itself. What was read may be in the page cache only: a crash of the process
 * leaves it there, and after a failed flush the system treats it as written. Only bytes that are written
 * again are flushed again.
 */
function rewrite(file: number, end: number, fileSystem: FileSystem): void {
  const piece = new Uint8Array(Math.min(end, PIECE_BYTES));
  for (let at = 0; at < end; ) {
    const count = fileSystem.read(file, piece.subarray(0, end - at), at);
    if (count === 0) throw new Error("the file became shorter while it was read");
    fileSystem.writeAtAndWait(file, piece.subarray(0, count), at);
    at += count;
  }
}

/** Reads one segment; returns where its batches end. */
function readSegment(
  files: SegmentFiles,
  segment: SegmentBytes,
  number: number,
  isLast: boolean,
  reading: JournalReading,
  apply: (batch: JournalBatch) => void,
): number {
  const { position } = reading;
  const path = files.path(number);
  const header = headerFault(segment);
  if (header !== null) {
    // A crash can prevent a header from reaching the disk, but cannot alter it: it lies within one
    // sector.
    if (!isLast || !headerIsAbsent(segment)) throw damaged(path, header);
    return cutTail(path, segment, { ...header, offset: 0 }, reading);
  }
  const misplaced = identityFault(segment, number, reading.exchangeId);
  if (misplaced !== null) throw damaged(path, misplaced);
  const before = reading.last;
  const where = before === null ? "before it" : `at its end (${segmentName(number)} follows)`;
  const broken = continuityFault(segment, position, where);
  if (broken?.kind === "cut-short" && before !== null) {
    // Nothing is wrong with this one: the end of the one before is missing.
    throw damaged(files.path(before.number), { ...broken, offset: before.end });
  }
  if (broken !== null) throw damaged(path, broken);
  reading.exchangeId ??= exchangeIdOf(segment);

  const { end, fault } = readBatches(segment, position, apply);
  if (fault === null && !isLast && end === SEGMENT_HEADER_BYTES) {
    const reason = "it has no batch, and another segment follows";
    throw damaged(path, { kind: "cut-short", offset: end, reason });
  }
  if (fault === null) return end;
  if (!isLast) throw damaged(path, fault);
  return cutTail(path, segment, { ...fault, offset: end }, reading);
}

/** Takes a fault at the end of the last segment for a torn tail, unless it was durable once. */
function cutTail(
  path: string,
  segment: SegmentBytes,
  fault: Fault,
  { position, report }: JournalReading,
): number {
  // Sound batches in the wrong place were not torn by a crash.
  if (fault.kind === "broken-chain" || fault.kind === "newer-version") throw damaged(path, fault);
  const durable = durableTickAfter(segment, fault.offset);
  if (durable !== null && durable >= position.nextTick) {
    const reason = `${fault.reason}, and whole batches follow it`;
    throw damaged(path, { ...fault, kind: "flipped-bit", reason });
  }
  report.torn = {
    file: path,
    offset: fault.offset,
    bytes: contentEnd(segment) - fault.offset,
    reason: `tick ${position.nextTick} was not completely written: ${fault.reason}`,
  };
  return fault.offset;
}

function emptyReport(lastTimestamp: number): JournalReport {
  return {
    segments: 0,
    batches: 0,
    commands: 0,
    lastTick: 0,
    lastSequence: 0,
    lastTimestamp,
    torn: null,
  };
}
