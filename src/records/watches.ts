/**
 * Which symbols somebody watches. A symbol counts as watched for some time after its last watch has ended, so that a
 * client that lost its connection can get what it missed.
 */

/** In place of a symbol: every symbol. */
const EVERY_SYMBOL = -1;

/** How long a symbol counts as watched after its last watch has ended. */
export const WATCH_AFTER_MS = 5 * 60_000;

export class Watches {
  /**
   * By symbol, with one more row for every symbol: how many watches there are, and until when the symbol counts as
   * watched without one.
   */
  readonly #counts: Int32Array;
  readonly #until: Float64Array;
  readonly #every: number;

  constructor(symbolsMax: number) {
    this.#counts = new Int32Array(symbolsMax + 1);
    this.#until = new Float64Array(symbolsMax + 1);
    this.#every = symbolsMax;
  }

  /** A watch begins. */
  watch(symbol: number): void {
    this.#counts[this.#row(symbol)]++;
  }

  /** A watch ends. `now`: milliseconds since 1970. */
  unwatch(symbol: number, now: number): void {
    this.#counts[this.#row(symbol)]--;
    this.look(symbol, now);
  }

  /** Somebody has looked at the symbol and may ask for later changes: it counts as watched for a while. */
  look(symbol: number, now: number): void {
    this.#until[this.#row(symbol)] = now + WATCH_AFTER_MS;
  }

  isWatched(symbol: number, now: number): boolean {
    return this.#isRowWatched(symbol, now) || this.#isRowWatched(this.#every, now);
  }

  #isRowWatched(row: number, now: number): boolean {
    return this.#counts[row] > 0 || this.#until[row] > now;
  }

  #row(symbol: number): number {
    return symbol === EVERY_SYMBOL ? this.#every : symbol;
  }
}
