/**
 * Asks the system for the ladder's memory ahead of a tick. An order at a price far from all others opens a page of the
 * ladder, which is a page of memory. To get that at the first write takes longer than the order itself.
 */
import { ptr } from "bun:ffi";
import { SLICE_COMMANDS } from "../execution/execution-manager.ts";
import { TablesAhead } from "../host/tables-ahead.ts";
import type { ExchangeState } from "../records/exchange-state.ts";

/** After `back` there is memory for every page that the next slice of a tick may open, if the ladder grows at all. */
export function ladderAhead({ store, orderBytes }: ExchangeState["ladder"]): TablesAhead {
  const { words } = store;
  const atFirst = store.used();
  const used = (): number => (store.used() === atFirst ? 0 : store.used());
  const stepBytes = SLICE_COMMANDS * orderBytes;
  const table = { address: Number(ptr(words)), bytes: words.byteLength };
  return new TablesAhead([table], used, { aheadBytes: 2 * stepBytes, stepBytes });
}
