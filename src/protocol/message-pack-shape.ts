/**
 * Scans a MessagePack message before the library decodes it.
 *
 * The library allocates every array, also a nested one, as large as its header says. 64 KiB of headers that each promise
 * 65,535 items would take more than 10 GB. This scan refuses a header that promises more items than there are bytes left, and
 * limits the depth. So the library never allocates more than in proportion to the message.
 */

export const MESSAGE_DEPTH_MAX = 16;

/** The bytes are no valid MessagePack message. */
export class MalformedMessageError extends Error {
  override readonly name = "MalformedMessageError";
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes behind the head of a value of fixed size, by head from 0xc0 on; -1: not such a value. */
const FIXED_SIZES = [0, -1, 0, 0, -1, -1, -1, -1, -1, -1, 4, 8, 1, 2, 4, 8, 1, 2, 4, 8] as const;
const FIXED_FIRST = 0xc0;

const Kind = { VALUE: 0, STRING: 1, BINARY: 2, ARRAY: 3, MAP: 4 } as const;

/** Decodes strict UTF-8. Throws `MalformedMessageError` for anything else. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes);
  } catch (cause) {
    throw new MalformedMessageError("text is not UTF-8", { cause });
  }
}

/**
 * Throws `MalformedMessageError` unless `bytes` are exactly one value, with all text in UTF-8, without extension types, and at
 * most `MESSAGE_DEPTH_MAX` deep. Returns whether there is a `bin` in it.
 */
export function scanMessagePack(bytes: Uint8Array): boolean {
  const scan = new Scan(bytes);
  scan.value(1);
  if (scan.at !== bytes.length) throw new MalformedMessageError("bytes after the message");
  return scan.hasBinary;
}

class Scan {
  at = 0;
  hasBinary = false;

  constructor(private readonly bytes: Uint8Array) {}

  value(depth: number): void {
    if (depth > MESSAGE_DEPTH_MAX) throw new MalformedMessageError("nested too deeply");
    const head = this.number(1);
    const kind = kindOf(head);
    if (kind === Kind.VALUE) {
      this.skip(fixedSize(head));
      return;
    }
    const size = this.size(head, kind);
    if (kind === Kind.ARRAY) this.items(size, depth);
    else if (kind === Kind.MAP) this.items(2 * size, depth);
    else this.text(size, kind);
  }

  private items(count: number, depth: number): void {
    // An item has at least one byte.
    if (count > this.bytes.length - this.at)
      throw new MalformedMessageError("the message is cut off");
    for (let i = 0; i < count; i++) this.value(depth + 1);
  }

  private text(size: number, kind: number): void {
    const start = this.at;
    this.skip(size);
    if (kind === Kind.BINARY) this.hasBinary = true;
    for (let i = start; i < this.at; i++) {
      if (this.bytes[i] >= 0x80) {
        decodeUtf8(this.bytes.subarray(start, this.at));
        return;
      }
    }
  }

  /** The size in a head, or in the bytes behind it. */
  private size(head: number, kind: number): number {
    if (head < 0xa0) return head & 15;
    if (head < FIXED_FIRST) return head & 31;
    if (kind === Kind.STRING) return this.number(1 << (head - 0xd9));
    if (kind === Kind.BINARY) return this.number(1 << (head - 0xc4));
    return this.number(head & 1 ? 4 : 2);
  }

  private number(size: number): number {
    const start = this.at;
    this.skip(size);
    let value = 0;
    for (let i = start; i < this.at; i++) value = value * 256 + this.bytes[i];
    return value;
  }

  private skip(size: number): void {
    if (size > this.bytes.length - this.at)
      throw new MalformedMessageError("the message is cut off");
    this.at += size;
  }
}

function kindOf(head: number): number {
  if (head < 0x80 || head >= 0xe0) return Kind.VALUE;
  if (head < 0x90 || head === 0xde || head === 0xdf) return Kind.MAP;
  if (head < 0xa0 || head === 0xdc || head === 0xdd) return Kind.ARRAY;
  if (head < 0xc0 || (head >= 0xd9 && head <= 0xdb)) return Kind.STRING;
  return head >= 0xc4 && head <= 0xc6 ? Kind.BINARY : Kind.VALUE;
}

function fixedSize(head: number): number {
  if (head < 0x80 || head >= 0xe0) return 0;
  const size = FIXED_SIZES[head - FIXED_FIRST] ?? -1;
  if (size < 0) throw new MalformedMessageError("a type that no message has");
  return size;
}
