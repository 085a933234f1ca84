/** Estimates the clock of the exchange from its answers. */

/** When the best sample is so old, one that took longer replaces it. */
const SAMPLE_AGE_MAX_MS = 60_000;

/** When an answer is off by more than this and its round trip, one of the two clocks was set. */
const JUMP_MS = 1_000;

export class Clock {
  #offsetMs = 0;
  #bestRoundTripMs = Number.POSITIVE_INFINITY;
  #sampledAtMs = 0;
  #latencyMs: number | undefined;

  /** Milliseconds since 1970. */
  now(): number {
    return Math.round(Date.now() + this.#offsetMs);
  }

  /** How long the last answer to a `ping` or `time` took, milliseconds; undefined before the first. */
  get latencyMs(): number | undefined {
    return this.#latencyMs;
  }

  /** Takes the exchange's time from an answer that took `roundTripMs`. */
  sample(serverTime: number, roundTripMs: number): void {
    this.#latencyMs = roundTripMs;
    const now = performance.now();
    const isOld = now - this.#sampledAtMs > SAMPLE_AGE_MAX_MS;
    // One of the two clocks was set.
    const isOff = Math.abs(serverTime - this.now()) > roundTripMs + JUMP_MS;
    if (roundTripMs > this.#bestRoundTripMs && !isOld && !isOff) return;
    this.#bestRoundTripMs = roundTripMs;
    this.#sampledAtMs = now;
    this.#offsetMs = serverTime + roundTripMs / 2 - Date.now();
  }

  /** Takes the time of the exchange just now. */
  set(serverTime: number): void {
    this.#bestRoundTripMs = Number.POSITIVE_INFINITY;
    this.#offsetMs = serverTime - Date.now();
  }
}
