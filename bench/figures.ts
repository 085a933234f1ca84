/** Statistics that several benches use. */

/** The `q`-quantile (0–1) of a non-empty list. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}

/** The median of a non-empty list. If the count is even, it is the mean of the two values in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length / 2;
  const high = sorted[Math.floor(middle)];
  return Number.isInteger(middle) ? (sorted[middle - 1] + high) / 2 : high;
}

/** `value` rounded to `digits` digits after the point. */
export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
