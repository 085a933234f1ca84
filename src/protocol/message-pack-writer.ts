/**
 * Writes MessagePack into memory of its own that is used again for every message. For hot messages:
 * no objects, and no array made for sending either.
 */

/** Memory to start with; it doubles when a message needs more. */
const CAPACITY_BYTES = 4096;
/** Fragments are written in whole words, so up to 3 bytes of the last one are beyond the message. */
const SLACK_BYTES = 8;
/** Views of messages up to this size are kept and used again. */
export const KEPT_VIEW_BYTES_MAX = 1024;

const WORD = 0x1_0000_0000;

/** Decimal digits of 0 … 9999, four ASCII characters to a word: one division gives four digits. */
const FOUR_DIGITS = new Int32Array(10_000);
for (let n = 0; n < FOUR_DIGITS.length; n++) {
  const text = String(n).padStart(4, "0");
  for (let i = 0; i < 4; i++) FOUR_DIGITS[n] |= text.charCodeAt(i) << (8 * i);
}

const utf8 = new TextEncoder();

/** Bytes that never change, such as keys, ready to be copied word by word. */
export class Fragment {
  readonly words: Int32Array;
  readonly size: number;

  /** What `write` writes. */
  constructor(write: (writer: MessagePackWriter) => void) {
    const writer = new MessagePackWriter();
    write(writer);
    const bytes = new Uint8Array(Math.ceil(writer.length / 4) * 4);
    bytes.set(writer.view());
    const view = new DataView(bytes.buffer);
    this.words = new Int32Array(bytes.length / 4);
    for (let i = 0; i < this.words.length; i++) this.words[i] = view.getInt32(4 * i, true);
    this.size = writer.length;
  }
}

export class MessagePackWriter {
  private bytes = new Uint8Array(0);
  private data = new DataView(this.bytes.buffer);
  private room = 0;
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

  fragment(fragment: Fragment): void {
    const words = fragment.words;
    const start = this.length;
    if (start + fragment.size > this.room) this.grow(start + fragment.size);
    const data = this.data;
    for (let i = 0; i < words.length; i++) data.setInt32(start + 4 * i, words[i], true);
    this.length = start + fragment.size;
  }

  /** The head of a map of `size` members; keys and values follow. */
  map(size: number): void {
    this.head(size, 0x80, 0xde);
  }

  /** The head of an array; its items follow. */
  array(size: number): void {
    this.head(size, 0x90, 0xdc);
  }

  private head(size: number, fixed: number, wide: number): void {
    if (size < 16) return this.byte(fixed | size);
    if (size < 0x1_0000) {
      this.byte(wide);
      return this.uint16(size);
    }
    this.byte(wide + 1);
    this.uint32(size);
  }

  /** Text of any kind. */
  string(text: string): void {
    const size = text.length;
    if (size >= 32) return this.longString(text);
    const start = this.length;
    if (start + size + 1 > this.room) this.grow(start + size + 1);
    const bytes = this.bytes;
    bytes[start] = 0xa0 | size;
    for (let i = 0; i < size; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) return this.longString(text);
      bytes[start + 1 + i] = code;
    }
    this.length = start + 1 + size;
  }

  private longString(text: string): void {
    const bytes = utf8.encode(text);
    this.ascii(bytes, bytes.length);
  }

  /** A string of the first `length` of `bytes`, which are ASCII or other UTF-8. */
  ascii(bytes: Uint8Array, length: number): void {
    if (length < 32) {
      this.byte(0xa0 | length);
    } else if (length < 0x100) {
      this.byte(0xd9);
      this.byte(length);
    } else if (length < 0x1_0000) {
      this.byte(0xda);
      this.uint16(length);
    } else {
      this.byte(0xdb);
      this.uint32(length);
    }
    this.raw(bytes, length);
  }

  /** ASCII text without a head: a part of a string. */
  text(ascii: string): void {
    for (let i = 0; i < ascii.length; i++) this.byte(ascii.charCodeAt(i));
  }

  /** The string of `prefix` (its text alone) and the decimal digits of `n`: fewer than 32 characters together. */
  name(prefix: Fragment, n: number): void {
    const head = this.length;
    this.length = head + 1;
    this.fragment(prefix);
    this.digits(n);
    this.bytes[head] = 0xa0 | (this.length - head - 1);
  }

  /** Decimal digits of a non-negative safe integer, without a head. */
  private digits(n: number): void {
    if (n < 10_000) return this.upToFourDigits(n);
    const rest = Math.floor(n / 10_000);
    this.digits(rest);
    this.word(FOUR_DIGITS[n - rest * 10_000], 4);
  }

  private upToFourDigits(n: number): void {
    const count = n < 10 ? 1 : n < 100 ? 2 : n < 1000 ? 3 : 4;
    // The leading zeros are the lowest bytes.
    this.word(FOUR_DIGITS[n] >>> (8 * (4 - count)), count);
  }

  /** An integer within 53 bits, in the shortest form. */
  integer(n: number): void {
    if (n < 0) this.negative(n);
    else if (n < 0x80) this.byte(n);
    else if (n < 0x100) this.headed(0xcc, n, 1);
    else if (n < 0x1_0000) this.headed(0xcd, n, 2);
    else if (n < WORD) this.headed(0xce, n, 4);
    else this.wide(0xcf, n);
  }

  private negative(n: number): void {
    if (n >= -0x20) this.byte(n & 0xff);
    else if (n >= -0x80) this.headed(0xd0, n, 1);
    else if (n >= -0x8000) this.headed(0xd1, n, 2);
    else if (n >= -0x8000_0000) this.headed(0xd2, n, 4);
    else this.wide(0xd3, n);
  }

  /** A head and the lowest `size` bytes of an integer. */
  private headed(head: number, n: number, size: number): void {
    const start = this.length;
    if (start + 5 > this.room) this.grow(start + 5);
    this.bytes[start] = head;
    if (size === 1) this.bytes[start + 1] = n;
    else if (size === 2) this.data.setUint16(start + 1, n);
    else this.data.setUint32(start + 1, n);
    this.length = start + 1 + size;
  }

  private wide(head: number, n: number): void {
    const start = this.length;
    if (start + 9 > this.room) this.grow(start + 9);
    const high = Math.floor(n / WORD);
    this.bytes[start] = head;
    this.data.setInt32(start + 1, high);
    this.data.setUint32(start + 5, n - high * WORD);
    this.length = start + 9;
  }

  float64(x: number): void {
    const start = this.length;
    if (start + 9 > this.room) this.grow(start + 9);
    this.bytes[start] = 0xcb;
    this.data.setFloat64(start + 1, x);
    this.length = start + 9;
  }

  /** An integer as such, anything else as float64. */
  number(x: number): void {
    if (Number.isSafeInteger(x)) this.integer(x);
    else this.float64(x);
  }

  nil(): void {
    this.byte(0xc0);
  }

  boolean(value: boolean): void {
    this.byte(value ? 0xc3 : 0xc2);
  }

  /** Bytes that are MessagePack already. */
  raw(bytes: Uint8Array, length: number): void {
    const start = this.length;
    if (start + length > this.room) this.grow(start + length);
    const to = this.bytes;
    if (length > 64) to.set(bytes.subarray(0, length), start);
    else for (let i = 0; i < length; i++) to[start + i] = bytes[i];
    this.length = start + length;
  }

  private byte(value: number): void {
    const start = this.length;
    if (start >= this.room) this.grow(start + 1);
    this.bytes[start] = value;
    this.length = start + 1;
  }

  private uint16(value: number): void {
    const start = this.length;
    if (start + 2 > this.room) this.grow(start + 2);
    this.data.setUint16(start, value);
    this.length = start + 2;
  }

  private uint32(value: number): void {
    const start = this.length;
    if (start + 4 > this.room) this.grow(start + 4);
    this.data.setUint32(start, value);
    this.length = start + 4;
  }

  /** The lowest `count` bytes of a little-endian word. */
  private word(value: number, count: number): void {
    const start = this.length;
    if (start + count > this.room) this.grow(start + count);
    this.data.setInt32(start, value, true);
    this.length = start + count;
  }

  /** Moves to memory with room for `needed` bytes; kept views stay with the old memory. */
  private grow(needed: number): void {
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
