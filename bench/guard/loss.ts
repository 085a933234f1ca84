/** The factor by which a comparison has become worse since it was recorded. */
import type { Comparison } from "../report/report.ts";

/**
 * A loss above 1 means worse. It is taken from the ratio of the servers' processor time if both comparisons have one,
 * because other work on the machine disturbs that least. Null if there is no ratio to compare.
 */
export function lossOf(now: Comparison, recorded: Comparison): number | null {
  const byCpu = [now, recorded].map(({ details }) => details.cpu_ratio ?? null);
  const [left, right] = byCpu.includes(null) ? [now.ratio, recorded.ratio] : byCpu;
  if (left == null || right == null) return null;
  return now.better === "more" ? right / left : left / right;
}

/**
 * The comparisons whose loss was above `lossMax` in each of up to `triesMax` measurements, with their smallest loss.
 * The smallest counts because other work on the machine makes a ratio much worse, but never much better. Stops as soon
 * as no comparison has such a loss. `measure` gets the number of the measurement, from 0.
 */
export async function lastingLosses(
  measure: (attempt: number) => Promise<readonly Comparison[]>,
  recorded: ReadonlyMap<string, Comparison>,
  { lossMax, triesMax }: { lossMax: number; triesMax: number },
): Promise<{ comparison: Comparison; loss: number }[]> {
  const best = new Map<string, { comparison: Comparison; loss: number }>();
  const lost = () => [...best.values()].filter(({ loss }) => loss > lossMax);
  for (let attempt = 0; attempt < triesMax; attempt++) {
    for (const comparison of await measure(attempt)) {
      const before = recorded.get(comparison.name);
      const loss = before === undefined ? null : lossOf(comparison, before);
      const known = best.get(comparison.name);
      if (loss !== null && (known === undefined || loss < known.loss)) {
        best.set(comparison.name, { comparison, loss });
      }
    }
    if (lost().length === 0) break;
  }
  return lost();
}
