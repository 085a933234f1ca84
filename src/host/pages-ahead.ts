/**
 * Has the system back memory before it is written. The first write to a page of a table waits until the system has
 * found and cleared one; a tick with very many fills writes tens of megabytes that were never written before, and a
 * quarter of its time would be such waits. A little at a time, beside everything else, and no more than the orders that
 * are open could make a tick write. Linux from 5.14 on, elsewhere nothing.
 */
import { ptr } from "bun:ffi";
import type { Store } from "../lib/store.ts";
import { openPopulate, roundUpToPage } from "./madvise.ts";

/** What is backed beyond what a table has in use is what the fills of so many orders write, at the most. */
const ORDERS_MAX = 100_000;
/** However few orders are open. */
const ORDERS_LEAST = 3_000;
/** At once: a fraction of a millisecond. 128 MiB a second are as much as is needed ahead of 200,000 orders a second. */
const STEP_BYTES = 1 << 19;
const STEP_MS = 4;
/** Where nothing was left to do. */
const LOOK_MS = 200;

/** A table that is filled from its start. */
export interface Filling {
  readonly store: Store;
  /** What is written there when an open order is filled, at the most. */
  readonly orderBytes: number;
}

interface Table extends Filling {
  /** Bytes from its start that are backed, or were written. */
  backed: number;
}

export class PagesAhead {
  readonly #tables: Table[];
  readonly #openOrders: () => number;
  readonly #populate = openPopulate();
  #timer: Timer | undefined;

  /** `openOrders`: how many there are. */
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

  /** Backs the next few pages. False when there is nothing to do, or the system does not know how. */
  step(): boolean {
    if (this.#populate === null) return false;
    const orders = Math.min(ORDERS_LEAST + this.#openOrders(), ORDERS_MAX);
    // The one that lacks most, so that none is left behind while others need a little again and again.
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

/** How many bytes are missing until what is backed beyond those in use is enough for so many orders. */
function roomOf(table: Table, orders: number): number {
  const { words, used } = table.store;
  const ahead = Math.ceil(orders * table.orderBytes);
  const inUse = used() * words.BYTES_PER_ELEMENT;
  table.backed = Math.max(table.backed, inUse);
  return Math.min(inUse + ahead, words.byteLength) - table.backed;
}
