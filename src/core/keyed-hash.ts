/**
 * HalfSipHash-1-3 (https://github.com/veorq/SipHash): a short hash for which nobody can find collisions without the
 * key. Here over whole words of 32 bits: an account number and a text without its zeros.
 */

/** The hash, 32 bits, of `first` and then the words from `from` up to the first zero, `count` at most. */
export function keyedHash(
  keyLow: number,
  keyHigh: number,
  first: number,
  words: Int32Array,
  from: number,
  count: number,
): number {
  let v0 = keyLow;
  let v1 = keyHigh;
  let v2 = 0x6c796765 ^ keyLow;
  let v3 = 0x74656462 ^ keyHigh;
  let word = first;
  let i = -1;
  // One round for each word, one for the length, and three at the end.
  let roundsLeft = 4;
  while (roundsLeft > 0) {
    const isWord = i < count && (i < 0 || words[from + i] !== 0);
    if (isWord) {
      if (i >= 0) word = words[from + i];
    } else {
      word = roundsLeft === 4 ? (i + 1) << 26 : 0;
      if (roundsLeft === 3) v2 ^= 0xff;
      roundsLeft--;
    }
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
    if (isWord) i++;
  }
  return v1 ^ v3;
}
