/**
 * The words of one batch of a segment. To make a new view takes as long as to copy a small batch, and the garbage
 * collector must clear it away. So small batches are copied to memory that has views already.
 */
import { COMMAND_BYTES } from "../../core/command.ts";
import { BATCH_HEADER_BYTES } from "../backend.ts";
import { HASHED_BYTE } from "./layout.ts";

/** Records of a small batch, at most. */
const SMALL_RECORDS = 8;
const RECORD_INTS = COMMAND_BYTES >> 2;
const HEADER_INTS = BATCH_HEADER_BYTES >> 2;

interface BatchViews {
  hashed: Uint8Array;
  ints: Int32Array;
  doubles: Float64Array;
}

export class BatchWindow {
  readonly #segment: Int32Array;
  readonly #copy = new Int32Array(HEADER_INTS + SMALL_RECORDS * RECORD_INTS);
  /** Of the copy, by number of records. */
  readonly #small: BatchViews[] = [];
  #shown: BatchViews;

  /** `segment`: its words, from the start of their memory. */
  constructor(segment: Int32Array) {
    this.#segment = segment;
    for (let count = 0; count <= SMALL_RECORDS; count++) {
      this.#small.push(viewsOf(this.#copy.buffer, 0, count));
    }
    this.#shown = this.#small[0] as BatchViews;
  }

  /** The bytes that the batch's hash covers. All views are valid until `show` is called again. */
  get hashed(): Uint8Array {
    return this.#shown.hashed;
  }

  /** The batch's records. */
  get ints(): Int32Array {
    return this.#shown.ints;
  }

  get doubles(): Float64Array {
    return this.#shown.doubles;
  }

  /** Shows the batch of `count` records at byte `offset`. */
  show(offset: number, count: number): void {
    if (count > SMALL_RECORDS) {
      this.#shown = viewsOf(this.#segment.buffer, offset, count);
      return;
    }
    const segment = this.#segment;
    const copy = this.#copy;
    const from = offset >> 2;
    const words = HEADER_INTS + count * RECORD_INTS;
    for (let i = 0; i < words; i++) copy[i] = segment[from + i] as number;
    this.#shown = this.#small[count] as BatchViews;
  }
}

function viewsOf(buffer: ArrayBufferLike, offset: number, count: number): BatchViews {
  const records = offset + BATCH_HEADER_BYTES;
  const bytes = count * COMMAND_BYTES;
  return {
    hashed: new Uint8Array(buffer, offset + HASHED_BYTE, BATCH_HEADER_BYTES - HASHED_BYTE + bytes),
    ints: new Int32Array(buffer, records, bytes >> 2),
    doubles: new Float64Array(buffer, records, bytes >> 3),
  };
}
