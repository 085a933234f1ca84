/**
 * Tells whether one sample tends to be larger than another. It uses only the order of the values, so a long pause of
 * the machine counts no more than any other large value.
 */

/** Mann-Whitney's U in standard deviations, corrected for ties. Positive if `a` tends to be larger. */
export function rankTest(a: readonly number[], b: readonly number[]): number {
  const all = [
    ...a.map((value) => ({ value, isOfA: true })),
    ...b.map((value) => ({ value, isOfA: false })),
  ].sort((x, y) => x.value - y.value);
  let ranks = 0;
  let ties = 0;
  for (let start = 0; start < all.length; ) {
    let end = start;
    while (end < all.length && all[end]?.value === all[start]?.value) end++;
    const count = end - start;
    const inA = all.slice(start, end).filter(({ isOfA }) => isOfA).length;
    // Equal values share the mean of their ranks. Ranks begin at 1.
    ranks += inA * ((start + 1 + end) / 2);
    ties += count ** 3 - count;
    start = end;
  }
  const [n, m, total] = [a.length, b.length, all.length];
  const u = ranks - (n * (n + 1)) / 2;
  const variance = ((n * m) / 12) * (total + 1 - ties / (total * (total - 1)));
  return variance === 0 ? 0 : (u - (n * m) / 2) / Math.sqrt(variance);
}
