/** What the thread that reads ahead is to do. */
export interface AheadTask {
  /** The memory of an `AheadControl`. */
  control: SharedArrayBuffer;
  /** Memory for two segments. Each has room for the largest segment and zeros behind it. */
  slots: SharedArrayBuffer[];
  /** Paths of the segments, in order. */
  paths: string[];
  /** The memory of the tables, in the order of the control's `used`. */
  tables: { address: number; bytes: number }[];
}
