/**
 * The shortest part of a list that still fails, by leaving out ever smaller pieces; or, when the lists tried so far
 * have `itemsMax` items together, the shortest found until then. Source: Zeller and Hildebrandt, Simplifying and
 * Isolating Failure-Inducing Input (2002).
 */
export function minimise<T>(
  items: readonly T[],
  fails: (items: readonly T[]) => boolean,
  itemsMax = Number.POSITIVE_INFINITY,
): T[] {
  let rest = [...items];
  let tried = 0;
  for (let length = rest.length >> 1; length >= 1; ) {
    const before = rest.length;
    for (let from = 0; from < rest.length && tried < itemsMax; ) {
      const without = [...rest.slice(0, from), ...rest.slice(from + length)];
      tried += without.length;
      if (fails(without)) rest = without;
      else from += length;
    }
    // Removing later parts may have made a part of this one unnecessary.
    if (length > 1) length >>= 1;
    else if (rest.length === before) break;
  }
  return rest;
}
