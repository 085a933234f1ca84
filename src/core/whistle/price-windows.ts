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
 *
 * From version 1 of the rules (`rules.ts`) each trade is measured as it comes (`measure`), and a step without
 * trades has no prices (0): what is older than the window does not count. Before, only the last price of a command
 * was (`record`, `hasMoved`), and a step without trades had the price of the last before it.
 */

import { WHOLE_BPS } from "../../lib/basis-points.ts";
import type { Rules } from "../rules-state.ts";
import {
  S_LAST_PRICE,
  S_LAST_TIMESTAMP_F64,
  S_MOVE_BPS,
  S_WINDOW_MS,
  SYMBOL_DOUBLES,
  SYMBOL_INTS,
  type Symbols,
} from "../symbols.ts";

const STEPS = 16;
const KEPT = STEPS + 1;
export const WINDOW_INTS = 2 + 2 * KEPT;
const WINDOW_DOUBLES = WINDOW_INTS / 2;
const FIRST = 2;

export function createPriceWindows(symbols: Symbols, rules: Rules) {
  const S = symbols.ints;
  const SD = symbols.doubles;
  // One more than there are symbols: the template of rules has a number too, but no prices.
  const buffer = new ArrayBuffer((symbols.count + 1) * WINDOW_INTS * 4);
  const ints = new Int32Array(buffer);
  const doubles = new Float64Array(buffer);
  /** By symbol: whether `measure` found a move, which `hasMoved` is then asked about in the same command. */
  const moved = new Uint8Array(symbols.count + 1);

  /** Takes in a price; the symbol's last price is still the one before. */
  function record(symbol: number, price: number, now: number): void {
    const s = symbol * SYMBOL_INTS;
    const step = stepOf(symbol, now);
    begin(symbol, step, S[s + S_LAST_PRICE] || price);
    const w = symbol * WINDOW_INTS + FIRST + (step % KEPT) * 2;
    if (price < ints[w]) ints[w] = price;
    if (price > ints[w + 1]) ints[w + 1] = price;
  }

  /** The number of the step at a time. KEPT is added so that the numbers of all that are kept are above 0. */
  function stepOf(symbol: number, time: number): number {
    const stepMs = Math.max(1, Math.ceil(S[symbol * SYMBOL_INTS + S_WINDOW_MS] / STEPS));
    return Math.floor(time / stepMs) + KEPT;
  }

  /** Takes in trades at prices from `first` to `last`, which never turned back, and compares each. */
  function measure(symbol: number, first: number, last: number, now: number): void {
    const d = symbol * WINDOW_DOUBLES;
    const step = stepOf(symbol, now);
    if (doubles[d] === 0) {
      for (let i = 0; i < KEPT; i++) setStep(symbol, i, 0);
      beginWithLastTrade(symbol, step);
    } else {
      for (let i = Math.max(doubles[d] + 1, step - STEPS); i <= step; i++) setStep(symbol, i, 0);
    }
    doubles[d] = step;
    take(symbol, step, first);
    if (last !== first) take(symbol, step, last);
  }

  /** A window that begins anew does so with the trade before, if that is not older than the window. */
  function beginWithLastTrade(symbol: number, step: number): void {
    const price = S[symbol * SYMBOL_INTS + S_LAST_PRICE];
    const then = stepOf(symbol, SD[symbol * SYMBOL_DOUBLES + S_LAST_TIMESTAMP_F64]);
    if (price !== 0 && then >= step - STEPS) setStep(symbol, then, price);
  }

  function setStep(symbol: number, step: number, price: number): void {
    const w = symbol * WINDOW_INTS + FIRST + (step % KEPT) * 2;
    ints[w] = price;
    ints[w + 1] = price;
  }

  function take(symbol: number, step: number, price: number): void {
    const w = symbol * WINDOW_INTS + FIRST + (step % KEPT) * 2;
    if (ints[w] === 0 || price < ints[w]) ints[w] = price;
    if (price > ints[w + 1]) ints[w + 1] = price;
    if (isFar(symbol, price)) moved[symbol] = 1;
  }

  /** Moves the window on to `step`. Steps without a trade have the price of the last trade before them. */
  function begin(symbol: number, step: number, price: number): void {
    const d = symbol * WINDOW_DOUBLES;
    for (let i = Math.max(doubles[d] + 1, step - STEPS); i <= step; i++) {
      const w = symbol * WINDOW_INTS + FIRST + (i % KEPT) * 2;
      ints[w] = price;
      ints[w + 1] = price;
    }
    doubles[d] = step;
  }

  /** Whether the last price has moved too far from the lowest or highest price of its window. */
  function hasMoved(symbol: number): boolean {
    const s = symbol * SYMBOL_INTS;
    if (S[s + S_MOVE_BPS] === 0 || doubles[symbol * WINDOW_DOUBLES] === 0) return false;
    if (!rules.isAtLeast1()) return isFar(symbol, S[s + S_LAST_PRICE]);
    const hasMovedNow = moved[symbol] !== 0;
    moved[symbol] = 0;
    return hasMovedNow;
  }

  /** Whether `price` is too far from the lowest or highest price of the window. */
  function isFar(symbol: number, price: number): boolean {
    const first = symbol * WINDOW_INTS + FIRST;
    let low = price;
    let high = price;
    for (let w = first; w < first + 2 * KEPT; w += 2) {
      if (ints[w] === 0) continue;
      low = Math.min(low, ints[w]);
      high = Math.max(high, ints[w + 1]);
    }
    const bps = S[symbol * SYMBOL_INTS + S_MOVE_BPS];
    return (price - low) * WHOLE_BPS > bps * low || (high - price) * WHOLE_BPS > bps * high;
  }

  /** The window begins again with the next price, and with the last price before that. */
  function forget(symbol: number): void {
    doubles[symbol * WINDOW_DOUBLES] = 0;
    moved[symbol] = 0;
  }

  /** Makes zeroed memory that of no trades. */
  function reset(): void {
    moved.fill(0);
  }

  return { ints, record, measure, hasMoved, forget, reset };
}
