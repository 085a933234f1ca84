/**
 * A batch in the form of the journal. A command's text is the second half of its record, and most commands have
 * none: so the records stand without their texts, and behind them the texts of those that have one, in their
 * order. Where some have one and others not, a map of bits between the two says which.
 *
 * ```
 *  in memory   │ record 0 ░░░ text 0 │ record 1 ░░░ zeros  │ record 2 ░░░ text 2 │              128 bytes each
 *  packed      │ head │ record 0 │ record 1 │ record 2 │ map: 101 │ text 0 │ text 2 │       64 bytes each
 * ```
 *
 * So less is hashed, written and read: half, for orders without a client order id.
 */
import { C_TEXT, C_TEXT_INTS, COMMAND_INTS } from "../../core/command.ts";
import {
  BATCH_COUNT_BYTE,
  BATCH_HEADER_BYTES,
  mapUnits,
  packedUnits,
  textsAt,
  UNIT_BYTES,
} from "./layout.ts";

const HEADER_INTS = BATCH_HEADER_BYTES >> 2;
const UNIT_INTS = UNIT_BYTES >> 2;

export class BatchPacker {
  #packed = new Int32Array(HEADER_INTS);
  /** Number of texts in the batch that was packed last. */
  texts = 0;

  /**
   * Packs `count` records of 128 bytes, with room for the header before them. The result is valid until the
   * next call.
   */
  pack(bytes: Uint8Array, count: number): Uint8Array {
    const records = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
    const texts = countTexts(records, count);
    const words = HEADER_INTS + packedUnits(count, texts) * UNIT_INTS;
    if (this.#packed.length < words) this.#packed = new Int32Array(2 * words);
    packHeads(records, count, this.#packed);
    if (texts > 0) packTexts(records, count, texts, this.#packed);
    this.texts = texts;
    return new Uint8Array(this.#packed.buffer, 0, words << 2);
  }
}

function countTexts(records: Int32Array, count: number): number {
  let texts = 0;
  for (let i = 0; i < count; i++) {
    if (hasText(records, i * COMMAND_INTS)) texts++;
  }
  return texts;
}

function hasText(records: Int32Array, record: number): boolean {
  return !isEmpty(records, record + C_TEXT);
}

/**
 * Without a loop, as `copyUnit`: the two take 7 ns a record together, and 13 with loops over the sixteen words.
 */
function isEmpty(words: Int32Array, at: number): boolean {
  const any =
    words[at] |
    words[at + 1] |
    words[at + 2] |
    words[at + 3] |
    words[at + 4] |
    words[at + 5] |
    words[at + 6] |
    words[at + 7] |
    words[at + 8] |
    words[at + 9] |
    words[at + 10] |
    words[at + 11] |
    words[at + 12] |
    words[at + 13] |
    words[at + 14] |
    words[at + 15];
  return any === 0;
}

function packHeads(records: Int32Array, count: number, packed: Int32Array): void {
  let to = HEADER_INTS;
  for (let i = 0; i < count; i++) {
    copyUnit(records, i * COMMAND_INTS, packed, to);
    to += UNIT_INTS;
  }
}

function packTexts(records: Int32Array, count: number, texts: number, packed: Int32Array): void {
  const map = HEADER_INTS + count * UNIT_INTS;
  let to = map + mapUnits(count, texts) * UNIT_INTS;
  packed.fill(0, map, to);
  for (let i = 0; i < count; i++) {
    const record = i * COMMAND_INTS;
    if (!hasText(records, record)) continue;
    if (texts < count) packed[map + (i >> 5)] |= 1 << i;
    copyUnit(records, record + C_TEXT, packed, to);
    to += C_TEXT_INTS;
  }
}

function copyUnit(from: Int32Array, at: number, target: Int32Array, to: number): void {
  target[to] = from[at];
  target[to + 1] = from[at + 1];
  target[to + 2] = from[at + 2];
  target[to + 3] = from[at + 3];
  target[to + 4] = from[at + 4];
  target[to + 5] = from[at + 5];
  target[to + 6] = from[at + 6];
  target[to + 7] = from[at + 7];
  target[to + 8] = from[at + 8];
  target[to + 9] = from[at + 9];
  target[to + 10] = from[at + 10];
  target[to + 11] = from[at + 11];
  target[to + 12] = from[at + 12];
  target[to + 13] = from[at + 13];
  target[to + 14] = from[at + 14];
  target[to + 15] = from[at + 15];
}

/** Unpacks records, one batch after the other into the same memory. */
export class BatchUnpacker {
  /** A batch's header and then its records of 128 bytes each, as in the journal's first formats. */
  ints = new Int32Array(HEADER_INTS);
  doubles = new Float64Array(this.ints.buffer);
  /** Records before this one may have a text. */
  #textsEnd = 0;

  /**
   * Unpacks the batch whose header is at byte `offset`; it must be there to its end. False when its map has
   * another number of texts than its header says.
   */
  unpack(packed: Int32Array, offset: number): boolean {
    const start = offset >> 2;
    const count = packed[start + (BATCH_COUNT_BYTE >> 2)];
    const texts = textsAt(packed, offset);
    const needed = HEADER_INTS + count * COMMAND_INTS;
    if (this.ints.length < needed) {
      this.ints = new Int32Array(2 * needed);
      this.doubles = new Float64Array(this.ints.buffer);
      this.#textsEnd = 0;
    }
    const { ints } = this;
    for (let word = 0; word < HEADER_INTS; word++) ints[word] = packed[start + word];
    let from = start + HEADER_INTS;
    for (let i = 0; i < count; i++) {
      copyUnit(packed, from, ints, HEADER_INTS + i * COMMAND_INTS);
      from += UNIT_INTS;
    }
    this.#clearTexts(count);
    return texts === 0 || this.#unpackTexts(packed, from, count, texts);
  }

  #clearTexts(count: number): void {
    const end = Math.min(this.#textsEnd, count);
    for (let i = 0; i < end; i++) {
      const record = HEADER_INTS + i * COMMAND_INTS;
      this.ints.fill(0, record + C_TEXT, record + COMMAND_INTS);
    }
    if (this.#textsEnd <= count) this.#textsEnd = 0;
  }

  #unpackTexts(packed: Int32Array, map: number, count: number, texts: number): boolean {
    let from = map + mapUnits(count, texts) * UNIT_INTS;
    const end = from + texts * C_TEXT_INTS;
    this.#textsEnd = Math.max(this.#textsEnd, count);
    for (let i = 0; i < count; i++) {
      if (texts < count && (packed[map + (i >> 5)] & (1 << i)) === 0) continue;
      if (from === end) return false;
      copyUnit(packed, from, this.ints, HEADER_INTS + i * COMMAND_INTS + C_TEXT);
      from += C_TEXT_INTS;
    }
    return from === end;
  }
}
