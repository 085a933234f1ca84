/** How many shares trade in the demo's live market. The past is made to match. */
import { styleOf } from "./styles.ts";

/**
 * Shares of the best known symbol that trade in a minute by accounts that choose by fame; of the n-th best
 * known, 1/n as many.
 */
const BY_FAME = 575;
/**
 * The collector takes the best prices of so many of the best known symbols again and again: so many lots of the
 * closest maker a minute.
 */
const WATCHED = 20;
const WATCHED_LOTS = 27;

/**
 * Shares of a symbol that trade in a minute on average. `rank`: the symbol's place by fame; 0 is the best
 * known.
 */
export function sharesAMinute(rank: number): number {
  const watched = rank < WATCHED ? WATCHED_LOTS * styleOf(rank, 0).lot : 0;
  return BY_FAME / (rank + 1) + watched;
}
