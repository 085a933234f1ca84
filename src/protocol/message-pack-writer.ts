/** Writes MessagePack of hot messages, each value in its shortest form. */
import { ByteWriter, type Fragment } from "./byte-writer.ts";

const WORD = 0x1_0000_0000;

const utf8 = new TextEncoder();

export class MessagePackWriter extends ByteWriter {
  /** The head of a map of `size` members; keys and values follow. */
  map(size: number): void {
    this.collection(size, 0x80, 0xde);
  }

  /** The head of an array; its items follow. */
  array(size: number): void {
    this.collection(size, 0x90, 0xdc);
  }

  private collection(size: number, fixed: number, wide: number): void {
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

  /** Writes a string of the first `length` of `bytes`, which are UTF-8. */
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
    this.raw(bytes, 0, length);
  }

  /** Writes a string of `prefix`, which has no head, and the decimal digits of `n`; fewer than 32 characters together. */
  name(prefix: Fragment, n: number): void {
    const head = this.length;
    this.length = head + 1;
    this.fragment(prefix);
    this.digits(n);
    this.bytes[head] = 0xa0 | (this.length - head - 1);
  }

  /** An integer within 53 bits, in the shortest form. */
  integer(n: number): void {
    if (n < 0) this.negative(n);
    else if (n < 0x80) this.byte(n);
    else if (n < 0x100) this.headed(0xcc, n, 1);
    else if (n < 0x1_0000) this.headed(0xcd, n, 2);
    else if (n < WORD) this.headed(0xce, n, 4);
    else this.wideHeaded(0xcf, n);
  }

  private negative(n: number): void {
    if (n >= -0x20) this.byte(n & 0xff);
    else if (n >= -0x80) this.headed(0xd0, n, 1);
    else if (n >= -0x8000) this.headed(0xd1, n, 2);
    else if (n >= -0x8000_0000) this.headed(0xd2, n, 4);
    else this.wideHeaded(0xd3, n);
  }

  /** Writes a head and the lowest `size` bytes of an integer. */
  private headed(head: number, n: number, size: number): void {
    const start = this.length;
    if (start + 5 > this.room) this.grow(start + 5);
    this.bytes[start] = head;
    if (size === 1) this.bytes[start + 1] = n;
    else if (size === 2) this.data.setUint16(start + 1, n);
    else this.data.setUint32(start + 1, n);
    this.length = start + 1 + size;
  }

  private wideHeaded(head: number, n: number): void {
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

  /** Writes a safe integer as an integer, and any other number as float64. */
  number(x: number): void {
    if (Number.isSafeInteger(x)) this.integer(x);
    else this.float64(x);
  }

  /** Writes `[[price, quantity]…]` for the first `count` levels of a flat list. */
  levels(flat: Float64Array, count: number): void {
    this.array(count);
    for (let i = 0; i < count; i++) {
      this.array(2);
      this.integer(flat[2 * i]);
      this.integer(flat[2 * i + 1]);
    }
  }

  nil(): void {
    this.byte(0xc0);
  }

  boolean(value: boolean): void {
    this.byte(value ? 0xc3 : 0xc2);
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
}
