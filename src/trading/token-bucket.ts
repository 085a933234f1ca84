/** A token bucket: `rate` tokens a second, at most `burst` saved up. */
export class TokenBucket {
  readonly #rate: number;
  /** Tokens when it is full. */
  readonly burst: number;
  #tokens: number;
  #filledAt: number;

  /** `now`: milliseconds. A clock that goes back gives nothing until it is where it was. */
  constructor(rate: number, burst: number, now: number) {
    this.#rate = rate;
    this.burst = burst;
    this.#tokens = burst;
    this.#filledAt = now;
  }

  /**
   * Takes a token, or several at once: 0, or how many milliseconds until there is one. Several are given when there
   * is one; what is missing is owed, and paid back at the bucket's rate.
   */
  take(now: number, tokens = 1): number {
    const wait = this.wait(now);
    if (wait === 0) this.#tokens -= tokens;
    return wait;
  }

  /** Takes tokens whether they are there or not: what is missing is owed. Less than 0 is given back. */
  owe(now: number, tokens: number): void {
    this.#fill(now);
    this.#tokens = Math.min(this.burst, this.#tokens - tokens);
  }

  /** 0 when there is a token, or how many milliseconds until there is one. */
  wait(now: number): number {
    this.#fill(now);
    if (this.#tokens >= 1) return 0;
    if (this.#rate === 0 || this.burst < 1) return RETRY_NEVER_MS;
    return Math.ceil(((1 - this.#tokens) * 1000) / this.#rate);
  }

  /** Whole tokens that are left, 0 while some are owed. */
  left(now: number): number {
    this.#fill(now);
    return Math.max(0, Math.floor(this.#tokens));
  }

  /** Milliseconds until it is full. */
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

/** What a bucket that never fills says: come back in an hour. */
const RETRY_NEVER_MS = 3_600_000;
