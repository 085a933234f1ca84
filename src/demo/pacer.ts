/** Spreads requests evenly, so that the demo never overloads the exchange. */
export class Pacer {
  #intervalMs: number;
  #nextMs = 0;

  constructor(perSecond: number) {
    this.#intervalMs = 1000 / perSecond;
  }

  setRate(perSecond: number): void {
    this.#intervalMs = 1000 / perSecond;
  }

  /** Takes the next free turn; returns how many milliseconds after `nowMs` it comes. */
  reserve(nowMs: number): number {
    const turnMs = Math.max(this.#nextMs, nowMs);
    this.#nextMs = turnMs + this.#intervalMs;
    return turnMs - nowMs;
  }

  /** Gives no turn before `delayMs` milliseconds after `nowMs`. */
  pause(nowMs: number, delayMs: number): void {
    this.#nextMs = Math.max(this.#nextMs, nowMs + delayMs);
  }
}
