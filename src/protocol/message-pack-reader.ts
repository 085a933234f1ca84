/** Reads MessagePack of hot messages, whose form is known, without making objects or strings. */
import { ByteReader, Phrase, READER_BYTES_MAX } from "./byte-reader.ts";

/** `text` as a `fixstr` with its header. It must have 3 to 31 characters. */
export function fixstr(text: string): Phrase {
  return new Phrase(String.fromCharCode(0xa0 | text.length) + text);
}

export class MessagePackReader extends ByteReader {
  /** Loads the first `length` bytes of `bytes`; false when there are not so many, or too many. */
  load(bytes: Uint8Array, length: number): boolean {
    if (length > bytes.length || length > READER_BYTES_MAX) return false;
    this.bytes.set(length === bytes.length ? bytes : bytes.subarray(0, length));
    this.at = 0;
    this.end = length;
    return true;
  }

  /** Reads the head of a `fixmap` and returns its size; -1 for anything else. */
  map(): number {
    const head = this.byte();
    return head >> 4 === 8 ? head & 15 : -1;
  }

  /** Reads the head of a `fixstr` or `str8` and returns its size; its bytes are next. -1 for anything else, or if bytes are missing. */
  string(): number {
    const head = this.byte();
    const size = head >> 5 === 5 ? head & 31 : head === 0xd9 ? this.byte() : -1;
    return size <= this.end - this.at ? size : -1;
  }

  /** Reads a non-negative safe integer of any width; -1 for anything else. */
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
   * Reads a `fixstr` of `prefix` and a number of up to 16 plain digits, and returns the number. For anything else returns -1 and
   * reads nothing.
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
}
