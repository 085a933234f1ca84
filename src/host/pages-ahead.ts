/**
 * Has the system back memory before it is written. The first write to a page of a table waits until the system has
 * found and cleared one; a tick with very many fills writes tens of megabytes that were never written before, and a
 * quarter of its time would be such waits. A little at a time, beside everything else, and no more than the orders that
 * are open could make a tick write. Linux from 5.14 on, elsewhere nothing.
 */
import { ptr } from "bun:ffi";
import type { Store } from "../lib/store.ts";
import { openPopulate, roundUpToPage } from "./madvise.ts";

/**
 * What is backed beyond what each table has in use, at the most: of the largest, what a hundred thousand fills write.
 */
const AHEAD_BYTES = 16 << 20;
/** However few orders are open. */
const AHEAD_BYTES_LEAST = 1 << 19;
const BYTES_PER_ORDER = AHEAD_BYTES / 100_000;
/** At once: a fraction of a millisecond. */
const STEP_BYTES = 1 << 18;
const STEP_MS = 10;
/** Where nothing was left to do. */
const LOOK_MS = 200;

interface Table {
  store: Store;
  /** Bytes from its start that are backed, or were written. */
  backed: number;
}

export class PagesAhead {
  readonly #tables: Table[];
  readonly #openOrders: () => number;
  readonly #populate = openPopulate();
  #timer: Timer | undefined;

  /** `stores`: such as are filled from their starts. `openOrders`: how many there are. */
  constructor(stores: readonly Store[], openOrders: () => number) {
    this.#openOrders = openOrders;
    this.#tables = stores.map((store) => ({ store, backed: 0 }));
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
    const wanted = AHEAD_BYTES_LEAST + this.#openOrders() * BYTES_PER_ORDER;
    const ahead = Math.min(wanted, AHEAD_BYTES);
    const table = this.#tables.find((each) => roomOf(each, ahead) > 0);
    if (table === undefined) return false;
    const { words } = table.store;
    const start = Number(ptr(words));
    const first = roundUpToPage(start + table.backed);
    const length = roundUpToPage(Math.min(STEP_BYTES, roomOf(table, ahead)));
    table.backed = first + length - start;
    if (table.backed > words.byteLength) return true;
    return this.#populate(first, length);
  }
}

/** How many bytes are missing until a table has `ahead` backed bytes beyond those in use. */
function roomOf(table: Table, ahead: number): number {
  const { words, used } = table.store;
  const inUse = used() * words.BYTES_PER_ELEMENT;
  table.backed = Math.max(table.backed, inUse);
  return Math.min(inUse + ahead, words.byteLength) - table.backed;
}
