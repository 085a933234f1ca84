/**
 * From files to batches: reads the whole journal in order and decides what a fault means.
 *
 * ```
 *   wal_000001   wal_000002   wal_000003   wal_000004
 *   ■■■■■■■■■■   ■■■■■■■■■■   ■■■■■■▒····  ··········
 *   sealed       sealed       last         prepared, never used
 *      any fault is damage    └ torn tail: nobody was told of it
 * ```
 */

import { join } from "node:path";
import type { DamageKind, RecoveredBatch, RecoveryReport } from "../backend.ts";
import { JournalDamagedError } from "../backend.ts";
import type { FileSystem } from "./file-system.ts";
import { diskFileSystem } from "./file-system.ts";
import {
  ALIGNMENT_BYTES,
  HASH_INTS,
  SEGMENT_BYTES_MAX,
  SEGMENT_HEADER_BYTES,
  segmentName,
  segmentNumber,
} from "./layout.ts";
import type { Fault, JournalPosition, SegmentBytes } from "./segment-reader.ts";
import {
  contentEnd,
  continuityFault,
  durableTickAfter,
  exchangeIdOf,
  headerFault,
  headerIsAbsent,
  identityFault,
  isUnused,
  readBatches,
} from "./segment-reader.ts";
import { UNFINISHED_NAME } from "./segment-supply.ts";

/** Where a journal ends, and what else lies in its directory. */
export interface JournalReading {
  report: RecoveryReport;
  position: JournalPosition;
  /** 16 bytes, of the first segment; null when there is none. */
  exchangeId: Uint8Array | null;
  /** The last segment that has batches, and where they end; null when none has. */
  last: { number: number; end: number } | null;
  /** Numbers of the segments after `last`: prepared, or torn before their first batch. */
  unused: number[];
}

/**
 * Reads every batch of the journal in `directory` in order and hands it to `onBatch`; changes
 * nothing. A torn tail is reported, not cut. Throws `JournalDamagedError` on anything else.
 */
export function readJournal(
  directory: string,
  onBatch: (batch: RecoveredBatch) => void,
  fileSystem: FileSystem = diskFileSystem,
): JournalReading {
  const files = new SegmentFiles(directory, fileSystem);
  const numbers = files.numbers();
  const unused: number[] = [];
  while (numbers.length > 0 && isUnused(files.load(numbers.at(-1) as number))) {
    unused.unshift(numbers.pop() as number);
  }

  const position = { nextTick: 1, nextSequence: 1, chain: new Int32Array(HASH_INTS) };
  const report = emptyReport();
  const reading: JournalReading = { report, position, exchangeId: null, last: null, unused };
  const apply = (batch: RecoveredBatch): void => {
    report.batches++;
    report.commands += batch.count;
    report.lastTimestamp = batch.timestamp;
    onBatch(batch);
  };

  numbers.forEach((number, index) => {
    if (number !== index + 1) throw missingSegment(files.path(index + 1), number);
  });
  for (const number of numbers) {
    const end = readSegment(files, number, number === numbers.length, reading, apply);
    if (end > SEGMENT_HEADER_BYTES) {
      reading.last = { number, end };
      report.segments++;
    } else {
      unused.unshift(number);
    }
  }
  report.lastTick = position.nextTick - 1;
  report.lastSequence = position.nextSequence - 1;
  return reading;
}

/**
 * Makes the files what `reading` says of them: cuts the last segment where its batches end, makes
 * it durable (a crash may have left it in memory only), and removes what was never used.
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

/** Reads one segment; returns where its batches end. */
function readSegment(
  files: SegmentFiles,
  number: number,
  isLast: boolean,
  reading: JournalReading,
  apply: (batch: RecoveredBatch) => void,
): number {
  const { position } = reading;
  const segment = files.load(number);
  const path = files.path(number);
  const header = headerFault(segment);
  if (header !== null) {
    // A crash can keep a header from the disk but not alter it: it lies within one sector.
    if (!isLast || !headerIsAbsent(segment)) throw damaged(path, header);
    return cutTail(path, segment, { ...header, offset: 0 }, reading);
  }
  const misplaced = identityFault(segment, number, reading.exchangeId);
  if (misplaced !== null) throw damaged(path, misplaced);
  const broken = continuityFault(segment, position);
  if (broken?.kind === "cut-short" && reading.last !== null) {
    // Nothing is wrong with this one: the end of the one before is missing.
    const { number: before, end } = reading.last;
    const reason = broken.reason.replace(
      "before it",
      `at its end (${segmentName(number)} follows)`,
    );
    throw damaged(files.path(before), { ...broken, offset: end, reason });
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

const RESTORE =
  "Nothing was changed. Restore this file from a copy or an archive, or start from a backup";

const ADVICE: Record<DamageKind, string> = {
  "flipped-bit": `${RESTORE}; check the disk.`,
  "cut-short": `${RESTORE}.`,
  "trailing-bytes": `${RESTORE}; find out what wrote to it.`,
  "missing-segment": "Nothing was changed. Put the missing file back from a copy or an archive.",
  "swapped-segment": "Nothing was changed. Give the file its own name back.",
  "broken-chain": `${RESTORE}; do not mix files of different copies of the journal.`,
  "foreign-file": "Nothing was changed. Move the file out of the journal's directory.",
  "foreign-journal": "Nothing was changed. Each exchange needs a directory of its own.",
  "newer-version":
    "Nothing was changed. Start the version of the program that wrote it, or a newer one.",
};

function damaged(path: string, { kind, offset, reason }: Fault): JournalDamagedError {
  return new JournalDamagedError(path, offset, reason, ADVICE[kind], kind);
}

function missingSegment(path: string, found: number): JournalDamagedError {
  const reason = `the file is missing; the next one there is ${segmentName(found)}`;
  return damaged(path, { kind: "missing-segment", offset: 0, reason });
}

function emptyReport(): RecoveryReport {
  return {
    segments: 0,
    batches: 0,
    commands: 0,
    lastTick: 0,
    lastSequence: 0,
    lastTimestamp: 0,
    torn: null,
  };
}

/** The segment files of a directory, read whole into one memory that grows to the largest. */
class SegmentFiles {
  readonly #directory: string;
  readonly #fileSystem: FileSystem;
  #bytes = new Uint8Array(0);
  #loaded: { number: number; segment: SegmentBytes } | null = null;

  constructor(directory: string, fileSystem: FileSystem) {
    this.#directory = directory;
    this.#fileSystem = fileSystem;
  }

  /** In order; a directory that is not there yet has none. */
  numbers(): number[] {
    if (!this.#fileSystem.exists(this.#directory)) return [];
    const numbers = this.#fileSystem.list(this.#directory).map(segmentNumber);
    return numbers.filter((number) => number !== null).sort((a, b) => a - b);
  }

  path(number: number): string {
    return join(this.#directory, segmentName(number));
  }

  /** Valid until the next call. */
  load(number: number): SegmentBytes {
    if (this.#loaded?.number === number) return this.#loaded.segment;
    const path = this.path(number);
    const file = this.#fileSystem.open(path, "read");
    try {
      const segment = this.#read(path, file, this.#fileSystem.size(file));
      this.#loaded = { number, segment };
      return segment;
    } finally {
      this.#fileSystem.close(file);
    }
  }

  #read(path: string, file: number, length: number): SegmentBytes {
    if (length > SEGMENT_BYTES_MAX) {
      const reason = `the file is larger than a segment can be (${SEGMENT_BYTES_MAX} bytes)`;
      throw damaged(path, { kind: "foreign-file", offset: SEGMENT_BYTES_MAX, reason });
    }
    // One unit of zeros more than the file, so that words at its end can be read without a check.
    const room = (Math.ceil(length / ALIGNMENT_BYTES) + 1) * ALIGNMENT_BYTES;
    if (this.#bytes.length < room) this.#bytes = new Uint8Array(room);
    const bytes = this.#bytes;
    for (let at = 0; at < length; ) {
      const count = this.#fileSystem.read(file, bytes.subarray(at, length), at);
      if (count === 0) throw new Error(`${path}: the file became shorter while it was read`);
      at += count;
    }
    bytes.fill(0, length, room);
    return {
      bytes,
      ints: new Int32Array(bytes.buffer),
      doubles: new Float64Array(bytes.buffer),
      length,
    };
  }
}
