/**
 * The reference price of a price band. It does not move for a window of S_BAND_MS, so nobody can move the band quickly.
 * A trade begins a window. When the window is over, the mean price of the shares that traded in it becomes the
 * reference, and the next trade begins a new window. So the reference moves at most once a window, by at most the width
 * of the band. The symbol's first trade, an auction and the operator set it at once.
 *
 * Nothing runs at the end of a window. Instead `freshen` is called before a band is read and before a trade counts. It
 * gives the same reference whenever it is called.
 */
import { CLOCK_TIMESTAMP, type CoreParts } from "../parts.ts";
import {
  S_BAND_BPS,
  S_BAND_MS,
  S_BAND_NOTIONAL_F64,
  S_BAND_QUANTITY_F64,
  S_BAND_REFERENCE,
  S_BAND_SINCE_F64,
  S_REFERENCE,
  SYMBOL_DOUBLES,
  SYMBOL_INTS,
} from "../symbols.ts";

export type PriceBand = ReturnType<typeof createPriceBand>;

export function createPriceBand({ symbols, clock }: CoreParts) {
  const S = symbols.ints;
  const SD = symbols.doubles;

  /** Makes the mean of the symbol's window the reference, if the window is over. */
  function freshen(symbol: number): void {
    const d = symbol * SYMBOL_DOUBLES;
    const ms = S[symbol * SYMBOL_INTS + S_BAND_MS];
    const quantity = SD[d + S_BAND_QUANTITY_F64];
    if (quantity === 0 || clock[CLOCK_TIMESTAMP] < SD[d + S_BAND_SINCE_F64] + ms) return;
    setReference(symbol, mean(SD[d + S_BAND_NOTIONAL_F64], quantity));
  }

  /** Adds trades of a symbol with a band. `quantity` and `notional`: of all of them; `price`: of the last. */
  function trade(symbol: number, price: number, notional: number, quantity: number): void {
    const s = symbol * SYMBOL_INTS;
    const d = symbol * SYMBOL_DOUBLES;
    if (S[s + S_BAND_MS] === 0) return symbols.updateBand(symbol);
    freshen(symbol);
    if (S[s + S_BAND_REFERENCE] === 0) setReference(symbol, price);
    if (SD[d + S_BAND_QUANTITY_F64] === 0) SD[d + S_BAND_SINCE_F64] = clock[CLOCK_TIMESTAMP];
    // A larger sum would not be exact, so this trade does not count.
    if (SD[d + S_BAND_NOTIONAL_F64] + notional > Number.MAX_SAFE_INTEGER) return;
    SD[d + S_BAND_NOTIONAL_F64] += notional;
    SD[d + S_BAND_QUANTITY_F64] += quantity;
  }

  /** Sets the reference and begins without a window. */
  function setReference(symbol: number, price: number): void {
    const d = symbol * SYMBOL_DOUBLES;
    S[symbol * SYMBOL_INTS + S_BAND_REFERENCE] = price;
    SD[d + S_BAND_NOTIONAL_F64] = 0;
    SD[d + S_BAND_QUANTITY_F64] = 0;
    symbols.updateBand(symbol);
  }

  /** An auction traded at `price`. */
  function auction(symbol: number, price: number): void {
    if (S[symbol * SYMBOL_INTS + S_BAND_MS] === 0) symbols.updateBand(symbol);
    else setReference(symbol, price);
  }

  /**
   * Gives the symbol a band of `bps` basis points (0 = none) with windows of `ms` milliseconds, and a new `reference`
   * unless that is 0.
   */
  function configure(symbol: number, bps: number, ms: number, reference: number): void {
    const s = symbol * SYMBOL_INTS;
    const windowMs = bps === 0 ? 0 : ms;
    const isNew = S[s + S_BAND_MS] === 0 && windowMs !== 0;
    if (windowMs !== 0) freshen(symbol);
    S[s + S_BAND_BPS] = bps;
    S[s + S_BAND_MS] = windowMs;
    if (reference !== 0) S[s + S_REFERENCE] = reference;
    if (windowMs === 0) setReference(symbol, 0);
    else if (isNew || reference !== 0) setReference(symbol, S[s + S_REFERENCE]);
    symbols.updateBand(symbol);
  }

  return { freshen, trade, auction, configure };
}

/** `notional` / `quantity`, rounded to the nearest whole number, half up. Exact, as both are safe integers. */
function mean(notional: number, quantity: number): number {
  const rest = notional % quantity;
  return (notional - rest) / quantity + (rest >= quantity - rest ? 1 : 0);
}
