import type { SymbolState } from "../lib/exchange.ts";

const WORDS: Readonly<Record<SymbolState, string>> = {
  TRADING: "Trading",
  CANCEL_ONLY: "Cancel only",
  HALTED: "Halted",
  PRE_OPEN: "Before the open",
  AUCTION: "Auction",
};

/** The trading state of a player. `isBrief`: shown only when it is not TRADING. */
export function StateTag({ state, isBrief = false }: { state: SymbolState; isBrief?: boolean }) {
  if (isBrief && state === "TRADING") return null;
  return (
    <span class="state-tag" data-state={state}>
      {WORDS[state]}
    </span>
  );
}
