/**
 * Has the system back tables a little ahead of another thread that fills them: of the time that the first write to a
 * page takes, most is the system's, which finds and clears one. Linux from 5.14 on, elsewhere nothing.
 */
import { openPopulate, PAGE_BYTES, roundUpToPage } from "./madvise.ts";

/** How many bytes of each table are backed beyond those in use, and how many at a time. */
const AHEAD_BYTES = 1 << 21;
const STEP_BYTES = 1 << 19;

export interface TableMemory {
  address: number;
  bytes: number;
}

export class TablesAhead {
  readonly #tables: readonly TableMemory[];
  readonly #used: (table: number) => number;
  /** Bytes of each that are backed, or were written. */
  readonly #backed: number[];
  #populate = openPopulate();

  /** `used`: 32-bit words of a table that are in use, from its start on. */
  constructor(tables: readonly TableMemory[], used: (table: number) => number) {
    this.#tables = tables;
    this.#used = used;
    this.#backed = tables.map(() => 0);
  }

  /** Backs each table as far as it should be. */
  back(): void {
    for (let table = 0; table < this.#tables.length; table++) {
      const inUse = this.#used(table) * 4;
      // One that nothing fills is left alone.
      if (inUse > 0) this.#back(table, inUse);
    }
  }

  #back(table: number, inUse: number): void {
    const { address, bytes } = this.#tables[table] as TableMemory;
    const from = Math.max(this.#backed[table] as number, inUse);
    const to = Math.min(inUse + AHEAD_BYTES, bytes);
    if (this.#populate === null || to - from < STEP_BYTES) return;
    const first = roundUpToPage(address + from);
    const length = roundUpToPage(address + to) - first - PAGE_BYTES;
    if (length <= 0) return;
    this.#backed[table] = first + length - address;
    if (!this.#populate(first, length)) this.#populate = null;
  }
}
