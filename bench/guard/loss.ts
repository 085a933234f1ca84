/** By what factor a comparison is worse than one of the same name that was recorded before. */
import type { Comparison } from "../report/report.ts";

/**
 * Above 1 = worse. By the servers' processor time where both have it, which other work on the machine disturbs
 * least; null when there is no ratio to compare.
 */
export function lossOf(now: Comparison, recorded: Comparison): number | null {
  const byCpu = [now, recorded].map(({ details }) => details.cpu_ratio ?? null);
  const [left, right] = byCpu.includes(null) ? [now.ratio, recorded.ratio] : byCpu;
  if (left == null || right == null) return null;
  return now.better === "more" ? right / left : left / right;
}
