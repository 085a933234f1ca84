/**
 * Where ticks become durable. The tick loop appends one batch, flushes, and tells nobody anything
 * until `done` came back without an error.
 *
 * A batch is the ring's own bytes: one record's room (128 bytes) for the batch header, which the
 * backend fills in place, and then the tick's command records (`core/command.ts`) as they are.
 */

export const BATCH_HEADER_BYTES = 128;

/** What the batch header says of its tick. */
export interface BatchInfo {
  /** Consecutive from 1. */
  tick: number;
  /** Sequence number of the first record. */
  firstSequence: number;
  /** Milliseconds since 1970, of every record. */
  timestamp: number;
  /** Number of command records. */
  count: number;
}

/** A recovered batch: views of its records, valid during the call only. */
export interface RecoveredBatch extends BatchInfo {
  /** The records as 32-bit and 64-bit words; record i starts at i * 32 and i * 16. */
  ints: Int32Array;
  doubles: Float64Array;
}

export interface RecoveryReport {
  segments: number;
  batches: number;
  commands: number;
  lastTick: number;
  lastSequence: number;
  lastTimestamp: number;
  /** What a torn tail of the last segment cost: nothing that anybody had been told of. */
  torn: { file: string; offset: number; bytes: number; reason: string } | null;
}

export interface PersistenceBackend {
  /**
   * Reads every batch in order and hands it to `apply`, checking the whole chain. Called once,
   * before the first append. Cuts a torn tail and reports it; throws `JournalDamagedError` (file,
   * offset, reason, what to do) on anything else.
   */
  recover(apply: (batch: RecoveredBatch) => void): RecoveryReport;
  /** Makes the backend ready to append after `recover`. */
  open(): void;
  /**
   * Writes one batch; its first 128 bytes are filled in here. Not durable yet. Throws
   * `StorageFailedError`; after that every further call throws too.
   */
  append(batch: Uint8Array, info: BatchInfo): void;
  /**
   * Makes every appended batch durable, then calls `done(null)`, or `done(error)` when that failed,
   * after which the backend refuses everything. May call back before it returns. One flush at a time.
   */
  flush(done: (error: StorageFailedError | null) => void): void;
  /**
   * Flushes, seals the segment and closes its file. Rejects with `StorageFailedError` when that
   * fails or the storage had failed before; the file is closed all the same.
   */
  close(): Promise<void>;
}

/** A write or flush failed: nothing after the last good flush counts; recover from disk. */
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
