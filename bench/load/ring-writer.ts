/** Sends the frames of a ring in turn, as fast as a socket takes their bytes. */
import type { FrameRing } from "./frame-ring.ts";

export class RingWriter {
  readonly #ring: FrameRing;
  readonly #write: (bytes: Uint8Array) => number;
  /** The first byte that the socket has not taken, and where the frames end that it shall take. */
  #unsentByte = 0;
  #endByte = 0;

  /** `write` returns how many bytes the socket took. */
  constructor(ring: FrameRing, write: (bytes: Uint8Array) => number) {
    this.#ring = ring;
    this.#write = write;
  }

  /** Whether every byte asked for was taken. */
  get isIdle(): boolean {
    return this.#unsentByte === this.#endByte;
  }

  /**
   * Sends what is unsent of the frames before frame `end`, which may lie beyond the end of the ring. What
   * the socket does not take now is sent by the next call. Never asked for a whole ring at once.
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
