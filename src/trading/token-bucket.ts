/** A token bucket: `rate` tokens a second, at most `burst` saved up. */
export class TokenBucket {
  readonly #rate: number;
  /** How many tokens a full bucket has. */
  readonly burst: number;
  #tokens: number;
  #filledAt: number;

  /** `now`: milliseconds. While the clock is behind a time that it had before, the bucket is not filled. */
  constructor(rate: number, burst: number, now: number) {
    this.#rate = rate;
    this.burst = burst;
    this.#tokens = burst;
    this.#filledAt = now;
  }

  /**
   * Takes one or more tokens. Returns 0, or how many milliseconds until there is one. One token is enough to take several: the
   * bucket is then overdrawn, and fills again at its rate.
   */
  take(now: number, tokens = 1): number {
    const wait = this.wait(now);
    if (wait === 0) this.#tokens -= tokens;
    return wait;
  }

  /** Takes tokens even if there are too few, so that the bucket is overdrawn. A negative number is given back. */
  owe(now: number, tokens: number): void {
    this.#fill(now);
    this.#tokens = Math.min(this.burst, this.#tokens - tokens);
  }

  /** How many milliseconds until there is a token; 0 when there is one. */
  wait(now: number): number {
    this.#fill(now);
    if (this.#tokens >= 1) return 0;
    if (this.#rate === 0 || this.burst < 1) return RETRY_NEVER_MS;
    return Math.ceil(((1 - this.#tokens) * 1000) / this.#rate);
  }

  /** How many whole tokens are left; 0 while it is overdrawn. */
  left(now: number): number {
    this.#fill(now);
    return Math.max(0, Math.floor(this.#tokens));
  }

  /** How many milliseconds until the bucket is full. */
  fullIn(now: number): number {
    this.#fill(now);
    const missing = this.burst - this.#tokens;
    if (missing <= 0) return 0;
    return this.#rate === 0 ? RETRY_NEVER_MS : Math.ceil((missing * 1000) / this.#rate);
  }

  #fill(now: number): void {
    if (now <= this.#filledAt) return;
    const gained = (now - this.#filledAt) * (this.#rate / 1000);
    this.#tokens = Math.min(this.burst, this.#tokens + gained);
    this.#filledAt = now;
  }
}

/** The wait that a bucket tells which never fills: an hour. */
const RETRY_NEVER_MS = 3_600_000;
