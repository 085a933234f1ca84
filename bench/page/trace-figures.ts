/** Reads the figures of the page's thread from a trace of Chromium. */

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  /** Microseconds. */
  readonly ts: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
}

export interface TraceFigures {
  readonly seconds: number;
  readonly framesPerSecond: number;
  readonly frameP99Ms: number;
  readonly busyPercent: number;
  readonly longestTaskMs: number;
}

/** Callbacks that follow each other within this time belong to the same frame. */
const SAME_FRAME_US = 2000;

/** The page's thread is the one with the most animation frames. */
export function traceFigures(all: readonly object[]): TraceFigures {
  const events = all as readonly TraceEvent[];
  const frames = events.filter(({ name }) => name === "FireAnimationFrame");
  const [thread] = mostOften(frames.map(({ pid, tid }) => `${pid} ${tid}`));
  const own = events.filter(({ pid, tid }) => `${pid} ${tid}` === thread);
  const starts = own
    .filter(({ name }) => name === "FireAnimationFrame")
    .map(({ ts, dur = 0 }) => ({ ts, end: ts + dur }))
    .sort((a, b) => a.ts - b.ts)
    // One frame calls all callbacks that asked for it, one after the other.
    .filter(({ ts }, i, all) => ts - (all[i - 1]?.end ?? 0) > SAME_FRAME_US)
    .map(({ ts }) => ts);
  const tasks = own.filter(({ name, ph }) => name.endsWith("RunTask") && ph === "X");
  const times = own.map(({ ts }) => ts).filter((ts) => ts > 0);
  const [begin, end] = [min(times), max(times)];
  const gaps = starts.slice(1).map((start, i) => (start - (starts[i] ?? start)) / 1000);
  const durations = tasks.map(({ dur = 0 }) => dur);
  const seconds = (end - begin) / 1e6;
  return {
    seconds,
    framesPerSecond: starts.length / seconds,
    frameP99Ms: gaps.sort((a, b) => a - b)[Math.floor(gaps.length * 0.99)] ?? 0,
    busyPercent: (100 * durations.reduce((sum, each) => sum + each, 0)) / (end - begin),
    longestTaskMs: max(durations) / 1000,
  };
}

function mostOften(words: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([word]) => word);
}

const min = (numbers: readonly number[]): number =>
  numbers.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY);
const max = (numbers: readonly number[]): number =>
  numbers.reduce((most, each) => Math.max(most, each), 0);
