/** Finds the frames of a WebSocket server, of any length, in the bytes of a TCP socket. */

const BUFFER_BYTES = 64 * 1024;
/** A byte for FIN and opcode, one for the short length, and eight for the long length. */
const HEAD_BYTES_MAX = 10;

/** Takes the payload of one frame. The payload is only valid during the call. */
export type FrameSink = (opcode: number, payload: Buffer) => void;

export class FrameScanner {
  readonly #sink: FrameSink;
  #buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  /** Bytes of `#buffer` that are in use. */
  #length = 0;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** Passes every frame that is now complete to the sink, in order. */
  push(chunk: Uint8Array): void {
    this.#append(chunk);
    let at = 0;
    while (at + 2 <= this.#length) {
      const short = this.#buffer.readUInt8(at + 1);
      const start = at + (short < 126 ? 2 : short === 126 ? 4 : HEAD_BYTES_MAX);
      if (start > this.#length) break;
      const end = start + this.#payloadLength(at + 2, short);
      if (end > this.#length) break;
      this.#sink(this.#buffer.readUInt8(at) & 0x0f, this.#buffer.subarray(start, end));
      at = end;
    }
    if (at > 0) this.#buffer.copyWithin(0, at, this.#length);
    this.#length -= at;
  }

  #payloadLength(at: number, short: number): number {
    if (short < 126) return short;
    return short === 126 ? this.#buffer.readUInt16BE(at) : Number(this.#buffer.readBigUInt64BE(at));
  }

  /** Doubles the buffer if it is too small, so that a long frame is not copied too often. */
  #append(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (length > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#buffer.length));
      larger.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = larger;
    }
    this.#buffer.set(chunk, this.#length);
    this.#length = length;
  }
}
