import { adviseHugePages } from "../host/huge-pages.ts";
import { giveBackZeros } from "../host/zero-pages.ts";
import { freshRest } from "../lib/fresh-memory.ts";
import { ExchangeState } from "../records/exchange-state.ts";

/** The state of a new exchange. Tells the system which tables want huge pages, and gives pages of zeros back to it. */
export function freshState(symbolsMax: number, isWarmedUp: boolean): ExchangeState {
  const state = new ExchangeState(symbolsMax);
  const { stores, derived } = state.core;
  // Not the ladder's levels: a page of the ladder needs 4 KiB, and the system would have to find 2 MiB for it.
  const random = stores.filter((store) => store !== state.ladder.store);
  adviseHugePages(random.map(({ words }) => words.buffer));
  if (isWarmedUp) state.warmUp();
  giveBackZeros([...[...stores, ...derived].map(({ words }) => words), freshRest()]);
  return state;
}
