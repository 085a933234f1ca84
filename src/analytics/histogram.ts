/**
 * Counts values by range. To observe one is an addition to plain numbers and allocates nothing; `/metrics` reads the
 * numbers when somebody asks.
 */

/** Takes in what was measured. */
export interface Observer {
  /** `times` values of that size. */
  observe(value: number, times?: number): void;
}

export class Histogram implements Observer {
  /** By range: up to each of the bounds, and beyond the last. */
  readonly #counts: Float64Array;
  #sum = 0;

  /** `bounds`: the highest value of each range, ascending. */
  constructor(readonly bounds: readonly number[]) {
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number, times = 1): void {
    const { bounds } = this;
    let range = 0;
    while (range < bounds.length && value > bounds[range]) range++;
    this.#counts[range] += times;
    this.#sum += value * times;
  }

  /** How many values were at most each of the bounds, how many there were, and what they are together. */
  read(): { upTo: number[]; count: number; sum: number } {
    let count = 0;
    const upTo = this.bounds.map((_, range) => {
      count += this.#counts[range];
      return count;
    });
    return { upTo, count: count + this.#counts[this.bounds.length], sum: this.#sum };
  }
}
