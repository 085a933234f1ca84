/** Finds the frames of a WebSocket server in what a TCP socket delivers. */

/** Takes the payload `bytes[start, end)` of one frame; the bytes are only valid during the call. */
export type FrameSink = (opcode: number, bytes: Uint8Array, start: number, end: number) => void;

/** The server broke RFC 6455, or used a part of it that a load client does not expect. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

const EMPTY = new Uint8Array(0);

export class FrameReader {
  readonly #sink: FrameSink;
  /** The beginning of a frame whose end has not come yet. */
  #rest: Uint8Array = EMPTY;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** What has come of a frame whose end has not. */
  get rest(): Uint8Array {
    return this.#rest;
  }

  /**
   * Hands every whole frame of the stream to the sink, in order.
   *
   * Throws `FrameError` on a fragmented, masked or over-long (64-bit) frame.
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
    // Copied, because the socket's buffer is used again for the next read.
    this.#rest = at === length ? EMPTY : bytes.slice(at);
  }
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(left.length + right.length);
  bytes.set(left, 0);
  bytes.set(right, left.length);
  return bytes;
}
