/** How makers quote a symbol: the better known, the closer, deeper and larger. */
import type { QuoteStyle } from "./quotes.ts";

/** The best known symbols: their books are deep, and more is traded. */
export const STARS = 40;
const STAR_LEVELS = 5;
const OTHER_LEVELS = 2;

/** `rank`: of the symbol among all by fame, 0 the best known; `maker`: 0 is close and small, the others wide and large. */
export function styleOf(rank: number, maker: number): QuoteStyle {
  // 1 for the best known, less and less behind.
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
