/** Sends the frames of a ring in order, as fast as the socket takes the bytes. */
import type { FrameRing } from "./frame-ring.ts";

export class RingWriter {
  readonly #ring: FrameRing;
  readonly #write: (bytes: Uint8Array) => number;
  /** The first byte that the socket has not taken. */
  #unsentByte = 0;
  /** Where the last frame to send ends. */
  #endByte = 0;

  /** `write` returns how many bytes the socket took. */
  constructor(ring: FrameRing, write: (bytes: Uint8Array) => number) {
    this.#ring = ring;
    this.#write = write;
  }

  /** Whether the socket has taken all bytes up to the last frame to send. */
  get isIdle(): boolean {
    return this.#unsentByte === this.#endByte;
  }

  /**
   * Sends the unsent bytes before frame `end`, round the end of the ring where necessary. The next call sends what the
   * socket does not take now. A call must not ask for a whole ring, because that looks like nothing to send.
   */
  writeUntil(end: number): void {
    const { bytes, starts } = this.#ring;
    this.#endByte = starts[end];
    while (!this.isIdle) {
      const until = this.#endByte > this.#unsentByte ? this.#endByte : bytes.length;
      this.#unsentByte += this.#write(bytes.subarray(this.#unsentByte, until));
      if (this.#unsentByte < until) return;
      if (until === bytes.length) this.#unsentByte = 0;
    }
  }
}
