/**
 * Price windows: the lowest and highest price at which a symbol has traded lately, which its volatility pause needs.
 *
 * Time is divided into steps, each a sixteenth of the window's length (in whole milliseconds, rounded up). The window
 * is the present step and the 16 before it, so it covers at least its length, with the same memory for any number of
 * trades.
 *
 * ```
 *  144 bytes a symbol: f64 0 STEP   number of the newest step, 0 = nothing recorded yet
 *                      int 2 + 2i   lowest and highest price of the step whose number modulo 17 is i
 * ```
 *
 * From version 1 of the rules (`rules.ts`) on, every trade is compared with the window (`measure`), and a step without
 * trades has no prices (0). Under version 0 only the last price of a command is compared (`record`, `hasMoved`), and a
 * step without trades has the last price before it.
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
  // One more than there are symbols, because the template (`symbols.ts`) has a number, too. It never has prices.
  const buffer = new ArrayBuffer((symbols.count + 1) * WINDOW_INTS * 4);
  const ints = new Int32Array(buffer);
  const doubles = new Float64Array(buffer);
  /** By symbol: 1 if `measure` found too large a move. `hasMoved` asks for it in the same command. */
  const moved = new Uint8Array(symbols.count + 1);

  /** Under rules before version 1: adds a price. LAST_PRICE of the symbol must still be that of the trade before. */
  function record(symbol: number, price: number, now: number): void {
    const s = symbol * SYMBOL_INTS;
    const step = stepOf(symbol, now);
    moveTo(symbol, step, S[s + S_LAST_PRICE] || price);
    const w = wordOf(symbol, step);
    if (price < ints[w]) ints[w] = price;
    if (price > ints[w + 1]) ints[w + 1] = price;
  }

  /** The number of the step at a time. KEPT is added, so that all steps of a window have numbers above 0. */
  function stepOf(symbol: number, time: number): number {
    const stepMs = Math.max(1, Math.ceil(S[symbol * SYMBOL_INTS + S_WINDOW_MS] / STEPS));
    return Math.floor(time / stepMs) + KEPT;
  }

  /**
   * Adds trades at prices from `first` to `last`, and notes whether one moved the price too far. The prices between
   * need no look, because they go in one direction.
   */
  function measure(symbol: number, first: number, last: number, now: number): void {
    const step = stepOf(symbol, now);
    if (doubles[symbol * WINDOW_DOUBLES] === 0) {
      for (let i = 0; i < KEPT; i++) setStep(symbol, i, 0);
      beginWithLastTrade(symbol, step);
    }
    moveTo(symbol, step, 0);
    take(symbol, step, first);
    if (last !== first) take(symbol, step, last);
  }

  /** Begins the window with the trade before it, unless that trade is older than the window. */
  function beginWithLastTrade(symbol: number, step: number): void {
    const price = S[symbol * SYMBOL_INTS + S_LAST_PRICE];
    const then = stepOf(symbol, SD[symbol * SYMBOL_DOUBLES + S_LAST_TIMESTAMP_F64]);
    if (price !== 0 && then >= step - STEPS) setStep(symbol, then, price);
    doubles[symbol * WINDOW_DOUBLES] = step;
  }

  /** The place of a step's lowest price. The highest comes after it. */
  function wordOf(symbol: number, step: number): number {
    return symbol * WINDOW_INTS + FIRST + (step % KEPT) * 2;
  }

  function setStep(symbol: number, step: number, price: number): void {
    const w = wordOf(symbol, step);
    ints[w] = price;
    ints[w + 1] = price;
  }

  function take(symbol: number, step: number, price: number): void {
    const w = wordOf(symbol, step);
    if (ints[w] === 0 || price < ints[w]) ints[w] = price;
    if (price > ints[w + 1]) ints[w + 1] = price;
    if (isFar(symbol, price)) moved[symbol] = 1;
  }

  /** Moves the window on to `step`. New steps get `price` as their lowest and highest price. */
  function moveTo(symbol: number, step: number, price: number): void {
    const d = symbol * WINDOW_DOUBLES;
    for (let i = Math.max(doubles[d] + 1, step - STEPS); i <= step; i++) setStep(symbol, i, price);
    doubles[d] = step;
  }

  /**
   * Whether a trade of the present command has moved the price too far; under rules before version 1, its last trade.
   * From version 1 on, asking clears the answer.
   */
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

  /** Empties the window. The next trade begins it again. */
  function forget(symbol: number): void {
    doubles[symbol * WINDOW_DOUBLES] = 0;
    moved[symbol] = 0;
  }

  /** Forgets the moves that were found. The windows themselves have been zeroed. */
  function reset(): void {
    moved.fill(0);
  }

  return { ints, record, measure, hasMoved, forget, reset };
}
