/**
 * The volatility pause: when the price moves too far within a window, the symbol is halted for a while and then opens
 * again through a call auction.
 *
 * ```
 *  TRADING ── moved too far ──► HALTED ── pause over ──► AUCTION ── auction over ──► uncross ──► TRADING
 * ```
 */
import { SymbolState } from "../command.ts";
import type { Emit } from "../emit.ts";
import { CLOCK_DUE, CLOCK_TIMESTAMP, type CoreParts } from "../parts.ts";
import { S_DUE_F64, S_PAUSE_MS, S_STATE, SYMBOL_DOUBLES, SYMBOL_INTS } from "../symbols.ts";

export type Protection = ReturnType<typeof createProtection>;

export function createProtection(parts: CoreParts, emit: Emit) {
  const { symbols, windows, clock } = parts;
  const S = symbols.ints;
  const SD = symbols.doubles;

  /** Halts the symbol if its price has moved too far. Returns whether it did. */
  function pauseIfMoved(symbol: number): boolean {
    if (!windows.hasMoved(symbol)) return false;
    const pauseMs = S[symbol * SYMBOL_INTS + S_PAUSE_MS];
    setState(symbol, SymbolState.HALTED, clock[CLOCK_TIMESTAMP] + pauseMs);
    return true;
  }

  /** Changes a symbol's state, until `due` (0 = until it is set again), and announces it. */
  function setState(symbol: number, state: number, due: number): void {
    const s = symbol * SYMBOL_INTS;
    if (SD[symbol * SYMBOL_DOUBLES + S_DUE_F64] !== due) {
      SD[symbol * SYMBOL_DOUBLES + S_DUE_F64] = due;
      findDue();
    }
    windows.forget(symbol);
    if (S[s + S_STATE] === state) return;
    S[s + S_STATE] = state;
    emit.symbol(symbol, state);
  }

  /** Finds when the next pause or auction ends. */
  function findDue(): void {
    let due = 0;
    for (let i = 0; i < symbols.count; i++) {
      const at = SD[i * SYMBOL_DOUBLES + S_DUE_F64];
      if (at !== 0 && (due === 0 || at < due)) due = at;
    }
    clock[CLOCK_DUE] = due;
  }

  return { pauseIfMoved, setState };
}
