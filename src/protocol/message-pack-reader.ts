/**
 * Reads MessagePack where it stands: no objects, no strings. For hot messages of a known shape.
 *
 * A message is first copied into the reader's own memory (one `set`, 12 ns), because only there a
 * `DataView` can be had without making one for each message (40 ns); it compares text four bytes at
 * a time, which is two to three times faster than byte by byte.
 */

/** Longer messages are not loaded. */
export const READER_BYTES_MAX = 1024;
/** Comparing reads whole words, past the end of the message. */
const SLACK_BYTES = 64;

/** Bytes to look for, as little-endian words: the first, the last (which may overlap it), the rest. */
export class Phrase {
  readonly size: number;
  readonly first: number;
  readonly last: number;
  readonly middle: Int32Array;

  /** `text` is ASCII, at least 4 characters. */
  constructor(text: string) {
    const word = (start: number) =>
      text.charCodeAt(start) |
      (text.charCodeAt(start + 1) << 8) |
      (text.charCodeAt(start + 2) << 16) |
      (text.charCodeAt(start + 3) << 24);
    this.size = text.length;
    this.first = word(0);
    this.last = word(text.length - 4);
    this.middle = new Int32Array(Math.max(0, Math.ceil(text.length / 4) - 2));
    for (let i = 0; i < this.middle.length; i++) this.middle[i] = word(4 * i + 4);
  }

  /** The whole `fixstr`, header and all; `text` has 3 to 31 characters. */
  static string(text: string): Phrase {
    return new Phrase(String.fromCharCode(0xa0 | text.length) + text);
  }
}

/**
 * Methods are short, take literals and keep fields in locals: JavaScriptCore inlines by bytecode
 * size, and private names and module variables are several times as long as plain fields.
 */
export class MessagePackReader {
  /** The message, and the remains of earlier ones behind it. */
  readonly bytes = new Uint8Array(READER_BYTES_MAX + SLACK_BYTES);
  private readonly view = new DataView(this.bytes.buffer);
  /** Index of the next byte to read. */
  at = 0;
  /** Index of the first byte after the message. */
  end = 0;

  /** Takes the first `length` bytes of `bytes`; false when that is more than there are, or than fit. */
  load(bytes: Uint8Array, length: number): boolean {
    if (length > bytes.length || length > READER_BYTES_MAX) return false;
    this.bytes.set(length === bytes.length ? bytes : bytes.subarray(0, length));
    this.at = 0;
    this.end = length;
    return true;
  }

  /** The next byte, a whole value or the head of one; -1 at the end. */
  byte(): number {
    const at = this.at;
    if (at >= this.end) return -1;
    this.at = at + 1;
    return this.bytes[at];
  }

  /** The size of a `fixmap`, or -1. */
  map(): number {
    const head = this.byte();
    return head >> 4 === 8 ? head & 15 : -1;
  }

  /** The size of a `fixstr` or `str8` whose bytes are all there, and next; or -1. */
  string(): number {
    const head = this.byte();
    const size = head >> 5 === 5 ? head & 31 : head === 0xd9 ? this.byte() : -1;
    return size <= this.end - this.at ? size : -1;
  }

  /** Whether `phrase` stands at `at`, or would if the message did not end within it. */
  matches(phrase: Phrase, at: number): boolean {
    const view = this.view;
    if (view.getInt32(at, true) !== phrase.first) return false;
    const middle = phrase.middle;
    for (let i = 0; i < middle.length; i++) {
      if (view.getInt32(at + 4 + 4 * i, true) !== middle[i]) return false;
    }
    return view.getInt32(at + phrase.size - 4, true) === phrase.last;
  }

  /** Takes `phrase` if it is next. */
  take(phrase: Phrase): boolean {
    const at = this.at;
    const after = at + phrase.size;
    if (after > this.end || !this.matches(phrase, at)) return false;
    this.at = after;
    return true;
  }

  /** Takes the one of `phrases` that is next and answers its index, or -1. */
  word(phrases: readonly Phrase[]): number {
    for (let i = 0; i < phrases.length; i++) {
      if (this.take(phrases[i])) return i;
    }
    return -1;
  }

  /** A non-negative safe integer of any width, or -1. */
  integer(): number {
    const at = this.at;
    const head = this.bytes[at];
    if (head >= 0x80 || at >= this.end) return this.wideInteger();
    this.at = at + 1;
    return head;
  }

  private wideInteger(): number {
    const head = this.byte();
    // 0xcc … 0xcf are unsigned and 0xd0 … 0xd3 signed, each of 1, 2, 4 and 8 bytes.
    if (head < 0xcc || head > 0xd3) return -1;
    const size = 1 << (head & 3);
    const at = this.at;
    if (size > this.end - at) return -1;
    this.at = at + size;
    const first = this.bytes[at];
    if (head >= 0xd0 && first >= 0x80) return -1;
    if (size === 1) return first;
    if (size === 2) return this.view.getUint16(at);
    const high = this.view.getUint32(at);
    if (size === 4) return high;
    return high > 0x1f_ffff ? -1 : high * 0x1_0000_0000 + this.view.getUint32(at + 4);
  }

  /**
   * The number n of a `fixstr` that spells `prefix` and n in at most 16 plain digits; -1 for anything
   * else, which stays next.
   */
  numberAfter(prefix: Phrase): number {
    const bytes = this.bytes;
    const head = bytes[this.at];
    const start = this.at + 1;
    const stop = start + (head & 31);
    let i = start + prefix.size;
    const digits = stop - i;
    if (head >> 5 !== 5 || stop > this.end || digits < 1 || digits > 16) return -1;
    if (!this.matches(prefix, start)) return -1;
    let value = bytes[i++] - 0x30;
    if (value < 0 || value > 9 || (value === 0 && digits > 1)) return -1;
    for (; i < stop; i++) {
      const digit = bytes[i] - 0x30;
      if (digit < 0 || digit > 9) return -1;
      value = value * 10 + digit;
    }
    this.at = stop;
    return value;
  }

  /** Whether the next `count` bytes are ASCII: then they are as many characters. */
  isAscii(count: number): boolean {
    const bytes = this.bytes;
    let all = 0;
    for (let i = this.at; i < this.at + count; i++) all |= bytes[i];
    return all < 0x80;
  }
}
