/** Makes one comparison of the rounds in which the exchange and its baseline took turns. */
import { median } from "../figures.ts";
import type { Comparison } from "./report.ts";

export interface Round {
  figure: number;
  baseline: number | null;
  details?: Record<string, number | null>;
}

type Heading = Pick<Comparison, "name" | "unit" | "against" | "better">;

/** `rounds` is not empty, and either all of them have a baseline or none. */
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

/** Work done, and the share of one core that it took the server; null where that cannot be told. */
interface Effort {
  figure: number;
  serverCpu: number | null;
}

/** The ratio of what a second of the servers' processor time does: other work on the machine disturbs it less. */
export function cpuRatio(ours: Effort, theirs: Effort): number | null {
  if (!ours.serverCpu || !theirs.serverCpu) return null;
  return ours.figure / ours.serverCpu / (theirs.figure / theirs.serverCpu);
}

/** Of each member by itself. */
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

/** Three digits, as many as the benches can tell apart; whole numbers in full. */
function short(value: number): number {
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
}
