import { type After, afterTimeout } from "../lib/after-timeout.ts";

/** Time as the rest of this folder sees it, so that tests can turn it by hand. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  after: After;
}

/** The process's own time. */
export const systemClock: Clock = { now: Date.now, after: afterTimeout };
