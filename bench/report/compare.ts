/** Makes a comparison from rounds in which the exchange and its baseline took turns. */
import { median } from "../figures.ts";
import type { Comparison } from "./report.ts";

export interface Round {
  figure: number;
  baseline: number | null;
  details?: Record<string, number | null>;
}

type Heading = Pick<Comparison, "name" | "unit" | "against" | "better">;

/** `rounds` must not be empty. Either all of them have a baseline or none. */
export function compare(heading: Heading, rounds: readonly Round[]): Comparison {
  const figures = rounds.map(({ figure }) => figure);
  const ratios = rounds.map(({ figure, baseline }) => baseline && figure / baseline);
  return {
    ...heading,
    figure: short(median(figures)),
    baseline: medianOrNull(rounds.map(({ baseline }) => baseline)),
    ratio: medianOrNull(ratios),
    details: medians(rounds.map(({ details }) => details ?? {})),
  };
}

/** Work done, and the share of one core that the server used for it; null where there is no /proc. */
interface Effort {
  figure: number;
  serverCpu: number | null;
}

/**
 * The ratio of the work in a second of processor time. Other work on the machine disturbs it less than the plain ratio.
 */
export function cpuRatio(ours: Effort, theirs: Effort): number | null {
  if (!ours.serverCpu || !theirs.serverCpu) return null;
  return ours.figure / ours.serverCpu / (theirs.figure / theirs.serverCpu);
}

/** The median of each member. */
function medians(rounds: readonly Record<string, number | null>[]): Record<string, number | null> {
  const names = Object.keys(rounds[0] ?? {});
  return Object.fromEntries(
    names.map((name) => [name, medianOrNull(rounds.map((round) => round[name] ?? null))]),
  );
}

function medianOrNull(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : short(median(known));
}

/** Rounds to three digits, because the benches are not more exact. From 1,000 on it rounds to whole numbers. */
function short(value: number): number {
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
}
