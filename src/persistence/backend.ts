/**
 * Where ticks become durable. The tick loop appends one batch, flushes, and nothing is told
 * to anybody until `done` was called without an error.
 *
 * A tick's records are the ring's own bytes (`core/command.ts`). The journal has them packed, behind the header of their
 * batch (`wal/packed-batch.ts`).
 */

import type { Store } from "../lib/store.ts";
import type { Snapshot } from "./snapshot.ts";

/** What the batch header says of its tick. */
export interface TickHeader {
  /** Consecutive from 1. */
  tick: number;
  /** Sequence number of the first record. */
  firstSequence: number;
  /** Milliseconds since 1970, of every record. */
  timestamp: number;
  /** Number of command records. */
  count: number;
  /**
   * The state check: the hash of a slice of the state as it was before this tick, for replays to
   * compare. Where the slice begins, in words; -1 = this batch has none.
   */
  checkStart: number;
  /** The hash's upper and lower 32 bits. */
  checkHigh: number;
  checkLow: number;
}

/** No state check: a batch of format version 1, or one whose writer made none. */
export const NO_STATE_CHECK = { checkStart: -1, checkHigh: 0, checkLow: 0 } as const;

/**
 * A batch of the log, which every process that follows the log applies. Nothing in it says in which process
 * its commands began. Its records are views, valid during the call only.
 */
export interface CommandBatch extends TickHeader {
  /**
   * The memory with the records, as 32-bit and as 64-bit words: an array of records of 128 bytes, in which the
   * batch's first record has the number `first`. Other bytes may stand before and behind the batch.
   */
  first: number;
  ints: Int32Array;
  doubles: Float64Array;
}

/** A batch of the journal. */
export interface JournalBatch extends CommandBatch {
  /** Bytes that the batch takes in the journal, with its header. */
  bytes: number;
}

/** Receives a state: a snapshot first, then the batches after it. */
export interface RecoveryTarget {
  /** Every batch after the snapshot, in order. */
  apply(batch: CommandBatch): void;
  /** Loads snapshots. Without it none is read, and the whole journal is needed. */
  snapshots?: SnapshotTarget;
  /**
   * Tables that the replay fills. If they are given and there is much to read, a thread reads and checks
   * segments ahead, and makes the system back these tables with memory before they are filled.
   */
  tablesAhead?: readonly Store[];
  /** Called after each segment. */
  onProgress?(progress: RecoveryProgress): void;
  /** Reports a problem that recovery could work around. */
  warn?(fields: object, message: string): void;
}

export interface SnapshotTarget {
  /**
   * Loads a snapshot into the empty state. When it throws, whatever the error, the next older snapshot is
   * tried.
   */
  load(snapshot: Snapshot): void;
  /** Empties the state again: `load` threw, or the snapshot turned out to be wrong afterwards. */
  reset(): void;
}

/** How far the journal has been read. */
export interface RecoveryProgress {
  /** Number of segments read, of those to be read. */
  segment: number;
  segments: number;
  bytesRead: number;
  bytesTotal: number;
  commands: number;
}

/** What was read of the journal. */
export interface JournalReport {
  segments: number;
  batches: number;
  commands: number;
  lastTick: number;
  lastSequence: number;
  lastTimestamp: number;
  /** A torn tail of the last segment, which is cut off. Nothing in it had been acknowledged. */
  torn: { file: string; offset: number; bytes: number; reason: string } | null;
}

export interface RecoveryReport extends JournalReport {
  /** The snapshot that it began with; null = all was read from the first segment on. */
  snapshot: { file: string; tick: number } | null;
  /** Snapshots that could not be used, newest first; `movedTo` is the name that the file has now. */
  unusable: { tick: number; file: string; reason: string; movedTo: string | null }[];
  /** How long loading the snapshot and reading the journal took. */
  milliseconds: { snapshot: number; journal: number };
}

export interface PersistenceBackend {
  /**
   * Loads the newest snapshot that can be used and hands every batch after it to `apply`, in order,
   * checking the whole chain. Called once, before the first append. Cuts a torn tail and reports it;
   * throws `JournalDamagedError` (file, offset, reason, what to do) on anything else.
   */
  recover(target: RecoveryTarget): RecoveryReport;
  /**
   * As `recover`, in steps: first the snapshot, then one segment a step. A caller who stops before the end has
   * changed no file, and cannot call it again.
   */
  recoverInSteps(target: RecoveryTarget): Generator<void, RecoveryReport>;
  /** Makes the backend ready to append after `recover`. */
  open(): void;
  /** Id of the exchange whose journal this is, 32 hexadecimal digits. A new exchange gets it at `open`. */
  exchangeId(): string;
  /**
   * Writes the records of one tick. Not durable yet. Throws `StorageFailedError`; after that every further call throws
   * too.
   */
  append(records: Uint8Array, header: TickHeader): void;
  /**
   * Makes every appended batch durable, then calls `done(null)`, or `done(error)` when that failed,
   * after which the backend refuses everything. May call back before it returns. One flush at a time.
   */
  flush(done: (error: StorageFailedError | null) => void): void;
  /**
   * Ends the current segment early, so that a snapshot or the archive can have it: the next batch is
   * the first of a new one. Gives the number of the last segment that has batches, which is sealed
   * as soon as `sealedThrough` reaches it; without batches since the last rotation nothing changes.
   *
   * Call it between two ticks (`TickLoop.read`), where it takes as long as a rotation by size does.
   * While a flush is under way it would wait for a flush of its own. Throws `StorageFailedError`, and the
   * system's error when it has no descriptor, or no room, for the next segment: then nothing has changed.
   */
  rotate(): number;
  /**
   * Number of the highest segment that is sealed: trimmed and durable to its end, never written
   * again, as are all before it. 0 when there is none.
   */
  sealedThrough(): number;
  /**
   * Calls `listener` after every change of `sealedThrough`, outside the tick path; `seal` changes it too.
   */
  onSealed(listener: (through: number) => void): void;
  /**
   * Flushes, seals the segment and closes its file; nothing can be appended any more. Rejects with
   * `StorageFailedError` when that fails or the storage had failed before; the file is closed all the same.
   */
  seal(): Promise<void>;
  /** Seals the journal unless that was done, and unlocks the directories for other processes. */
  close(): Promise<void>;
}

/** A write or flush failed. What came after the last good flush is unknown: recover from disk. */
export class StorageFailedError extends Error {
  override readonly name = "StorageFailedError";
}

/** What is wrong with a journal. */
export type DamageKind =
  /** Bytes differ from what was written: a hash does not match, or zeros stand where data was. */
  | "flipped-bit"
  /** Batches are missing at the end of a segment that others follow. */
  | "cut-short"
  /** Something other than zeros stands after the last batch of a segment. */
  | "trailing-bytes"
  | "missing-segment"
  /** A segment stands under another one's name. */
  | "swapped-segment"
  /** Whole and unaltered, but not what comes next: from another copy of this journal. */
  | "broken-chain"
  | "foreign-file"
  /** A segment of another exchange. */
  | "foreign-journal"
  | "newer-version";

/** The journal is not what was written: the start stops here. */
export class JournalDamagedError extends Error {
  override readonly name = "JournalDamagedError";
  constructor(
    readonly file: string,
    readonly offset: number,
    readonly reason: string,
    readonly advice: string,
    readonly kind: DamageKind,
  ) {
    super(`${file}: damaged at byte ${offset}: ${reason}. ${advice}`);
  }
}
