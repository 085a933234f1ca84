/**
 * Counts the frames of many WebSocket connections for as little as it can be had: everything that has come to a connection
 * is read at once into one buffer for all, and of each frame only the header is looked at. Nothing is allocated.
 *
 * ```
 *   buffer  | … head | ← what `recv` gives →                                        |
 *                 ▲ the beginning of a header that the last read of the connection ended in
 *           rest of a payload │ header, payload │ header, payload │ header, pay…
 *           skipped             counted           counted           the rest is skipped in the next read
 * ```
 */
import { dlopen, ptr } from "bun:ffi";
import { Opcode } from "../load/client-frames.ts";
import { FrameError } from "../load/frame-reader.ts";

const HEADER_BYTES_MAX = 4;
const READ_BYTES = 256 * 1024;
const isMac = process.platform === "darwin";
const MSG_DONTWAIT = isMac ? 0x80 : 0x40;

const { symbols: libc } = dlopen(isMac ? "libSystem.B.dylib" : "libc.so.6", {
  recv: { args: ["i32", "u64", "u64", "i32"], returns: "i32" },
});

export interface CountedConnection {
  /** Of the socket, which nobody else reads. */
  readonly descriptor: number;
  /** What came before, of a frame that has not come whole. */
  readonly rest: Uint8Array;
  /** A ping has come, whole. */
  onPing(payload: Uint8Array): void;
}

interface Counted extends CountedConnection {
  /** Bytes of a payload that are still to come. */
  skip: number;
  /** Of a header that is not whole; `head[0]` is its first byte. */
  readonly head: Uint8Array;
  headBytes: number;
}

export class FrameCounter {
  /** Of which the header has come. */
  frames = 0;
  /** Of their payloads. */
  bytes = 0;
  readonly #connections: Counted[] = [];
  readonly #buffer = new Uint8Array(HEADER_BYTES_MAX + READ_BYTES);
  readonly #address = ptr(this.#buffer) + HEADER_BYTES_MAX;

  /** Of which frames are counted from now on. */
  add(added: CountedConnection): void {
    const head = new Uint8Array(HEADER_BYTES_MAX);
    const connection = { ...added, skip: 0, head, headBytes: 0 };
    this.#buffer.set(added.rest, HEADER_BYTES_MAX);
    this.#count(connection, added.rest.length);
    this.#connections.push(connection);
  }

  /** Reads what has come to any of them. Throws when one was closed, and `FrameError` for what no such server sends. */
  read(): void {
    for (const connection of this.#connections) {
      let length = READ_BYTES;
      while (length === READ_BYTES) {
        length = libc.recv(connection.descriptor, this.#address, READ_BYTES, MSG_DONTWAIT);
        if (length === 0) throw new Error("The server closed the connection");
        // Below 0: nothing has come. Of what went wrong the next read is the end.
        if (length > 0) this.#count(connection, length);
      }
    }
  }

  #count(connection: Counted, length: number): void {
    const buffer = this.#buffer;
    const end = HEADER_BYTES_MAX + length;
    const skip = Math.min(connection.skip, length);
    connection.skip -= skip;
    if (connection.skip > 0) return;
    let at = HEADER_BYTES_MAX + skip - connection.headBytes;
    for (let i = 0; i < connection.headBytes; i++) buffer[at + i] = connection.head[i];
    connection.headBytes = 0;
    while (at < end) {
      const isWide = end - at >= 2 && buffer[at + 1] === 126;
      const start = at + (isWide ? 4 : 2);
      if (start > end) {
        connection.headBytes = end - at;
        for (let i = at; i < end; i++) connection.head[i - at] = buffer[i];
        return;
      }
      const size = isWide ? (buffer[at + 2] << 8) | buffer[at + 3] : buffer[at + 1];
      const opcode = opcodeOf(buffer[at], buffer[at + 1]);
      at = start + size;
      if (opcode <= Opcode.BINARY) {
        this.frames++;
        this.bytes += size;
      } else if (opcode === Opcode.PING && at <= end) {
        connection.onPing(buffer.subarray(start, at));
      }
    }
    connection.skip = at - end;
  }
}

/** Of a frame that stands alone and is not masked: as good as nothing else passes for one, so a wrong border is found. */
function opcodeOf(first: number, second: number): number {
  const opcode = first & 0x0f;
  const isKnown = opcode === Opcode.TEXT || opcode === Opcode.BINARY || opcode === Opcode.PING;
  if ((first & 0xf0) === 0x80 && isKnown && second <= 126) return opcode;
  throw new FrameError(`A frame that begins with ${first}, ${second}`);
}
