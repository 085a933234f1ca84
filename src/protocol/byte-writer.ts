/**
 * Writes messages into memory that is used again for each: the common part of the writers of both encodings. It makes no
 * objects, and short messages can be sent from this memory without making an array.
 */
import { assert } from "../lib/assert.ts";

/** Size of the memory at first. It doubles when a message needs more. */
const CAPACITY_BYTES = 4096;
/** Whole words are written, so up to 7 bytes behind the message may change. */
const SLACK_BYTES = 8;
/** Views of messages up to this size are kept and used again. */
export const KEPT_VIEW_BYTES_MAX = 1024;

/** Digits of the largest safe integer. */
const DIGITS_MAX = 16;
/** A number this large is probably a time in milliseconds. */
const TIME_MIN = 1_000_000_000_000;

/** The decimal digits of 0 … 99 as two ASCII characters, the first in the lower byte. */
const TWO_DIGITS = new Int32Array(128);
for (let n = 0; n < 100; n++) TWO_DIGITS[n] = 0x3030 + ((n / 10) | 0) + (n % 10) * 256;

/**
 * The decimal digits of 0 … 9999 as four ASCII characters, the first in the lowest byte. Computed from two digits each,
 * because a table of all would be larger than the processor's first-level cache.
 */
export function fourDigits(n: number): number {
  const hundreds = Math.imul(n, 5243) >>> 19;
  return TWO_DIGITS[hundreds & 127] | (TWO_DIGITS[(n - hundreds * 100) & 127] << 16);
}

/** Bytes that never change, such as keys, kept as little-endian words of eight bytes and copied word by word. */
export class Fragment {
  readonly size: number;
  readonly words: Float64Array;

  constructor(bytes: Uint8Array) {
    this.size = bytes.length;
    this.words = new Float64Array(Math.ceil(bytes.length / 8));
    new Uint8Array(this.words.buffer).set(bytes);
    // A processor may copy a NaN as another NaN, so that other bytes would be written.
    assert(!this.words.some(Number.isNaN), "no word of a fragment is a NaN");
  }

  /** A fragment of ASCII text. */
  static text(ascii: string): Fragment {
    return new Fragment(new TextEncoder().encode(ascii));
  }
}

export class ByteWriter {
  protected bytes = new Uint8Array(0);
  protected data = new DataView(this.bytes.buffer);
  /** Size of the memory without the slack at its end. */
  protected room = 0;
  private views: (Uint8Array | undefined)[] = [];
  private keptNumber = -1;
  private keptDigits = 0;
  private readonly keptWords = new Int32Array(4);
  /** Bytes written since `reset`. */
  length = 0;

  constructor() {
    this.grow(CAPACITY_BYTES);
  }

  /** Begins the next message. Views of earlier messages are not valid any more. */
  reset(): void {
    this.length = 0;
  }

  /** The bytes written since `reset`, valid until the next `reset`. */
  view(): Uint8Array {
    const length = this.length;
    if (length > KEPT_VIEW_BYTES_MAX) return this.bytes.subarray(0, length);
    let view = this.views[length];
    if (view === undefined) {
      view = new Uint8Array(this.bytes.buffer, 0, length);
      this.views[length] = view;
    }
    return view;
  }

  byte(value: number): void {
    const start = this.length;
    if (start >= this.room) this.grow(start + 1);
    this.bytes[start] = value;
    this.length = start + 1;
  }

  /** Copies `size` bytes of `bytes` from index `from` on. */
  raw(bytes: Uint8Array, from: number, size: number): void {
    const start = this.length;
    if (start + size > this.room) this.grow(start + size);
    const to = this.bytes;
    // For a few bytes, such as an id, a loop is faster than `set`.
    if (size > 64) to.set(bytes.subarray(from, from + size), start);
    else for (let i = 0; i < size; i++) to[start + i] = bytes[from + i];
    this.length = start + size;
  }

  fragment(fragment: Fragment): void {
    const words = fragment.words;
    const start = this.length;
    if (start + fragment.size > this.room) this.grow(start + fragment.size);
    const data = this.data;
    for (let i = 0; i < words.length; i++) data.setFloat64(start + 8 * i, words[i], true);
    this.length = start + fragment.size;
  }

  /** Writes the decimal digits of a non-negative safe integer. */
  digits(n: number): void {
    const start = this.length;
    if (start + DIGITS_MAX > this.room) this.grow(start + DIGITS_MAX);
    if (n < 10_000) this.length = this.head(start, n);
    else if (n < 100_000_000) this.length = this.upToEight(start, n);
    else if (n < TIME_MIN) this.length = this.wide(start, n);
    else this.time(start, n);
  }

  /** Writes a time. The digits of the last one are kept, because the same time is written again and again. */
  private time(start: number, n: number): void {
    const { data, keptWords: words } = this;
    if (n === this.keptNumber) {
      data.setInt32(start, words[0], true);
      data.setInt32(start + 4, words[1], true);
      data.setInt32(start + 8, words[2], true);
      data.setInt32(start + 12, words[3], true);
      this.length = start + this.keptDigits;
      return;
    }
    this.length = this.wide(start, n);
    this.keptNumber = n;
    this.keptDigits = this.length - start;
    for (let i = 0; i < 4; i++) words[i] = data.getInt32(start + 4 * i, true);
  }

  /** Writes a number of nine digits or more; returns the index behind them. */
  private wide(start: number, n: number): number {
    const { data } = this;
    const high = Math.floor(n / 100_000_000);
    const low = n - high * 100_000_000;
    const middle = (low / 10_000) | 0;
    const at = high < 10_000 ? this.head(start, high) : this.upToEight(start, high);
    data.setInt32(at, fourDigits(middle), true);
    data.setInt32(at + 4, fourDigits(low - middle * 10_000), true);
    return at + 8;
  }

  /** Writes a number of five to eight digits; returns the index behind them. */
  private upToEight(start: number, n: number): number {
    const high = (n / 10_000) | 0;
    const at = this.head(start, high);
    this.data.setInt32(at, fourDigits(n - high * 10_000), true);
    return at + 4;
  }

  /** Writes a number of up to four digits; returns the index behind them. */
  private head(start: number, n: number): number {
    const count = n < 10 ? 1 : n < 100 ? 2 : n < 1000 ? 3 : 4;
    // The lowest bytes are the leading zeros; the shift removes them.
    this.data.setInt32(start, fourDigits(n) >>> (8 * (4 - count)), true);
    return start + count;
  }

  /** Moves the message to new memory with room for `needed` bytes. Views that were given out keep the old memory. */
  protected grow(needed: number): void {
    let capacity = CAPACITY_BYTES;
    while (capacity < needed + SLACK_BYTES) capacity *= 2;
    const bytes = new Uint8Array(capacity);
    bytes.set(this.bytes.subarray(0, this.length));
    this.bytes = bytes;
    this.data = new DataView(bytes.buffer);
    this.room = capacity - SLACK_BYTES;
    this.views = [];
  }
}
