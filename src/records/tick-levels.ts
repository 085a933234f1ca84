/**
 * The price levels that a tick changed, by book. They are added in the order of the events. When they are taken out,
 * each price comes once, with its last total. The memory grows to the largest tick so far.
 */
import { assert } from "../lib/assert.ts";

/** The most changes of a tick: a sort key has a price of 31 bits above the number of a change, 53 bits in all. */
const CHANGES_MAX = 2 ** 22;
const FIRST_CHANGES = 256;

export class TickLevels {
  /** By book (symbol * 2 + side): 1 + the number of its last change, 0 = none. */
  readonly #last: Int32Array;
  /** By change: 1 + the number of the change of the same book before it, 0 = none. */
  #previous = new Int32Array(FIRST_CHANGES);
  #prices = new Int32Array(FIRST_CHANGES);
  #totals = new Float64Array(FIRST_CHANGES);
  #keys = new Float64Array(FIRST_CHANGES);
  #count = 0;

  constructor(symbolsMax: number) {
    this.#last = new Int32Array(symbolsMax * 2);
  }

  /** `total`: shares that now wait at the price. */
  add(symbol: number, side: number, price: number, total: number): void {
    if (this.#count === this.#prices.length) this.#grow();
    const change = this.#count++;
    const book = symbol * 2 + side;
    this.#prices[change] = price;
    this.#totals[change] = total;
    this.#previous[change] = this.#last[book];
    this.#last[book] = change + 1;
  }

  /** How many changes a side of a book has. `take` gives at most so many levels: a price may have changed twice. */
  countMax(symbol: number, side: number): number {
    let count = 0;
    for (let c = this.#last[symbol * 2 + side]; c !== 0; c = this.#previous[c - 1]) count++;
    return count;
  }

  /**
   * Takes out the changed levels of a side of a book: writes price and total of each to `out`, best first. Returns how
   * many. `out` must have room for `countMax` levels.
   */
  take(symbol: number, side: number, out: Float64Array): number {
    const count = this.#sortKeys(symbol * 2 + side);
    const keys = this.#keys;
    let levels = 0;
    for (let i = 0; i < count; i++) {
      // The best bid is the one with the highest price.
      const at = side === 0 ? count - 1 - i : i;
      const change = keys[at] % CHANGES_MAX;
      const price = this.#prices[change];
      const isSame = levels > 0 && out[levels * 2 - 2] === price;
      // Keys are sorted by price and then by number. Read from the end, the last change of a price comes first.
      if (isSame && side === 0) continue;
      if (!isSame) levels++;
      out[levels * 2 - 2] = price;
      out[levels * 2 - 1] = this.#totals[change];
    }
    this.#last[symbol * 2 + side] = 0;
    return levels;
  }

  /** Begins a new tick. Every book must have been taken out. */
  clear(): void {
    this.#count = 0;
  }

  /** Puts the changes of a book into `#keys`, sorted by price and then by number. Returns how many. */
  #sortKeys(book: number): number {
    const keys = this.#keys;
    let count = 0;
    for (let c = this.#last[book]; c !== 0; c = this.#previous[c - 1]) {
      keys[count++] = this.#prices[c - 1] * CHANGES_MAX + c - 1;
    }
    if (count > 1) keys.subarray(0, count).sort();
    return count;
  }

  #grow(): void {
    const size = this.#prices.length * 2;
    assert(size <= CHANGES_MAX, "a tick has no more changed levels than keys can number");
    const [previous, prices, totals] = [this.#previous, this.#prices, this.#totals];
    this.#previous = new Int32Array(size);
    this.#prices = new Int32Array(size);
    this.#totals = new Float64Array(size);
    this.#keys = new Float64Array(size);
    this.#previous.set(previous);
    this.#prices.set(prices);
    this.#totals.set(totals);
  }
}
