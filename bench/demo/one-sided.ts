/** Finds out which books have bids without asks, or asks without bids, and for how long. */

/** A time in which a book had only one side. */
export interface Spell {
  readonly symbol: string;
  readonly ms: number;
}

export class OneSidedBooks {
  /** Symbols whose book has had both sides. */
  readonly #built = new Set<string>();
  /** Of the symbols in `#built` whose book has only one side now: since when. */
  readonly #since = new Map<string, number>();
  #spells: Spell[] = [];

  /** How many books have had both sides. */
  get built(): number {
    return this.#built.size;
  }

  /** Takes the best bid and ask of a symbol. `nowMs` is the time of a monotonic clock. */
  hear({ symbol, bid, ask }: { symbol: string; bid: unknown; ask: unknown }, nowMs: number): void {
    if (bid !== null && ask !== null) {
      this.#built.add(symbol);
      this.#end(symbol, nowMs);
    } else if (this.#built.has(symbol) && !this.#since.has(symbol)) {
      this.#since.set(symbol, nowMs);
    }
  }

  /** All spells so far, the longest first. Those that have not ended are counted until now. */
  spells(nowMs: number): Spell[] {
    const open = Array.from(this.#since, ([symbol, since]) => ({ symbol, ms: nowMs - since }));
    return [...this.#spells, ...open].toSorted((left, right) => right.ms - left.ms);
  }

  #end(symbol: string, nowMs: number): void {
    const since = this.#since.get(symbol);
    if (since === undefined) return;
    this.#since.delete(symbol);
    this.#spells.push({ symbol, ms: nowMs - since });
  }
}
