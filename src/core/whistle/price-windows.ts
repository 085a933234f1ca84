/**
 * Price windows: between which prices a symbol has traded lately, for its volatility pause.
 *
 * A window slides in steps of a sixteenth of its length. It is the step in hand and the 16 before, so it
 * covers at least its length and at most 17 steps, whatever the number of trades; a step is a sixteenth,
 * rounded up to whole milliseconds.
 *
 * ```
 *  144 bytes a symbol: f64 0 STEP   number of the newest step, 0 = nothing recorded yet
 *                      int 2 + 2i   lowest and highest price of the steps i modulo 17
 * ```
 */
import { S_LAST_PRICE, S_MOVE_BPS, S_WINDOW_MS, SYMBOL_INTS, type Symbols } from "../symbols.ts";

const STEPS = 16;
const KEPT = STEPS + 1;
export const WINDOW_INTS = 2 + 2 * KEPT;
const WINDOW_DOUBLES = WINDOW_INTS / 2;
const FIRST = 2;
const BASIS = 10_000;

export function createPriceWindows(symbols: Symbols) {
  const S = symbols.ints;
  // One more behind the last symbol's, for the template, which has none.
  const buffer = new ArrayBuffer((symbols.count + 1) * WINDOW_INTS * 4);
  const ints = new Int32Array(buffer);
  const doubles = new Float64Array(buffer);

  /** Takes in a price; the symbol's last price is still the one before. */
  function record(symbol: number, price: number, now: number): void {
    const s = symbol * SYMBOL_INTS;
    const stepMs = Math.max(1, Math.ceil(S[s + S_WINDOW_MS] / STEPS));
    // Never fewer than are kept, so that all of them have numbers above 0.
    const step = Math.floor(now / stepMs) + KEPT;
    begin(symbol, step, S[s + S_LAST_PRICE] || price);
    const w = symbol * WINDOW_INTS + FIRST + (step % KEPT) * 2;
    if (price < ints[w]) ints[w] = price;
    if (price > ints[w + 1]) ints[w + 1] = price;
  }

  /** Goes on to `step`: up to its first trade, the price was the one before. */
  function begin(symbol: number, step: number, price: number): void {
    const d = symbol * WINDOW_DOUBLES;
    for (let i = Math.max(doubles[d] + 1, step - STEPS); i <= step; i++) {
      const w = symbol * WINDOW_INTS + FIRST + (i % KEPT) * 2;
      ints[w] = price;
      ints[w + 1] = price;
    }
    doubles[d] = step;
  }

  /** Whether the last price is further than it may be from the lowest or the highest of its window. */
  function hasMoved(symbol: number): boolean {
    const s = symbol * SYMBOL_INTS;
    if (S[s + S_MOVE_BPS] === 0 || doubles[symbol * WINDOW_DOUBLES] === 0) return false;
    const first = symbol * WINDOW_INTS + FIRST;
    let low = ints[first];
    let high = ints[first + 1];
    for (let w = first + 2; w < first + 2 * KEPT; w += 2) {
      low = Math.min(low, ints[w]);
      high = Math.max(high, ints[w + 1]);
    }
    const last = S[s + S_LAST_PRICE];
    const bps = S[s + S_MOVE_BPS];
    return (last - low) * BASIS > bps * low || (high - last) * BASIS > bps * high;
  }

  /** Begins anew at the next price, with the last one before it. */
  function forget(symbol: number): void {
    doubles[symbol * WINDOW_DOUBLES] = 0;
  }

  return { ints, record, hasMoved, forget };
}
