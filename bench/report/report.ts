/** What a bench reports: one line of JSON, a comparison for each thing that it measures. */

export interface Comparison {
  /** The same in every results file; `targets.ts` and the guard know it by this. */
  name: string;
  unit: string;
  /** Of the exchange: the median over all rounds. */
  figure: number;
  /** What it is held against, measured in turns with it; null when it stands alone. */
  against: string | null;
  baseline: number | null;
  /** The median of each round's figure by its baseline. */
  ratio: number | null;
  /** Whether more of it is better, or less. */
  better: "more" | "less";
  /** Medians of whatever else the rounds have: shares of processors, percentiles. */
  details: Record<string, number | null>;
}

export interface BenchReport {
  bench: string;
  /** How it was measured: rounds, connections and the like. */
  settings: Record<string, number | string>;
  comparisons: Comparison[];
}

/** Writes the one line that a bench's standard output has. */
export function printReport(report: BenchReport): void {
  console.log(JSON.stringify(report));
}
