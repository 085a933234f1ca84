/**
 * What frames are paid from before anybody looks into them. A frame costs one, and more when it is long, for a long
 * one may be parsed in vain. It is on the way of every order: so it is filled only when it has run out, and a frame
 * that is let in costs a comparison and a subtraction, without a look at the clock.
 */

/** Bytes of a frame that costs one: more than any order has. */
const CHEAP_BYTES = 4096;
/** Each so many bytes beyond them cost one more: 2^6. */
const BYTES_SHIFT = 6;

export class FrameBudget {
  readonly #rate: number;
  readonly #burst: number;
  #tokens: number;
  #filledAt: number;

  /** `rate` a second, at most `burst` at once; `now`: milliseconds of a clock that never goes back. */
  constructor(rate: number, burst: number, now: number) {
    this.#rate = rate;
    this.#burst = burst;
    this.#tokens = burst;
    this.#filledAt = now;
  }

  /** Pays for a frame of so many bytes; false when there is nothing left. The last one let in may overdraw it. */
  take(bytes: number, monotonic: () => number): boolean {
    if (this.#tokens < 1 && !this.#fill(monotonic())) return false;
    this.#tokens -= bytes <= CHEAP_BYTES ? 1 : 1 + ((bytes - CHEAP_BYTES) >> BYTES_SHIFT);
    return true;
  }

  /** Milliseconds until a frame is let in again. */
  wait(now: number): number {
    if (this.#fill(now)) return 0;
    return Math.ceil(((1 - this.#tokens) * 1000) / this.#rate);
  }

  #fill(now: number): boolean {
    const gained = (now - this.#filledAt) * (this.#rate / 1000);
    this.#tokens = Math.min(this.#burst, this.#tokens + gained);
    this.#filledAt = now;
    return this.#tokens >= 1;
  }
}
