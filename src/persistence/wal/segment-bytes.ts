/** The bytes of a segment, with words over the same memory, each from its start. */
export interface SegmentBytes {
  bytes: Uint8Array;
  ints: Int32Array;
  doubles: Float64Array;
  /** Length of the file; the memory may be longer and is zero from here on. */
  length: number;
  /**
   * The byte up to which the batches from `offset` on are known to match their hashes; not above `offset` when nothing
   * is known. With a segment that is read ahead this waits for the reader, and until the next call only the header and
   * the bytes up to there may be read.
   */
  checkedAfter(offset: number): number;
}

/** A segment of `length` bytes at the start of the memory of `bytes`, none of which are checked yet. */
export function wordsOver(bytes: Uint8Array, length: number): SegmentBytes {
  const { buffer } = bytes;
  return {
    bytes,
    length,
    ints: new Int32Array(buffer),
    doubles: new Float64Array(buffer),
    checkedAfter: () => 0,
  };
}
