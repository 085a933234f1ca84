/**
 * Has the system back the ladder ahead of a tick. An order at a price far from all others opens a page of it, which is
 * a page of memory, and to find one at the first write to it takes longer than the order.
 */
import { ptr } from "bun:ffi";
import { SLICE_COMMANDS } from "../execution/execution-manager.ts";
import { TablesAhead } from "../host/tables-ahead.ts";
import type { ExchangeState } from "../records/exchange-state.ts";

/** After `back` the next slice of a tick finds what it may take. Of a ladder that does not grow nothing is backed. */
export function ladderAhead({ store, orderBytes }: ExchangeState["ladder"]): TablesAhead {
  const { words } = store;
  const atFirst = store.used();
  const used = (): number => (store.used() === atFirst ? 0 : store.used());
  const stepBytes = SLICE_COMMANDS * orderBytes;
  const table = { address: Number(ptr(words)), bytes: words.byteLength };
  return new TablesAhead([table], used, { aheadBytes: 2 * stepBytes, stepBytes });
}
