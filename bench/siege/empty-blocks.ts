/**
 * Deflate (RFC 1951) that is dear to read and says nothing: block after block, each with tables of codes of its own, of
 * which only the end of the block is used.
 */

/** The order in which the lengths of the codes for lengths stand, as far as they are used here. */
const LENGTHS_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1];
/** One bit for "many zeros", two for a length of 0 and one of 1. */
const LENGTHS: Readonly<Record<number, number>> = { 18: 1, 0: 2, 1: 2 };

/** `bytes` of it or some more, as a WebSocket message has it: without the end that all have. */
export function emptyBlocks(bytes: number): Uint8Array {
  const bits: number[] = [];
  const put = (value: number, length: number): void => {
    for (let n = 0; n < length; n++) bits.push((value >> n) & 1);
  };
  while (bits.length < bytes * 8) {
    // Not the last block, and with tables: 257 codes, one of a distance, the lengths of 18.
    put(0b100, 3);
    put(0, 5);
    put(0, 5);
    put(LENGTHS_ORDER.length - 4, 4);
    for (const symbol of LENGTHS_ORDER) put(LENGTHS[symbol] ?? 0, 3);
    // 138 zeros and 118: no code for any byte.
    for (const zeros of [138, 118]) put((zeros - 11) << 1, 8);
    // A code of one bit for the end of the block, none for a distance; and the end.
    put(0b11, 2);
    put(0b01, 2);
    put(0, 1);
  }
  put(0, 3);
  while (bits.length % 8 !== 0) bits.push(0);
  const packed = new Uint8Array(bits.length / 8);
  for (const [n, bit] of bits.entries())
    packed[n >> 3] = (packed[n >> 3] as number) | (bit << (n & 7));
  return packed;
}
