/**
 * Deflate data (RFC 1951) that is expensive to decompress and contains nothing. Every block has its own code tables,
 * and then only the code for the end of the block.
 */

/** The order of the code lengths of the code length alphabet, as far as it is used here. */
const LENGTHS_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1];
/** Code lengths by symbol: one bit for "many zeros" (18), two bits for a length of 0 and for a length of 1. */
const LENGTHS: Readonly<Record<number, number>> = { 18: 1, 0: 2, 1: 2 };

/** At least `bytes` bytes of such data, without the last bytes that a WebSocket message leaves out (RFC 7692). */
export function emptyBlocks(bytes: number): Uint8Array {
  const bits: number[] = [];
  const put = (value: number, length: number): void => {
    for (let n = 0; n < length; n++) bits.push((value >> n) & 1);
  };
  while (bits.length < bytes * 8) {
    // Not the last block, with dynamic tables: 257 literal and length codes, one distance code, 18 code lengths.
    put(0b100, 3);
    put(0, 5);
    put(0, 5);
    put(LENGTHS_ORDER.length - 4, 4);
    for (const symbol of LENGTHS_ORDER) put(LENGTHS[symbol] ?? 0, 3);
    // 138 and 118 zeros: the 256 literals have no code.
    for (const zeros of [138, 118]) put((zeros - 11) << 1, 8);
    // A code of one bit for the end of the block, and no code for distances. Then the end of the block.
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
