/** What of a book is one's own. */

/** Shares that wait, by price. */
export function ownLevels(_symbol: string): ReadonlyMap<number, number> {
  return new Map();
}
