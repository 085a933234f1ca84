import { adviseHugePages } from "../host/huge-pages.ts";
import { giveBackZeros } from "../host/zero-pages.ts";
import { freshRest } from "../lib/fresh-memory.ts";
import { ExchangeState } from "../records/exchange-state.ts";

/** The state of an exchange that has seen nothing, with its tables in memory as they are wanted to be. */
export function freshState(symbolsMax: number, isWarmedUp: boolean): ExchangeState {
  const state = new ExchangeState(symbolsMax);
  const { stores, derived } = state.core;
  // Not the ladder's levels: of 2 MiB that the system has to find at once, a page of the ladder needs 4 KiB.
  const random = stores.filter((store) => store !== state.ladder.store);
  adviseHugePages(random.map(({ words }) => words.buffer));
  if (isWarmedUp) state.warmUp();
  giveBackZeros([...[...stores, ...derived].map(({ words }) => words), freshRest()]);
  return state;
}
