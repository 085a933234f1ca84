/**
 * Which entries of a ring are an account's, newest first: every entry knows the account's one before it.
 * Entries are counted from 1 for ever; those that the ring has overwritten end the chain.
 */
import type { CoreView } from "../core/view.ts";
import { type Store, store } from "../lib/store.ts";

export class AccountChain {
  readonly #newest: Float64Array;
  readonly #previous: Float64Array;
  readonly #size: number;
  readonly #view: CoreView;
  /** [0] entries written so far. */
  readonly #head = new Float64Array(1);

  /** `size`: entries of the ring, a power of two. */
  constructor(view: CoreView, size: number) {
    this.#view = view;
    this.#newest = new Float64Array(view.accountsMax);
    this.#size = size;
    this.#previous = new Float64Array(size);
  }

  /** Entries written so far. */
  get written(): number {
    return this.#head[0];
  }

  /** Entries that the ring holds, from its first place on. */
  get kept(): number {
    return Math.min(this.written, this.#size);
  }

  stores(name: string): Store[] {
    return [
      store(`${name}-newest`, this.#newest, () => this.#view.nextAccount() * 2),
      store(`${name}-previous`, this.#previous, () => this.kept * 2),
      store(`${name}-head`, this.#head),
    ];
  }

  /** Adds the next entry for `account` and returns its place in the ring. */
  add(account: number): number {
    const place = this.#head[0]++ & (this.#size - 1);
    this.#previous[place] = this.#newest[account];
    this.#newest[account] = this.#head[0];
    return place;
  }

  /** The account's newest entry before number `before` (0 = the newest of all), 0 when there is none. */
  newest(account: number, before: number): number {
    let entry = this.#newest[account];
    while (before !== 0 && entry >= before && this.#isKept(entry)) entry = this.older(entry);
    return this.#isKept(entry) ? entry : 0;
  }

  /** The account's entry before `entry`, 0 when there is none, or no longer. */
  older(entry: number): number {
    const previous = this.#previous[this.place(entry)];
    return this.#isKept(previous) ? previous : 0;
  }

  place(entry: number): number {
    return (entry - 1) & (this.#size - 1);
  }

  #isKept(entry: number): boolean {
    return entry !== 0 && entry > this.written - this.#size;
  }
}

/** Entries that one page looks at; a filter that few pass gets its page in several. */
const SCANNED_MAX = 10_000;

/** A page of an account's entries, newest first: up to `limit` that `read` does not turn down with null. */
export function readPage<T>(
  chain: AccountChain,
  account: number,
  before: number,
  limit: number,
  read: (place: number) => T | null,
): { rows: T[]; next: number | null } {
  const rows: T[] = [];
  let entry = chain.newest(account, before);
  for (let scanned = 0; entry !== 0; scanned++) {
    if (rows.length === limit || scanned === SCANNED_MAX) return { rows, next: entry + 1 };
    const row = read(chain.place(entry));
    if (row !== null) rows.push(row);
    entry = chain.older(entry);
  }
  return { rows, next: null };
}
