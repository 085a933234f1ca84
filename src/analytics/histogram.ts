/**
 * Counts values by range. To observe one adds to plain numbers and allocates nothing. `/metrics` reads the numbers when
 * it is asked for.
 */

/** Takes in measured values. */
export interface Observer {
  /** Takes in the value so many times. */
  observe(value: number, times?: number): void;
}

export class Histogram implements Observer {
  /** By range: the values up to each bound, and last those beyond all bounds. */
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

  /** By bound, how many values were at most that; the number of all values, and their sum. */
  read(): { upTo: number[]; count: number; sum: number } {
    let count = 0;
    const upTo = this.bounds.map((_, range) => {
      count += this.#counts[range];
      return count;
    });
    return { upTo, count: count + this.#counts[this.bounds.length], sum: this.#sum };
  }
}
