/**
 * Makes the system back tables with memory before they are written. The first write to a page waits until the system has
 * found and cleared memory for it. A tick with very many fills writes tens of megabytes that were never written before, and
 * would spend a quarter of its time waiting. The work is done in small steps beside everything else, and only as far ahead
 * as the open orders could make a tick write. Linux from 5.14 on; elsewhere it does nothing.
 */
import { ptr } from "bun:ffi";
import type { Store } from "../lib/store.ts";
import { openPopulate, roundUpToPage } from "./madvise.ts";

/** Ahead of each table's end, memory is backed for the fills of at most this many orders. */
const ORDERS_MAX = 100_000;
/** Orders that memory is backed for beside those that are open. */
const ORDERS_LEAST = 3_000;
/**
 * Bytes of one step, which takes a fraction of a millisecond. With a step every 4 ms that is 128 MiB a second, as much as
 * 200,000 orders a second need.
 */
const STEP_BYTES = 1 << 19;
const STEP_MS = 4;
/** Pause after a step that had nothing to do. */
const LOOK_MS = 200;

/** A table that is filled from its start. */
export interface Filling {
  readonly store: Store;
  /** The most bytes that the fill of one open order writes to this table. */
  readonly orderBytes: number;
}

interface Table extends Filling {
  /** Bytes from the table's start that are backed, or were written. */
  backed: number;
}

export class PagesAhead {
  readonly #tables: Table[];
  readonly #openOrders: () => number;
  readonly #populate = openPopulate();
  #timer: Timer | undefined;

  /** `openOrders` returns how many orders are open. */
  constructor(tables: readonly Filling[], openOrders: () => number) {
    this.#openOrders = openOrders;
    this.#tables = tables.map((table) => ({ ...table, backed: 0 }));
  }

  start(): void {
    if (this.#populate === null) return;
    this.#timer = setTimeout(() => this.start(), this.step() ? STEP_MS : LOOK_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Backs the next few pages. False when there is nothing to do, or the system cannot do it. */
  step(): boolean {
    if (this.#populate === null) return false;
    const orders = Math.min(ORDERS_LEAST + this.#openOrders(), ORDERS_MAX);
    // The table that lacks most: otherwise one could starve while others need a little again and again.
    let [table, room] = [this.#tables[0], 0];
    for (const each of this.#tables) {
      const itsRoom = roomOf(each, orders);
      if (itsRoom > room) [table, room] = [each, itsRoom];
    }
    if (table === undefined || room === 0) return false;
    const { words } = table.store;
    const start = Number(ptr(words));
    const first = roundUpToPage(start + table.backed);
    const length = roundUpToPage(Math.min(STEP_BYTES, room));
    table.backed = first + length - start;
    if (table.backed > words.byteLength) return true;
    return this.#populate(first, length);
  }
}

/** How many bytes of `table` have to be backed so that there is memory for the fills of `orders` orders. */
function roomOf(table: Table, orders: number): number {
  const { words, used } = table.store;
  const ahead = Math.ceil(orders * table.orderBytes);
  const inUse = used() * words.BYTES_PER_ELEMENT;
  table.backed = Math.max(table.backed, inUse);
  return Math.min(inUse + ahead, words.byteLength) - table.backed;
}
