/**
 * Counts the frames of many WebSocket connections at the lowest cost. One `recv` reads everything that a connection has
 * received, into a buffer that all connections share. Only the headers of the frames are read. Nothing is allocated.
 *
 * ```
 *   buffer  | … head | ← bytes from `recv` →                                        |
 *                 ▲ the first part of a header, when the last read of the connection ended inside it
 *           rest of a payload │ header, payload │ header, payload │ header, pay…
 *           skipped             counted           counted           the next read skips the rest
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
  /** The descriptor of the socket. Nobody else may read from it. */
  readonly descriptor: number;
  /** The part of an incomplete frame that was already read. */
  readonly rest: Uint8Array;
  /** Called for a complete ping. */
  onPing(payload: Uint8Array): void;
}

interface Counted extends CountedConnection {
  /** Bytes of the last payload that have not come yet. */
  skip: number;
  /** The first `headBytes` bytes of an incomplete header. */
  readonly head: Uint8Array;
  headBytes: number;
}

export class FrameCounter {
  /** Text and binary frames whose header has come. */
  frames = 0;
  /** Bytes of their payloads. */
  bytes = 0;
  readonly #connections: Counted[] = [];
  readonly #buffer = new Uint8Array(HEADER_BYTES_MAX + READ_BYTES);
  readonly #address = ptr(this.#buffer) + HEADER_BYTES_MAX;

  /** Counts the frames of this connection from now on. */
  add(added: CountedConnection): void {
    const head = new Uint8Array(HEADER_BYTES_MAX);
    const connection = { ...added, skip: 0, head, headBytes: 0 };
    this.#buffer.set(added.rest, HEADER_BYTES_MAX);
    this.#count(connection, added.rest.length);
    this.#connections.push(connection);
  }

  /** Reads what all connections have received. Throws if one was closed, and `FrameError` for an unexpected frame. */
  read(): void {
    for (const connection of this.#connections) {
      let length = READ_BYTES;
      while (length === READ_BYTES) {
        length = libc.recv(connection.descriptor, this.#address, READ_BYTES, MSG_DONTWAIT);
        if (length === 0) throw new Error("The server closed the connection");
        // Below 0: nothing has come, or an error. After an error the next read returns 0.
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

/**
 * The opcode of an unfragmented, unmasked frame. The check is strict, so it also finds a wrongly computed frame start.
 */
function opcodeOf(first: number, second: number): number {
  const opcode = first & 0x0f;
  const isKnown = opcode === Opcode.TEXT || opcode === Opcode.BINARY || opcode === Opcode.PING;
  if ((first & 0xf0) === 0x80 && isKnown && second <= 126) return opcode;
  throw new FrameError(`A frame that begins with ${first}, ${second}`);
}
