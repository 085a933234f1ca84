/**
 * Symbols: state, rules, protections and last trade. A symbol's number is its place here and in the ladder.
 * One more record, behind the last symbol's, holds the rules that symbols are listed with.
 */

import { WHOLE_BPS } from "../lib/basis-points.ts";
import { C_TEXT_INTS, PRICE_MAX, readText, SymbolState } from "./command.ts";

export const SYMBOL_INTS = 32;
export const S_STATE = 0;
export const S_INCREMENT = 1;
export const S_BAND_BPS = 2;
export const S_REFERENCE = 3;
export const S_QUANTITY_MAX = 4;
export const S_LAST_PRICE = 5;
export const S_LAST_QUANTITY = 6;
/** The band's lowest and highest price, derived from its reference and basis points. */
export const S_LOW = 7;
export const S_HIGH = 8;
/** The most open orders of an account; 0 = no limit, as with all limits below. */
export const S_OPEN_ORDERS_MAX = 9;
/**
 * The volatility pause: the move in basis points that causes it, the window of the move, the length of the pause and of
 * the auction after it.
 */
export const S_MOVE_BPS = 12;
export const S_WINDOW_MS = 13;
export const S_PAUSE_MS = 14;
export const S_AUCTION_MS = 15;
/** Whether quantity, notional or open orders are limited. Most often none is. */
export const S_IS_LIMITED = 17;
/** Lowest and highest price since the symbol's cascade began (`stops.ts`); 0 = there is no cascade. */
export const S_ELECTED_LOW = 24;
export const S_ELECTED_HIGH = 25;
/** How long the band's reference price stands still, milliseconds (0 = it is the last trade), and that price. */
export const S_BAND_MS = 26;
export const S_BAND_REFERENCE = 27;
/** In 64-bit words. */
export const S_LAST_TIMESTAMP_F64 = 5;
export const S_NOTIONAL_MAX_F64 = 9;
/** When a pause or an auction ends; 0 = none is under way. */
export const S_DUE_F64 = 11;
/** Of the trades in the band's window: their notional, the time of the first, and their shares (0 = no trades). */
export const S_BAND_NOTIONAL_F64 = 10;
export const S_BAND_SINCE_F64 = 14;
export const S_BAND_QUANTITY_F64 = 15;
export const SYMBOL_DOUBLES = 16;

const RULES = [
  S_BAND_BPS,
  S_BAND_MS,
  S_QUANTITY_MAX,
  S_OPEN_ORDERS_MAX,
  S_MOVE_BPS,
  S_WINDOW_MS,
  S_PAUSE_MS,
  S_AUCTION_MS,
  S_IS_LIMITED,
] as const;

export type Symbols = ReturnType<typeof createSymbols>;

/** How far a band of `bps` basis points reaches to either side of its reference. */
function bandWidth(reference: number, bps: number): number {
  return Math.ceil((reference * bps) / WHOLE_BPS);
}

/** The lowest price of such a band, rounded outwards, and never below 1. */
export function bandLow(reference: number, bps: number): number {
  return Math.max(1, reference - bandWidth(reference, bps));
}

/** The highest price of such a band, rounded outwards. */
export function bandHigh(reference: number, bps: number): number {
  return Math.min(PRICE_MAX, reference + bandWidth(reference, bps));
}

export function createSymbols(count: number) {
  const buffer = new ArrayBuffer((count + 1) * SYMBOL_INTS * 4);
  const ints = new Int32Array(buffer);
  const doubles = new Float64Array(buffer);
  /** The text that each symbol was listed with: the player's id, 64 bytes of ASCII. */
  const texts = new Int32Array(count * C_TEXT_INTS);
  /** [0] the highest number of a listed symbol, plus 1. */
  const head = new Int32Array(1);

  return {
    ints,
    doubles,
    texts,
    head,
    count,
    /** Symbols listed, with the gaps between them: the extent of the state. */
    top: () => head[0],
    exists(symbol: number): boolean {
      return symbol >= 0 && symbol < count && ints[symbol * SYMBOL_INTS] !== SymbolState.UNLISTED;
    },
    state: (symbol: number): number => ints[symbol * SYMBOL_INTS + S_STATE],
    /** Computes LOW and HIGH again. */
    updateBand(symbol: number): void {
      const s = symbol * SYMBOL_INTS;
      const bps = ints[s + S_BAND_BPS];
      const reference = ints[s + (ints[s + S_BAND_MS] === 0 ? S_REFERENCE : S_BAND_REFERENCE)];
      const banded = bps !== 0 && reference !== 0;
      ints[s + S_LOW] = banded ? bandLow(reference, bps) : 1;
      ints[s + S_HIGH] = banded ? bandHigh(reference, bps) : PRICE_MAX;
    },
    /** The record of the rules that symbols are listed with. */
    template: count,
    /** Sets IS_LIMITED from the limits. */
    updateLimited(symbol: number): void {
      const s = symbol * SYMBOL_INTS;
      const isLimited =
        ints[s + S_QUANTITY_MAX] !== 0 ||
        ints[s + S_OPEN_ORDERS_MAX] !== 0 ||
        doubles[symbol * SYMBOL_DOUBLES + S_NOTIONAL_MAX_F64] !== 0;
      ints[s + S_IS_LIMITED] = isLimited ? 1 : 0;
    },
    /** Gives the rules of the template to a symbol that is being listed. */
    adoptTemplate(symbol: number): void {
      const from = count * SYMBOL_INTS;
      for (const field of RULES) ints[symbol * SYMBOL_INTS + field] = ints[from + field];
      doubles[symbol * SYMBOL_DOUBLES + S_NOTIONAL_MAX_F64] =
        doubles[count * SYMBOL_DOUBLES + S_NOTIONAL_MAX_F64];
    },
    /** The listed text (a player id). */
    text: (symbol: number): string => readText(texts, symbol * C_TEXT_INTS),
  };
}
