/** Reads JSON of hot messages, whose form is known, without making objects or strings. */
import { ByteReader, type Phrase, READER_BYTES_MAX } from "./byte-reader.ts";

const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;
const ZERO = 0x30;
/** Digits of the largest safe integer. */
const DIGITS_MAX = 16;

/** Makes a function that writes text into memory as UTF-8 and returns the number of bytes (`lib/text-into.ts`). */
export type TextInto = (memory: Uint8Array<ArrayBuffer>) => (text: string) => number;

export class JsonReader extends ByteReader {
  readonly #write: (text: string) => number;

  constructor(textInto: TextInto) {
    super();
    this.#write = textInto(this.bytes);
  }

  /** Loads `text`; false when it is too long or not only ASCII. With other characters, bytes and characters would not agree. */
  loadText(text: string): boolean {
    const length = text.length;
    if (length > READER_BYTES_MAX || this.#write(text) !== length) return false;
    this.at = 0;
    this.end = length;
    return true;
  }

  /** Skips spaces, which some programs write after a colon or a comma. */
  space(): void {
    while (this.at < this.end && this.bytes[this.at] === SPACE) this.at++;
  }

  /** Reads the beginning of an object; false when it is not there. */
  open(): boolean {
    if (this.byte() !== BRACE_OPEN) return false;
    this.space();
    return true;
  }

  /** Reads what follows a member: 1 = a comma, so another member follows; 0 = the end of the object; -1 = anything else. */
  separator(): number {
    this.space();
    const byte = this.byte();
    if (byte === BRACE_CLOSE) return 0;
    if (byte !== COMMA) return -1;
    this.space();
    return 1;
  }

  /** Reads a non-negative safe integer in plain digits; -1 for anything else. */
  integer(): number {
    const { bytes, end } = this;
    const start = this.at;
    let i = start;
    let value = 0;
    for (; i < end; i++) {
      const digit = bytes[i] - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    const digits = i - start;
    if (digits === 0 || digits > DIGITS_MAX || value > Number.MAX_SAFE_INTEGER) return -1;
    if (digits > 1 && bytes[start] === ZERO) return -1;
    this.at = i;
    return value;
  }

  /**
   * Reads a string of `prefix` (with the quote before it) and a number in plain digits, and returns the number. For anything
   * else returns -1 and reads nothing.
   */
  numberAfter(prefix: Phrase): number {
    const start = this.at;
    const value = this.take(prefix) ? this.integer() : -1;
    if (value >= 0 && this.byte() === QUOTE) return value;
    this.at = start;
    return -1;
  }

  /**
   * Reads a string without escapes and without characters below the space, and returns its length; its characters end right before the quote
   * that was read last. Returns -1 for anything else.
   */
  plainString(): number {
    const { bytes, end } = this;
    if (bytes[this.at] !== QUOTE) return -1;
    const start = this.at + 1;
    for (let i = start; i < end; i++) {
      const byte = bytes[i];
      if (byte === QUOTE) {
        this.at = i + 1;
        return i - start;
      }
      if (byte < SPACE || byte === BACKSLASH) return -1;
    }
    return -1;
  }
}
