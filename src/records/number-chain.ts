/**
 * Finds the entries of a ring by order number, without a table of the numbers.
 *
 * A number is an arena slot and its generation. Entries that share a head are chained, newest first. Eight orders in
 * a row of one slot, which is used again and again, share a head, and slots side by side have heads side by side: the
 * heads that orders come to are few, and the processor's cache has them. A look-up takes up to eight steps, and those of
 * the few that have the same head by chance. Adding an entry is one write into the ring and one to its head; nothing
 * is ever taken out: an entry that was overwritten ends the chain, because it is then newer than the one that leads to
 * it.
 *
 * ```
 *  heads[generation / 8 · ODD + slot] ──► place ──► older place ──► …
 * ```
 */
import { orderGeneration, orderSlot } from "../core/command.ts";

/** 2^3 generations of a slot in a row share a head. */
const GENERATIONS_SHIFT = 3;
/** Spreads generations over the heads. */
const FACTOR = 0x9e3779b1;

export class NumberChain {
  /** The place of the newest entry, plus 1; 0 = none. */
  readonly #heads: Int32Array;
  /** By place: the place of the entry before it under the same head, plus 1. */
  readonly #previous: Int32Array;
  readonly #mask: number;

  /** `size`: places of the ring, a power of two. */
  constructor(size: number) {
    this.#heads = new Int32Array(size);
    this.#previous = new Int32Array(size);
    this.#mask = size - 1;
  }

  add(slot: number, generation: number, place: number): void {
    const head = this.#head(slot, generation);
    this.#previous[place] = this.#heads[head];
    this.#heads[head] = place + 1;
  }

  /**
   * The place of the entry with this number, -1 when it is not there; `numberAt` gives the number in a place,
   * `next` is the place that the next entry will have.
   */
  find(number: number, next: number, numberAt: (place: number) => number): number {
    let age = -1;
    let place = this.#heads[this.#head(orderSlot(number), orderGeneration(number))] - 1;
    while (place >= 0) {
      const itsAge = (next - 1 - place) & this.#mask;
      if (itsAge <= age) return -1;
      if (numberAt(place) === number) return place;
      age = itsAge;
      place = this.#previous[place] - 1;
    }
    return -1;
  }

  clear(): void {
    this.#heads.fill(0);
  }

  #head(slot: number, generation: number): number {
    return (Math.imul(generation >>> GENERATIONS_SHIFT, FACTOR) + slot) & this.#mask;
  }
}
