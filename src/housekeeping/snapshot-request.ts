/** What the exchange asks of the process that takes a snapshot, and what that answers: one line of JSON each. */

export interface SnapshotRequest {
  walDir: string;
  snapshotDir: string;
  symbolsMax: number;
  /** Number of the sealed segment after which the snapshot is taken. */
  through: number;
  /** How long to leave the disk alone after each mebibyte. */
  pauseMs: number;
  /** The live state's hash at that moment, where it is known; hexadecimal. */
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
