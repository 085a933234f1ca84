import { type After, afterTimeout } from "../lib/after-timeout.ts";

/** The clock that this folder uses. Tests have one that they move by hand. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  after: After;
}

/** The clock of the process. */
export const systemClock: Clock = { now: Date.now, after: afterTimeout };
