/** How many lines a second of one kind go to the log; the others are counted. */
import { elapsed } from "./elapsed.ts";

const SECOND_MS = 1000;

export class LineBudget {
  readonly #perSecond: number;
  readonly #now: () => number;
  #since = Number.NEGATIVE_INFINITY;
  #taken = 0;
  #leftOut = 0;

  /** `now`: milliseconds of a clock that never goes back. */
  constructor(perSecond: number, now: () => number = elapsed) {
    this.#perSecond = perSecond;
    this.#now = now;
  }

  /** Whether one more line may be written now; one that may not is counted. */
  take(): boolean {
    const now = this.#now();
    if (now - this.#since >= SECOND_MS) {
      this.#since = now;
      this.#taken = 0;
    }
    if (this.#taken < this.#perSecond) {
      this.#taken++;
      return true;
    }
    this.#leftOut++;
    return false;
  }

  /** Lines that were not written since this was asked last, as a member of the next line; none: nothing. */
  leftOut(): { left_out?: number } {
    const count = this.#leftOut;
    this.#leftOut = 0;
    return count === 0 ? {} : { left_out: count };
  }
}
