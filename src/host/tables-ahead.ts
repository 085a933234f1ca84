/**
 * Has the system back tables a little ahead of what fills them, such as another thread: of the time that the first write
 * to a page takes, most is the system's, which finds and clears one. For many pages at once it takes less. Linux from
 * 5.14 on, elsewhere nothing.
 */
import { openPopulate, PAGE_BYTES, roundUpToPage } from "./madvise.ts";

export interface Stretch {
  /** How many bytes of each table are backed beyond those in use, at the most. */
  aheadBytes: number;
  /** How many of them may be missing. */
  stepBytes: number;
}

/** For a thread that is read ahead for. */
const STRETCH = { aheadBytes: 1 << 21, stepBytes: 1 << 19 };

export interface TableMemory {
  address: number;
  bytes: number;
}

export class TablesAhead {
  readonly #tables: readonly TableMemory[];
  readonly #used: (table: number) => number;
  readonly #stretch: Stretch;
  /** Bytes of each that are backed, or were written. */
  readonly #backed: number[];
  #populate = openPopulate();

  /** `used`: 32-bit words of a table that are in use, from its start on. */
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
