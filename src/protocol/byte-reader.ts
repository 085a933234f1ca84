/**
 * Reads bytes where they stand: the common part of the readers of both encodings.
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
}

/**
 * Methods are short, take literals and keep fields in locals: JavaScriptCore inlines by bytecode
 * size, and private names and module variables are several times as long as plain fields.
 */
export class ByteReader {
  /** The message, and the remains of earlier ones behind it. */
  readonly bytes = new Uint8Array(READER_BYTES_MAX + SLACK_BYTES);
  readonly view = new DataView(this.bytes.buffer);
  /** Index of the next byte to read. */
  at = 0;
  /** Index of the first byte after the message. */
  end = 0;

  /** The next byte, a whole value or the head of one; -1 at the end. */
  byte(): number {
    const at = this.at;
    if (at >= this.end) return -1;
    this.at = at + 1;
    return this.bytes[at];
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

  /** Whether the next `count` bytes are ASCII: then they are as many characters. */
  isAscii(count: number): boolean {
    const bytes = this.bytes;
    let all = 0;
    for (let i = this.at; i < this.at + count; i++) all |= bytes[i];
    return all < 0x80;
  }
}
