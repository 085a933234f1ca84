/** How busy the server's thread was in a stretch of time, without what others on the machine took. */
import type { LoopLine } from "./plan.ts";

export interface LoopFigures {
  /** Of one processor, by the thread. */
  cpuShare: number;
  /** Part of the time in which the thread could have run and had no processor. */
  waitedShare: number;
  /** The longest that it was held. */
  longestMs: number;
  /** How long the slowest hundredth of what comes at any moment waits until the thread looks at it. */
  p99Ms: number;
}

/** Of the lines told from `from` up to `to`, milliseconds since 1970. */
export function loopFigures(lines: readonly LoopLine[], from: number, to: number): LoopFigures {
  const inside = lines.filter(({ at }) => at >= from && at <= to);
  const stretches = inside.flatMap((line) => line.stretches).sort((a, b) => b - a);
  const cpuMs = sum(inside.map((line) => line.cpuMs));
  const wallMs = sum(inside.map((line) => line.wallMs));
  const waitedMs = sum(inside.map((line) => line.waitedMs));
  // The time in which it had no processor is the machine's.
  const ms = wallMs - waitedMs;
  return {
    cpuShare: ms > 0 ? cpuMs / ms : 0,
    waitedShare: wallMs > 0 ? waitedMs / wallMs : 0,
    longestMs: stretches[0] ?? 0,
    p99Ms: waitOf(stretches, ms / 100),
  };
}

/** What is left of the stretches beyond this is `beyondMs` in all: who comes then waits longer. */
function waitOf(longestFirst: readonly number[], beyondMs: number): number {
  let total = 0;
  for (const [n, stretch] of longestFirst.entries()) {
    total += stretch;
    const next = longestFirst[n + 1] ?? 0;
    // With n + 1 stretches beyond it, `total - (n + 1) * wait` is beyond.
    if (total - (n + 1) * next >= beyondMs) return (total - beyondMs) / (n + 1);
  }
  return 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
