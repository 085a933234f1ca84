/**
 * Writes usual answers into one memory that never moves, so that the compiler knows its address. Each function takes an index
 * and returns the index behind what it wrote. Whole words are written, so up to eight bytes behind that change as well. All
 * connections share this memory, because an answer is sent before anything else runs.
 */
import { type Fragment, fourDigits } from "./byte-writer.ts";

/** Text answers are gathered at the beginning, up to this size and one more answer. A binary answer is written behind them. */
export const TEXT_BYTES = 32_768;
/** Room for a usual answer with the longest request id, and for the bytes that change behind it. */
export const ANSWER_BYTES_MAX = 640;
export const BINARY_START = TEXT_BYTES + ANSWER_BYTES_MAX;

export const bytes = new Uint8Array(BINARY_START + ANSWER_BYTES_MAX);
export const view = new DataView(bytes.buffer);

export function putFragment(at: number, { words, size }: Fragment): number {
  for (let i = 0; i < words.length; i++) view.setFloat64(at + 8 * i, words[i], true);
  return at + size;
}

/** Copies `size` bytes of `from` from index `start` on. */
export function putRaw(at: number, from: Uint8Array, start: number, size: number): number {
  for (let i = 0; i < size; i++) bytes[at + i] = from[start + i];
  return at + size;
}

/** Writes the decimal digits of a non-negative integer below 2^31. */
export function putSmallDigits(at: number, n: number): number {
  if (n < 10_000) return putHead(at, n);
  const high = (n / 10_000) | 0;
  const end = high < 10_000 ? putHead(at, high) : putSmallDigits(at, high);
  view.setInt32(end, fourDigits(n - high * 10_000), true);
  return end + 4;
}

/** Writes the decimal digits of a non-negative safe integer. */
export function putDigits(at: number, n: number): number {
  const high = (n / 100_000_000) | 0;
  const low = (n - high * 100_000_000) | 0;
  if (high === 0) return putSmallDigits(at, low);
  const middle = (low / 10_000) | 0;
  const end = putSmallDigits(at, high);
  view.setInt32(end, fourDigits(middle), true);
  view.setInt32(end + 4, fourDigits(low - middle * 10_000), true);
  return end + 8;
}

function putHead(at: number, n: number): number {
  // Uses the sign bits of differences: the processor cannot predict how many digits a number has, so a branch would be
  // slow.
  const zeros = 3 - ((9 - n) >>> 31) - ((99 - n) >>> 31) - ((999 - n) >>> 31);
  // The lowest bytes are the leading zeros; the shift removes them.
  view.setInt32(at, fourDigits(n) >>> (8 * zeros), true);
  return at + 4 - zeros;
}

/** Writes a point and `n`, 1 … 9999, as four decimals without zeros at the end. */
export function putDecimals(at: number, n: number): number {
  bytes[at] = 0x2e;
  view.setInt32(at + 1, fourDigits(n), true);
  const zeros = n % 10 !== 0 ? 0 : n % 100 !== 0 ? 1 : n % 1000 !== 0 ? 2 : 3;
  return at + 5 - zeros;
}
