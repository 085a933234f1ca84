/** A snapshot, the state on disk from which recovery starts: the types that its readers and writers share. */

/** Named parts of a state, and where in the journal it was taken. */
export interface Snapshot {
  readonly file: string;
  /** Format version of the file: what the sections hold depends on it. */
  readonly version: number;
  readonly info: SnapshotInfo;
  /** Names of the sections, in the order in which they were written. */
  readonly names: readonly string[];
  /** Bytes of a section. Throws a `RangeError` when there is none of that name. */
  length(name: string): number;
  /**
   * The bytes of a section, in memory of their own from its start. Throws `SnapshotUnusableError`
   * when they are not what was written, and a `RangeError` when there is no such section.
   */
  read(name: string): Uint8Array;
  /**
   * Reads a section into `target`, which must be as long as the section. Throws as `read` does; the content of
   * `target` is then undefined.
   */
  readInto(name: string, target: Uint8Array): void;
}

/** Which state a snapshot holds: the one after `tick`. */
export interface SnapshotInfo {
  /** 16 bytes, as in the journal. */
  exchangeId: Uint8Array;
  /**
   * The last tick in the snapshot, the sequence number of its last command, and its time in milliseconds since
   * 1970.
   */
  tick: number;
  sequence: number;
  timestamp: number;
  /** OWN_HASH of that tick's batch, 8 words. */
  chain: Int32Array;
  /** The segment that the next batch is the first of. */
  nextSegment: number;
  /** Fingerprint of the core's state. */
  stateHash: bigint;
  /** Number of symbols that the state has room for. */
  symbolsMax: number;
}

/**
 * A snapshot file cannot be used: `damaged` is not what was written, `foreign` of another copy of its journal or another
 * tick, `other-exchange` of another exchange, `newer-version` written by a newer version of the program.
 */
export class SnapshotUnusableError extends Error {
  override readonly name = "SnapshotUnusableError";
  constructor(
    readonly file: string,
    readonly offset: number,
    readonly reason: string,
    readonly kind: "damaged" | "foreign" | "other-exchange" | "newer-version",
  ) {
    super(`${file}: unusable at byte ${offset}: ${reason}`);
  }
}
