/** What the thread that reads ahead is to do. */
export interface AheadTask {
  /** Of an `AheadControl`. */
  control: SharedArrayBuffer;
  /** Each has room for the largest of the segments, and zeros behind it. */
  slots: SharedArrayBuffer[];
  /** Of the segments, in order. */
  paths: string[];
  /** The memory of the tables, in the order of the control's `used`. */
  tables: { address: number; bytes: number }[];
}
