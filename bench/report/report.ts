/** The report of a bench: one line of JSON with a comparison for each thing that it measures. */

export interface Comparison {
  /** The same in every results file, because `targets.ts` and the guard find the comparison by it. */
  name: string;
  unit: string;
  /** The exchange's figure: the median of all rounds. */
  figure: number;
  /** What the baseline is; null if there is none. */
  against: string | null;
  /** The median of the baseline, which was measured in turns with the exchange. */
  baseline: number | null;
  /** The median of the rounds' ratios of figure to baseline. */
  ratio: number | null;
  /** Whether a larger figure is better, or a smaller one. */
  better: "more" | "less";
  /** Medians of other values of the rounds, such as shares of processors and percentiles. */
  details: Record<string, number | null>;
}

export interface BenchReport {
  bench: string;
  /** How it was measured: rounds, connections and the like. */
  settings: Record<string, number | string>;
  comparisons: Comparison[];
}

/** Prints the report. A bench prints nothing else to standard output. */
export function printReport(report: BenchReport): void {
  console.log(JSON.stringify(report));
}
