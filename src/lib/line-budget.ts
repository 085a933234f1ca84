/** Limits the log's lines of one kind to so many a second, and counts the others. */
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

  /** Whether one more line may be written now. If not, it is counted as left out. */
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

  /** The lines left out since the last call, as a member of the next line; an empty object when there are none. */
  leftOut(): { left_out?: number } {
    const count = this.#leftOut;
    this.#leftOut = 0;
    return count === 0 ? {} : { left_out: count };
  }
}
