/** The bytes of a segment, with words over the same memory, each from its start. */
export interface SegmentBytes {
  bytes: Uint8Array;
  ints: Int32Array;
  doubles: Float64Array;
  /** Length of the file; the memory may be longer and is zero from here on. */
  length: number;
  /**
   * Byte up to which the batches from `offset` on are known to match their hashes; not above `offset` when nothing is
   * known. Of a segment that is read ahead it waits, and only what it gave, and the header, may be read before the
   * next call.
   */
  checkedAfter(offset: number): number;
}

/** A segment of which nothing is known. */
export function wordsOver(bytes: Uint8Array, length: number): SegmentBytes {
  const { buffer } = bytes;
  return {
    ...{ bytes, length },
    ...{ ints: new Int32Array(buffer), doubles: new Float64Array(buffer) },
    checkedAfter: () => 0,
  };
}
