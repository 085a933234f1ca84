/**
 * A budget that pays for frames before they are parsed. A frame costs one token, and a long frame more, because parsing it
 * takes work even if it is refused then. Every order passes here, so the budget is refilled only when it has run out. An
 * accepted frame otherwise takes a comparison and a subtraction, without reading the clock.
 */

/** A frame of up to this many bytes costs one token. No order is longer. */
const CHEAP_BYTES = 4096;
/** Each 2^6 bytes beyond that cost one token more. */
const BYTES_SHIFT = 6;

export class FrameBudget {
  readonly #rate: number;
  readonly #burst: number;
  #tokens: number;
  #filledAt: number;

  /** `rate` tokens a second, at most `burst` saved up. `now`: milliseconds by a clock that is never set back. */
  constructor(rate: number, burst: number, now: number) {
    this.#rate = rate;
    this.#burst = burst;
    this.#tokens = burst;
    this.#filledAt = now;
  }

  /** Pays for a frame of `bytes` bytes; false when no token is left. The last frame may overdraw the budget. */
  take(bytes: number, monotonic: () => number): boolean {
    if (this.#tokens < 1 && !this.#fill(monotonic())) return false;
    this.#tokens -= bytes <= CHEAP_BYTES ? 1 : 1 + ((bytes - CHEAP_BYTES) >> BYTES_SHIFT);
    return true;
  }

  /** Milliseconds until `take` accepts a frame again. */
  wait(now: number): number {
    if (this.#tokens >= 1 || this.#fill(now)) return 0;
    return Math.ceil(((1 - this.#tokens) * 1000) / this.#rate);
  }

  #fill(now: number): boolean {
    const gained = (now - this.#filledAt) * (this.#rate / 1000);
    this.#tokens = Math.min(this.#burst, this.#tokens + gained);
    this.#filledAt = now;
    return this.#tokens >= 1;
  }
}
