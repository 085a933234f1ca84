/**
 * The bytes of a segment that the hash of a batch covers. To make a new view takes as long as to copy a small batch, and
 * the garbage collector must clear it away. So small batches are copied to memory that has views already.
 */
import { BATCH_HEADER_BYTES, HASHED_BYTE, UNIT_BYTES } from "./layout.ts";

/** The most units of a small batch, without its header. */
const SMALL_UNITS = 16;

export class HashedBytes {
  readonly #segment: Int32Array;
  readonly #copy = new Int32Array(bytesOf(SMALL_UNITS) >> 2);
  /** Views of the copy, by number of units. */
  readonly #small: Uint8Array[] = [];

  /** `segment`: the segment's words, from the start of their memory. */
  constructor(segment: Int32Array) {
    this.#segment = segment;
    for (let units = 0; units <= SMALL_UNITS; units++) {
      this.#small.push(viewOf(this.#copy.buffer, 0, bytesOf(units)));
    }
  }

  /** The hashed bytes of the batch at byte `offset`, which has `bytes` bytes. Valid until the next call. */
  of(offset: number, bytes: number): Uint8Array {
    const units = (bytes - BATCH_HEADER_BYTES) / UNIT_BYTES;
    if (units > SMALL_UNITS) return viewOf(this.#segment.buffer, offset, bytes);
    const segment = this.#segment;
    const copy = this.#copy;
    const from = offset >> 2;
    const words = bytes >> 2;
    for (let i = 0; i < words; i++) copy[i] = segment[from + i] as number;
    return this.#small[units] as Uint8Array;
  }
}

function bytesOf(units: number): number {
  return BATCH_HEADER_BYTES + units * UNIT_BYTES;
}

function viewOf(buffer: ArrayBufferLike, offset: number, bytes: number): Uint8Array {
  return new Uint8Array(buffer, offset + HASHED_BYTE, bytes - HASHED_BYTE);
}
