/**
 * Writes bytes into memory that is used again for every message: the common part of the writers of
 * both encodings. No objects, and no array made for sending either.
 */

/** Memory to start with; it doubles when a message needs more. */
const CAPACITY_BYTES = 4096;
/** Words are written whole, so up to 3 bytes of one may lie beyond the message. */
const SLACK_BYTES = 8;
/** Views of messages up to this size are kept and used again. */
export const KEPT_VIEW_BYTES_MAX = 1024;

/** Decimal digits of 0 … 9999, four ASCII characters to a word: one division gives four digits. */
const FOUR_DIGITS = new Int32Array(10_000);
for (let n = 0; n < FOUR_DIGITS.length; n++) {
  const text = String(n).padStart(4, "0");
  for (let i = 0; i < 4; i++) FOUR_DIGITS[n] |= text.charCodeAt(i) << (8 * i);
}

/** Bytes that never change, such as keys, as little-endian words: copied four at a time. */
export class Fragment {
  readonly size: number;
  readonly words: Int32Array;

  constructor(bytes: Uint8Array) {
    this.size = bytes.length;
    this.words = new Int32Array(Math.ceil(bytes.length / 4));
    for (let i = 0; i < bytes.length; i++) this.words[i >> 2] |= bytes[i] << (8 * (i & 3));
  }

  /** Of ASCII text, without any head. */
  static text(ascii: string): Fragment {
    return new Fragment(new TextEncoder().encode(ascii));
  }
}

export class ByteWriter {
  protected bytes = new Uint8Array(0);
  protected data = new DataView(this.bytes.buffer);
  /** Where the memory ends, but for the slack. */
  protected room = 0;
  private views: (Uint8Array | undefined)[] = [];
  /** Bytes written since `reset`. */
  length = 0;

  constructor() {
    this.grow(CAPACITY_BYTES);
  }

  /** Begins the next message; views of earlier ones change from now on. */
  reset(): void {
    this.length = 0;
  }

  /** What was written since `reset`, valid until the next one. */
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

  /** `size` of `bytes` from `from` on, as they are. */
  raw(bytes: Uint8Array, from: number, size: number): void {
    const start = this.length;
    if (start + size > this.room) this.grow(start + size);
    const to = this.bytes;
    // A loop is faster than `set` for what is as short as an id.
    if (size > 64) to.set(bytes.subarray(from, from + size), start);
    else for (let i = 0; i < size; i++) to[start + i] = bytes[from + i];
    this.length = start + size;
  }

  fragment(fragment: Fragment): void {
    const words = fragment.words;
    const start = this.length;
    if (start + fragment.size > this.room) this.grow(start + fragment.size);
    const data = this.data;
    for (let i = 0; i < words.length; i++) data.setInt32(start + 4 * i, words[i], true);
    this.length = start + fragment.size;
  }

  /** The decimal digits of a non-negative safe integer. */
  digits(n: number): void {
    if (n < 10_000) {
      this.upToFourDigits(n);
      return;
    }
    const rest = Math.floor(n / 10_000);
    this.digits(rest);
    this.word(FOUR_DIGITS[n - rest * 10_000], 4);
  }

  private upToFourDigits(n: number): void {
    const count = n < 10 ? 1 : n < 100 ? 2 : n < 1000 ? 3 : 4;
    // The leading zeros are the lowest bytes.
    this.word(FOUR_DIGITS[n] >>> (8 * (4 - count)), count);
  }

  /** The lowest `count` bytes of a little-endian word. */
  private word(value: number, count: number): void {
    const start = this.length;
    if (start + count > this.room) this.grow(start + count);
    this.data.setInt32(start, value, true);
    this.length = start + count;
  }

  /** Moves to memory with room for `needed` bytes; views given out stay with the old memory. */
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
