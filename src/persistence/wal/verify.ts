/** `waiver wal verify`: the whole chain, what it holds, and what is wrong with it. */

import type { DamageKind, JournalBatch } from "../backend.ts";
import { JournalDamagedError } from "../backend.ts";
import { diskFileSystem, type FileSystem } from "./file-system.ts";
import { JournalMovedOnError, readLiveJournal } from "./live-reader.ts";
import type { JournalReading } from "./recovery.ts";
import { SegmentFiles } from "./segment-files.ts";
import { type SnapshotMark, SnapshotMarks } from "./snapshot-marks.ts";

/** The place of a record in the journal. */
export interface JournalPlace {
  tick: number;
  sequence: number;
  /** Milliseconds since 1970. */
  timestamp: number;
}

export interface Damage {
  file: string;
  offset: number;
  kind: DamageKind;
  reason: string;
  advice: string;
}

/** What was read; of a damaged journal, up to the damage. */
export interface Verification {
  directory: string;
  /** Neither the journal nor a snapshot is damaged, and no snapshot contradicts the journal. */
  sound: boolean;
  damage: Damage | null;
  /** What stands after the last whole batch: being written just now, or cut off by a crash. */
  torn: JournalReading["report"]["torn"];
  /** Number of the oldest segment that is there. What came before it is known from its header alone. */
  first_segment: number;
  /** Segment files that are there, prepared ones included. */
  segments: number;
  batches: number;
  records: number;
  /** Bytes of the batches. */
  bytes: number;
  first: JournalPlace | null;
  last: JournalPlace | null;
  snapshots: SnapshotMark[];
  milliseconds: number;
}

export interface VerifyOptions {
  fileSystem?: FileSystem;
  /** Called after each batch with what has been read. */
  onProgress?: (found: Readonly<Verification>) => void;
}

/** How often a reading begins anew when the exchange has removed segments that were not read yet. */
const READINGS_MAX = 10;

/** Bytes of all segment files in `directory`, with their unused ends, which a reader skips. */
export function journalBytes(directory: string): number {
  const files = new SegmentFiles(directory, diskFileSystem);
  return files.numbers().reduce((sum, number) => sum + Bun.file(files.path(number)).size, 0);
}

/** How many segment files are in `directory`; 0 when it is not there. */
export function countSegments(directory: string): number {
  return new SegmentFiles(directory, diskFileSystem).numbers().length;
}

/**
 * Reads every byte of the journal in `directory`, which an exchange may be using, and compares it with
 * what the snapshots in `snapshotDirectory` know of it; changes nothing. There must be a segment. Throws
 * `JournalMovedOnError` when the exchange removes segments faster than they are read.
 */
export function verifyJournal(
  directory: string,
  snapshotDirectory: string,
  options: VerifyOptions,
): Verification {
  for (let reading = 1; ; reading++) {
    try {
      return readOnce(directory, snapshotDirectory, options);
    } catch (error) {
      if (!(error instanceof JournalMovedOnError) || reading === READINGS_MAX) throw error;
    }
  }
}

function readOnce(
  directory: string,
  snapshotDirectory: string,
  { fileSystem = diskFileSystem, onProgress = () => undefined }: VerifyOptions,
): Verification {
  const start = performance.now();
  const numbers = new SegmentFiles(directory, fileSystem).numbers();
  const snapshots = new SnapshotMarks(snapshotDirectory, fileSystem);
  const found: Verification = {
    directory,
    sound: true,
    damage: null,
    torn: null,
    first_segment: numbers[0],
    segments: numbers.length,
    batches: 0,
    records: 0,
    bytes: 0,
    first: null,
    last: null,
    snapshots: snapshots.marks,
    milliseconds: 0,
  };
  const take = (batch: JournalBatch): boolean => {
    const { tick, firstSequence, timestamp, count, bytes } = batch;
    found.first ??= { tick, sequence: firstSequence, timestamp };
    found.last = { tick, sequence: firstSequence + count - 1, timestamp };
    found.batches++;
    found.records += count;
    found.bytes += bytes;
    snapshots.compare(batch);
    onProgress(found);
    return true;
  };
  try {
    found.torn = readLiveJournal(directory, take, fileSystem)?.report.torn ?? null;
  } catch (error) {
    if (!(error instanceof JournalDamagedError)) throw error;
    const { file, offset, kind, reason, advice } = error;
    found.damage = { file, offset, kind, reason, advice };
  }
  found.damage ??= missingEnd(found);
  const areGood = found.snapshots.every(({ matches, unusable }) => matches !== false && !unusable);
  found.sound = found.damage === null && areGood;
  found.milliseconds = Math.round(performance.now() - start);
  return found;
}

/** The newest usable snapshot is of a later tick than the journal's last: its end is missing. */
function missingEnd({ snapshots, last }: Verification): Damage | null {
  const newest = snapshots.find(({ unusable }) => unusable === null);
  const lastTick = last?.tick ?? 0;
  if (newest === undefined || newest.tick <= lastTick) return null;
  return {
    file: newest.file,
    offset: 0,
    kind: "cut-short",
    reason: `it is the state after tick ${newest.tick}, and the journal ends with tick ${lastTick}`,
    advice: "Nothing was changed. Put the missing segments back from a copy or an archive.",
  };
}
