/**
 * Collects young garbage after every so many commands. A JSON order makes two strings, one for the request and one for
 * the answer. Left alone, the runtime collects when the new objects are a certain part of the heap. It counts the
 * exchange's tables as heap, gigabytes that are reserved and never collected. So hundreds of megabytes of dead strings
 * would gather, and each new string would lie in memory that is in no cache and that the system must provide first.
 */
import { edenGC } from "bun:jsc";
import type { Observer } from "../analytics/histogram.ts";
import type { TickStage } from "../core/tick-output.ts";
import { elapsed } from "../lib/elapsed.ts";

/** Some megabytes of strings. To collect them takes about 1 ms, however many they are. */
const COMMANDS = 65_536;

interface Options {
  /** Takes how long each collection took, in seconds. */
  times?: Observer;
  /** The runtime's own, but in tests. */
  collect?: () => void;
  /** Milliseconds of a clock that never goes back. */
  now?: () => number;
}

export function youngCollection({ times, collect = edenGC, now = elapsed }: Options): TickStage {
  let commands = 0;
  return {
    onTick({ count }) {
      commands += count;
      if (commands < COMMANDS) return;
      commands = 0;
      const from = now();
      collect();
      times?.observe((now() - from) / 1000);
    },
  };
}
