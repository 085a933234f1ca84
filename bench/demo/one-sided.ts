/** Which books have bids without asks, or asks without bids, and for how long. */

export interface Spell {
  readonly symbol: string;
  readonly ms: number;
}

export class OneSidedBooks {
  /** Symbols whose book has had both sides. */
  readonly #built = new Set<string>();
  /** Since when, of those that are one-sided and were built. */
  readonly #since = new Map<string, number>();
  #spells: Spell[] = [];

  /** Books that have had both sides. */
  get built(): number {
    return this.#built.size;
  }

  /** `nowMs` of any clock that does not go back. */
  hear({ symbol, bid, ask }: { symbol: string; bid: unknown; ask: unknown }, nowMs: number): void {
    if (bid !== null && ask !== null) {
      this.#built.add(symbol);
      this.#end(symbol, nowMs);
    } else if (this.#built.has(symbol) && !this.#since.has(symbol)) {
      this.#since.set(symbol, nowMs);
    }
  }

  /** Every spell so far, the longest first; those that last until now. */
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
