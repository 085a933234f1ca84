/** How makers quote a symbol: the better known, the closer, deeper and larger. */
import type { QuoteStyle } from "./quotes.ts";

/** How many of the best known symbols are stars: their books are deep, and they trade more. */
export const STARS = 40;
const STAR_LEVELS = 5;
const OTHER_LEVELS = 2;

/**
 * How `maker` quotes a symbol: maker 0 close to the value and small, the others farther away and larger.
 * `rank`: the symbol's place by fame; 0 is the best known.
 */
export function styleOf(rank: number, maker: number): QuoteStyle {
  // 1 for the best known symbol, and less and less for the others.
  const fame = 1 / (1 + rank / 25);
  const isWide = maker > 0;
  const halfSpread = 0.0012 + 0.012 * (1 - fame);
  const lot = Math.round(8 + 40 * fame);
  return {
    halfSpread: isWide ? halfSpread * 2 : halfSpread,
    levelStep: isWide ? halfSpread * 1.5 : halfSpread * 0.8,
    levels: rank < STARS ? STAR_LEVELS : OTHER_LEVELS,
    lot: isWide ? lot * 3 : lot,
  };
}
