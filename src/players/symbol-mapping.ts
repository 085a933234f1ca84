/**
 * Which symbol a player gets. Every player has a home slot, the hash of its id; where that is taken,
 * the next free one behind it:
 *
 * ```
 *  fnv1a("4046") % 8 = 5        ┌───┬───┬───┬───┬───┬───┬───┬───┐
 *  5 and 6 are taken: 7         │ 0 │   │   │ 3 │   │ 5 │ 6 │ * │
 *                               └───┴───┴───┴───┴───┴───┴───┴───┘
 * ```
 *
 * An assignment is never recomputed: whoever has a symbol keeps it, in whatever order players
 * arrive on later days. That is why the registry and the journal remember them all.
 */
import { fnv1a } from "../lib/hash.ts";

/** The symbol for a player who has none, 0 to `symbolsMax` - 1; -1 when every one is taken. */
export function freeSymbol(
  playerId: string,
  symbolsMax: number,
  isTaken: (symbol: number) => boolean,
): number {
  const home = fnv1a(playerId) % symbolsMax;
  for (let step = 0; step < symbolsMax; step++) {
    const symbol = (home + step) % symbolsMax;
    if (!isTaken(symbol)) return symbol;
  }
  return -1;
}
