/** Finds the frames of a WebSocket server in the bytes of a TCP socket. */

/** Takes the payload `bytes[start, end)` of one frame. The bytes are only valid during the call. */
export type FrameSink = (opcode: number, bytes: Uint8Array, start: number, end: number) => void;

/** The server broke RFC 6455, or used a part of it that a load client does not support. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

const EMPTY = new Uint8Array(0);

export class FrameReader {
  readonly #sink: FrameSink;
  /** The beginning of a frame that is not complete yet. */
  #rest: Uint8Array = EMPTY;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  get rest(): Uint8Array {
    return this.#rest;
  }

  /**
   * Passes every complete frame of the stream to the sink, in order. Throws `FrameError` for a frame that is
   * fragmented, masked or longer than 64 KiB.
   */
  push(chunk: Uint8Array): void {
    const bytes = this.#rest.length === 0 ? chunk : joined(this.#rest, chunk);
    const length = bytes.length;
    let at = 0;
    while (at + 2 <= length) {
      const first = bytes[at];
      let size = bytes[at + 1];
      let start = at + 2;
      if (size >= 126) {
        if (size > 126) throw new FrameError(`Frame length mark ${size}: masked or over 64 KiB`);
        if (start + 2 > length) break;
        size = (bytes[start] << 8) | bytes[start + 1];
        start += 2;
      }
      if (first < 0x80) throw new FrameError("A fragmented frame");
      const end = start + size;
      if (end > length) break;
      this.#sink(first & 0x0f, bytes, start, end);
      at = end;
    }
    // A copy, because the socket uses its buffer again for the next read.
    this.#rest = at === length ? EMPTY : bytes.slice(at);
  }
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(left.length + right.length);
  bytes.set(left, 0);
  bytes.set(right, left.length);
  return bytes;
}
