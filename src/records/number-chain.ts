/**
 * Finds the entries of a ring by order number, without a table of the numbers.
 *
 * A number is an arena slot and its generation. Entries with the same head are chained, newest first. Eight successive
 * orders of a slot have the same head, so there is one head for eight places: a small table, most of which stays in the
 * processor's caches. A look-up takes some eight steps, twice as many in a market that uses few slots, and more where
 * other slots have the same head by chance.
 *
 * Entries are never taken out. When the ring has overwritten an entry, its place holds one that is newer than the entry
 * that leads to it. A look-up sees that and ends there.
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
/** Entries that are linked together. */
const PENDING_MAX = 128;

export class NumberChain {
  /** The place of the newest entry, plus 1; 0 = none. */
  readonly #heads: Int32Array;
  /** By place: the place of the entry before it under the same head, plus 1. */
  readonly #previous: Int32Array;
  readonly #placeMask: number;
  readonly #headMask: number;
  /** Entries that are not linked yet: the head of each, and its place. */
  readonly #pendingHeads = new Int32Array(PENDING_MAX);
  readonly #pendingPlaces = new Int32Array(PENDING_MAX);
  #pending = 0;

  /** `size`: places of the ring, a power of two. */
  constructor(size: number) {
    const heads = Math.max(1, size >> GENERATIONS_SHIFT);
    this.#heads = new Int32Array(heads);
    this.#previous = new Int32Array(size);
    this.#placeMask = size - 1;
    this.#headMask = heads - 1;
  }

  add(slot: number, generation: number, place: number): void {
    if (this.#pending === PENDING_MAX) this.#link();
    this.#pendingHeads[this.#pending] = this.#head(slot, generation);
    this.#pendingPlaces[this.#pending++] = place;
  }

  /** One short loop for many entries, so that the waits for heads that are not in the nearest cache overlap. */
  #link(): void {
    const heads = this.#heads;
    const previous = this.#previous;
    const pendingHeads = this.#pendingHeads;
    const pendingPlaces = this.#pendingPlaces;
    const pending = this.#pending;
    for (let i = 0; i < pending; i++) {
      const head = pendingHeads[i];
      const place = pendingPlaces[i];
      previous[place] = heads[head];
      heads[head] = place + 1;
    }
    this.#pending = 0;
  }

  /**
   * The place of the entry with this number, -1 when there is none. `numberAt` gives the number in a place. `next` is
   * the place that the next entry will have.
   */
  find(number: number, next: number, numberAt: (place: number) => number): number {
    this.#link();
    let age = -1;
    let place = this.#heads[this.#head(orderSlot(number), orderGeneration(number))] - 1;
    while (place >= 0) {
      const itsAge = (next - 1 - place) & this.#placeMask;
      if (itsAge <= age) return -1;
      if (numberAt(place) === number) return place;
      age = itsAge;
      place = this.#previous[place] - 1;
    }
    return -1;
  }

  clear(): void {
    this.#pending = 0;
    this.#heads.fill(0);
  }

  #head(slot: number, generation: number): number {
    return (Math.imul(generation >>> GENERATIONS_SHIFT, FACTOR) + slot) & this.#headMask;
  }
}
