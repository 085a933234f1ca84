/** What states of symbols are called on the wire. */
import { SYMBOL_STATES } from "../protocol/schemas/market-data.ts";

/** `state`: a `SymbolState` of the core other than UNLISTED; the wire's names stand in its order. */
export function stateName(state: number): (typeof SYMBOL_STATES)[number] {
  return SYMBOL_STATES[state - 1];
}
