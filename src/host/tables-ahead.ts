/**
 * Makes the system back tables with memory a little ahead of the code that fills them, which may be another thread. Most of
 * the time of the first write to a page goes to the system, which finds and clears memory for it. For many pages at once it
 * takes less. Linux from 5.14 on; elsewhere it does nothing.
 */
import { openPopulate, PAGE_BYTES, roundUpToPage } from "./madvise.ts";

export interface Stretch {
  /** How many bytes of each table are backed beyond those in use, at most. */
  aheadBytes: number;
  /** A table is backed further when at least this many of these bytes are missing. */
  stepBytes: number;
}

/** Suits the thread that reads the journal ahead. */
const STRETCH = { aheadBytes: 1 << 21, stepBytes: 1 << 19 };

export interface TableMemory {
  address: number;
  bytes: number;
}

export class TablesAhead {
  readonly #tables: readonly TableMemory[];
  readonly #used: (table: number) => number;
  readonly #stretch: Stretch;
  /** Bytes of each table, from its start, that are backed or were written. */
  readonly #backed: number[];
  #populate = openPopulate();

  /** `used` returns how many 32-bit words of a table, given by its index, are in use from its start. */
  constructor(
    tables: readonly TableMemory[],
    used: (table: number) => number,
    stretch: Stretch = STRETCH,
  ) {
    this.#tables = tables;
    this.#used = used;
    this.#stretch = stretch;
    this.#backed = tables.map(() => 0);
  }

  /** Backs each table as far ahead as it should be. */
  back(): void {
    for (let table = 0; table < this.#tables.length; table++) {
      const inUse = this.#used(table) * 4;
      // A table that nothing fills is left alone.
      if (inUse > 0) this.#back(table, inUse);
    }
  }

  #back(table: number, inUse: number): void {
    const { address, bytes } = this.#tables[table] as TableMemory;
    const from = Math.max(this.#backed[table] as number, inUse);
    const { aheadBytes, stepBytes } = this.#stretch;
    const to = Math.min(inUse + aheadBytes, bytes);
    if (this.#populate === null || to - from < stepBytes) return;
    const first = roundUpToPage(address + from);
    const length = roundUpToPage(address + to) - first - PAGE_BYTES;
    if (length <= 0) return;
    this.#backed[table] = first + length - address;
    if (!this.#populate(first, length)) this.#populate = null;
  }
}
