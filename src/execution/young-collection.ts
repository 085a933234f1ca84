/**
 * Collects young garbage by the number of commands. A JSON order is a string when it comes and one when it is answered.
 * The runtime collects when what is new has grown with the heap, and counts the tables of the exchange, gigabytes that
 * are reserved and never collected, to the heap: left alone it lets hundreds of megabytes of dead strings gather, and
 * each new one is in memory that no cache has and that the system has to give first.
 */
import { edenGC } from "bun:jsc";
import type { Observer } from "../analytics/histogram.ts";
import type { TickStage } from "../core/tick-output.ts";
import { elapsed } from "../lib/elapsed.ts";

/** Some megabytes of strings; to collect them takes 1.6 ms. */
const COMMANDS = 32_768;

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
