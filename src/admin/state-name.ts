import { SYMBOL_STATES } from "../protocol/schemas/market-data.ts";

/** The wire's word for a listed symbol's state, a `SymbolState` from 1 on. */
export function stateName(state: number): (typeof SYMBOL_STATES)[number] {
  return SYMBOL_STATES[state - 1];
}
