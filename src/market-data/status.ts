/** What the `status` channel says. */

import { symbolName } from "../protocol/names.ts";
import { SYMBOL_STATES } from "../protocol/schemas/market-data.ts";
import type { PushData } from "../protocol/schemas.ts";

/** `state`: a `SymbolState` of the core other than UNLISTED; the wire's names stand in its order. */
export function symbolStatus(
  symbol: number,
  state: number,
  timestamp: number,
  tick: number,
): PushData<"status"> {
  return { event: "symbol", symbol: symbolName(symbol), state: stateName(state), timestamp, tick };
}

export function stateName(state: number): (typeof SYMBOL_STATES)[number] {
  return SYMBOL_STATES[state - 1];
}
