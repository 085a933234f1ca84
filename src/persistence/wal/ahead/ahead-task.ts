/** What the thread that reads ahead is to do. */
export interface AheadTask {
  /** Of an `AheadControl`. */
  control: SharedArrayBuffer;
  /** Each has room for the largest of the segments, and zeros behind it. */
  slots: SharedArrayBuffer[];
  /** Of the segments, in order. */
  paths: string[];
  /** The memory of the tables whose use the control tells of. */
  tables: { address: number; bytes: number }[];
}
