/** Computes how busy the server's thread was in a period. Time that other processes took does not count. */
import type { LoopLine } from "./plan.ts";

export interface LoopFigures {
  /** The share of one processor that the thread used. */
  cpuShare: number;
  /** The share of the time in which the thread was ready to run but had no processor. */
  waitedShare: number;
  /** The longest stretch in which the thread did not look for new events. */
  longestMs: number;
  /** The p99 of the time that an event, at a random moment, waits until the thread looks for new events. */
  p99Ms: number;
}

/** The figures from the lines between `from` and `to`, milliseconds since 1970. */
export function loopFigures(lines: readonly LoopLine[], from: number, to: number): LoopFigures {
  const inside = lines.filter(({ at }) => at >= from && at <= to);
  const stretches = inside.flatMap((line) => line.stretches).sort((a, b) => b - a);
  const cpuMs = sum(inside.map((line) => line.cpuMs));
  const wallMs = sum(inside.map((line) => line.wallMs));
  const waitedMs = sum(inside.map((line) => line.waitedMs));
  // The time without a processor is the fault of the machine.
  const ms = wallMs - waitedMs;
  return {
    cpuShare: ms > 0 ? cpuMs / ms : 0,
    waitedShare: wallMs > 0 ? waitedMs / wallMs : 0,
    longestMs: stretches[0] ?? 0,
    p99Ms: waitOf(stretches, ms / 100),
  };
}

/**
 * The wait that is exceeded for `beyondMs` in total. An event that comes at the beginning of a stretch waits for all of
 * it, so a stretch that is longer than a wait exceeds it for the difference.
 */
function waitOf(longestFirst: readonly number[], beyondMs: number): number {
  let total = 0;
  for (const [n, stretch] of longestFirst.entries()) {
    total += stretch;
    const next = longestFirst[n + 1] ?? 0;
    // A wait that is shorter than n + 1 stretches is exceeded for `total - (n + 1) * wait`.
    if (total - (n + 1) * next >= beyondMs) return (total - beyondMs) / (n + 1);
  }
  return 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
