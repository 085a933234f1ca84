/**
 * Symbols: state, rules and last trade. A symbol's number is its place here and in the ladder.
 */
import { C_TEXT_INTS, PRICE_MAX, SymbolState } from "./command.ts";

export const SYMBOL_INTS = 16;
export const S_STATE = 0;
export const S_INCREMENT = 1;
export const S_BAND_BPS = 2;
export const S_REFERENCE = 3;
export const S_QUANTITY_MAX = 4;
export const S_LAST_PRICE = 5;
export const S_LAST_QUANTITY = 6;
/** The band as prices, derived from reference and basis points. */
export const S_LOW = 7;
export const S_HIGH = 8;
/** In 64-bit words. */
export const S_LAST_TIMESTAMP_F64 = 5;
export const SYMBOL_DOUBLES = 8;

export function createSymbols(count: number) {
  const buffer = new ArrayBuffer(count * SYMBOL_INTS * 4);
  const ints = new Int32Array(buffer);
  const doubles = new Float64Array(buffer);
  /** What each symbol stands for: 64 bytes of ASCII as listed, the player's id. */
  const texts = new Int32Array(count * C_TEXT_INTS);

  return {
    ints,
    doubles,
    texts,
    count,
    exists(symbol: number): boolean {
      return symbol >= 0 && symbol < count && ints[symbol * SYMBOL_INTS] !== SymbolState.UNLISTED;
    },
    state: (symbol: number): number => ints[symbol * SYMBOL_INTS + S_STATE],
    /** Recomputes LOW and HIGH: the band is rounded outwards, and never below the price 1. */
    updateBand(symbol: number): void {
      const s = symbol * SYMBOL_INTS;
      const bps = ints[s + S_BAND_BPS];
      const reference = ints[s + S_REFERENCE];
      const banded = bps !== 0 && reference !== 0;
      const width = banded ? Math.ceil((reference * bps) / 10_000) : 0;
      ints[s + S_LOW] = banded ? Math.max(1, reference - width) : 1;
      ints[s + S_HIGH] = banded ? Math.min(PRICE_MAX, reference + width) : PRICE_MAX;
    },
    /** The listed text (a player id). */
    text(symbol: number): string {
      const bytes = new Uint8Array(texts.buffer, symbol * C_TEXT_INTS * 4, C_TEXT_INTS * 4);
      let text = "";
      for (const byte of bytes) if (byte !== 0) text += String.fromCharCode(byte);
      return text;
    },
  };
}
