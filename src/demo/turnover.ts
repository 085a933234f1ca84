/** How much trades in the demo's live market: what its past is made by. */
import { styleOf } from "./styles.ts";

/** Shares a minute of the best known symbol that accounts trade which choose by fame; of the n-th best known 1/n as many. */
const BY_FAME = 575;
/** Of so many of the best known the best prices are taken again and again: so many lots of the closest maker a minute. */
const WATCHED = 20;
const WATCHED_LOTS = 27;

/** Shares of a symbol that trade in a minute on average; `rank`: among all by fame, 0 the best known. */
export function sharesAMinute(rank: number): number {
  const watched = rank < WATCHED ? WATCHED_LOTS * styleOf(rank, 0).lot : 0;
  return BY_FAME / (rank + 1) + watched;
}
