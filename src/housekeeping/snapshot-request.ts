/**
 * What the exchange asks the process that takes a snapshot, and what that process answers: one line of JSON
 * each.
 */

export interface SnapshotRequest {
  walDir: string;
  snapshotDir: string;
  symbolsMax: number;
  /** Number of the sealed segment after which the snapshot is taken. */
  through: number;
  /** Pause after each mebibyte, for the disk's sake. */
  pauseMs: number;
  /** Hash of the live state at that moment, in hexadecimal, if it is known. */
  stateHash?: string;
}

export interface SnapshotTaken {
  file: string;
  tick: number;
  sequence: number;
  /** Hexadecimal, 16 digits. */
  stateHash: string;
  bytes: number;
  /** Commands that were replayed for it. */
  commands: number;
  milliseconds: number;
}
