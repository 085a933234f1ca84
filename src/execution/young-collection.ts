/**
 * Collects young garbage after every so many commands, and when the process has grown. A JSON order makes two strings,
 * one for the request and one for the answer. Left alone, the runtime collects when the new objects are a certain part
 * of the heap. It counts the exchange's tables as heap, gigabytes that are reserved and never collected. So hundreds of
 * megabytes of dead strings would gather, and each new string would lie in memory that is in no cache and that the
 * system must provide first. Queries make garbage without commands: a page of open orders some hundred kilobytes.
 */
import { edenGC } from "bun:jsc";
import type { Observer } from "../analytics/histogram.ts";
import type { TickStage } from "../core/tick-output.ts";
import { elapsed } from "../lib/elapsed.ts";

/** Some megabytes of strings. To collect them takes about 1 ms, however many they are. */
const COMMANDS = 65_536;
/**
 * By how much the process may grow between two collections. Tables that fill count, too, and cause a useless
 * collection.
 */
const GROWTH_BYTES = 64 << 20;

interface Options {
  /** Takes how long each collection took, in seconds. */
  times?: Observer;
  /** Collects young garbage. By default the runtime does it; tests replace it. */
  collect?: () => void;
  /** Milliseconds of a clock that never goes back. */
  now?: () => number;
  /** Bytes of memory that the process uses. To ask takes some microseconds. */
  resident?: () => number;
}

export interface YoungCollection extends TickStage {
  /** To be called ten times a second, at any time. */
  onBeat(): void;
}

export function youngCollection({
  times,
  collect = edenGC,
  now = elapsed,
  resident = process.memoryUsage.rss,
}: Options): YoungCollection {
  let commands = 0;
  /** The fewest bytes since `onBeat` last collected: the system gets collected memory back only later. */
  let least = resident();

  function collectNow(): void {
    commands = 0;
    const from = now();
    collect();
    times?.observe((now() - from) / 1000);
  }

  return {
    onTick({ count }) {
      commands += count;
      if (commands >= COMMANDS) collectNow();
    },
    onBeat() {
      const bytes = resident();
      least = Math.min(least, bytes);
      if (bytes - least < GROWTH_BYTES) return;
      collectNow();
      least = bytes;
    },
  };
}
