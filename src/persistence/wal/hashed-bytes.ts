/**
 * The bytes of a segment that the hash of a batch covers. To make a new view takes as long as to copy a small batch, and
 * the garbage collector must clear it away. So small batches are copied to memory that has views already.
 */
import { COMMAND_BYTES } from "../../core/command.ts";
import { BATCH_HEADER_BYTES } from "../backend.ts";
import { HASHED_BYTE } from "./layout.ts";

/** Records of a small batch, at most. */
const SMALL_RECORDS = 8;

export class HashedBytes {
  readonly #segment: Int32Array;
  readonly #copy = new Int32Array(batchBytes(SMALL_RECORDS) >> 2);
  /** Of the copy, by number of records. */
  readonly #small: Uint8Array[] = [];

  /** `segment`: its words, from the start of their memory. */
  constructor(segment: Int32Array) {
    this.#segment = segment;
    for (let count = 0; count <= SMALL_RECORDS; count++) {
      this.#small.push(viewOf(this.#copy.buffer, 0, count));
    }
  }

  /** Those of the batch of `count` records at byte `offset`; valid until the next call. */
  of(offset: number, count: number): Uint8Array {
    if (count > SMALL_RECORDS) return viewOf(this.#segment.buffer, offset, count);
    const segment = this.#segment;
    const copy = this.#copy;
    const from = offset >> 2;
    const words = batchBytes(count) >> 2;
    for (let i = 0; i < words; i++) copy[i] = segment[from + i] as number;
    return this.#small[count] as Uint8Array;
  }
}

function batchBytes(count: number): number {
  return BATCH_HEADER_BYTES + count * COMMAND_BYTES;
}

function viewOf(buffer: ArrayBufferLike, offset: number, count: number): Uint8Array {
  return new Uint8Array(buffer, offset + HASHED_BYTE, batchBytes(count) - HASHED_BYTE);
}
