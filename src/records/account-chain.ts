/**
 * Finds an account's entries in a ring, newest first: every entry has the number of the account's entry before it.
 * Entries are numbered from 1 on. Where the ring has overwritten an entry, the chain ends.
 *
 * Accounts that trade much must not push out all entries of an account that trades little. So each account keeps its
 * newest entries, up to OWN_ENTRIES_MAX. When the ring is about to overwrite one of these, the entry moves to a place
 * of the account's own, behind the ring. A place once given to an account stays with it: when the account's oldest own
 * entry is no longer one of its newest OWN_ENTRIES_MAX, the next one takes its place. Every account can have
 * OWN_ENTRIES places. Beyond that, all accounts share SPARE_ENTRIES places. When those are used up, a new own entry
 * overwrites the account's oldest one.
 *
 * ```
 *  places: ring 0 … size - 1 │ own 0, own 1, …      an account's own places are a circle, from the oldest to the newest
 * ```
 */
import type { CoreView } from "../core/view.ts";
import { type Store, store } from "../lib/store.ts";

/** Own places that every account has, whatever others do. */
export const OWN_ENTRIES = 16;
/** The most own places of an account. Those beyond OWN_ENTRIES are spare places. */
export const OWN_ENTRIES_MAX = 128;
/** Spare places of all accounts together. */
export const SPARE_ENTRIES = 1 << 19;
/** Doubles of an own place: the number of its entry, that one's ordinal, the account, the next place in the circle. */
const OWN_DOUBLES = 4;
const ENTRY = 0;
const ORDINAL = 1;
const ACCOUNT = 2;
const NEXT = 3;
/**
 * The ordinal of an account's newest entry when a snapshot without ordinals is counted; the older ones have one less
 * each. It is so far above 0 that no entry gets 0, which means that it has no ordinal.
 */
const FIRST_COUNT = 2 ** 30;

/** Own places of all accounts together. */
export function ownPlaces(accountsMax: number): number {
  return accountsMax * OWN_ENTRIES + SPARE_ENTRIES;
}

/** The entries themselves, by place. */
export interface Entries {
  /** The account whose entry is in a place of the ring. */
  accountOf(place: number): number;
  copy(from: number, to: number): void;
}

export class AccountChain {
  /** By account: how many entries it has ever had. */
  #counts: Int32Array;
  /** By place of the ring, the ordinal of its entry: 1 for the account's first, 2 for its second, and so on. */
  readonly #ordinals: Int32Array;
  readonly #own: Float64Array;
  /** [0] own places handed out. */
  readonly #ownHead = new Float64Array(1);
  /** By account, 1 + the own place of its newest own entry; 0 = it has none. */
  #newestOwn: Int32Array;
  /** By account, own places that it has. */
  #ownCounts: Int32Array;
  readonly #sparesMax: number;
  #sparesUsed = 0;
  readonly #newest: Float64Array;
  readonly #previous: Float64Array;
  readonly #size: number;
  readonly #view: CoreView;
  readonly #entries: Entries;
  /** [0] entries written so far. */
  readonly #head = new Float64Array(1);

  /** `size`: entries of the ring, a power of two. `sparesMax`: at most SPARE_ENTRIES. */
  constructor(view: CoreView, size: number, entries: Entries, sparesMax = SPARE_ENTRIES) {
    this.#view = view;
    this.#sparesMax = sparesMax;
    this.#entries = entries;
    this.#newest = new Float64Array(view.accountsMax);
    this.#size = size;
    this.#previous = new Float64Array(size);
    this.#counts = new Int32Array(view.accountsMax);
    this.#newestOwn = new Int32Array(view.accountsMax);
    this.#ownCounts = new Int32Array(view.accountsMax);
    this.#ordinals = new Int32Array(size);
    this.#own = new Float64Array(ownPlaces(view.accountsMax) * OWN_DOUBLES);
  }

  /** Own places in use, behind those of the ring. */
  get ownUsed(): number {
    return this.#ownHead[0];
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
      store(`${name}-ordinals`, this.#ordinals, () => this.kept),
      store(`${name}-own-entries`, this.#own, () => this.ownUsed * OWN_DOUBLES * 2),
      store(`${name}-own-head`, this.#ownHead),
    ];
  }

  /** The next entry overwrites `place`: moves the entry there to an own place if it is one of its account's newest. */
  #keep(place: number): void {
    const account = this.#entries.accountOf(place);
    const ordinal = this.#ordinals[place];
    if (!this.#isOfNewest(account, ordinal)) return;
    const own = this.#ownPlace(account);
    this.#own[own * OWN_DOUBLES + ENTRY] = this.written + 1 - this.#size;
    this.#own[own * OWN_DOUBLES + ORDINAL] = ordinal;
    this.#newestOwn[account] = own + 1;
    this.#entries.copy(place, this.#size + own);
  }

  /**
   * An own place for the account: that of its oldest own entry if that may go or no other is left, otherwise a new one.
   */
  #ownPlace(account: number): number {
    const newest = this.#newestOwn[account] - 1;
    const oldest = newest < 0 ? -1 : this.#own[newest * OWN_DOUBLES + NEXT];
    const isLost = oldest >= 0 && !this.#isOwnKept(account, oldest);
    if (isLost || !this.#mayGrow(account)) return oldest;
    const own = this.#ownHead[0]++;
    this.#countOwn(account);
    this.#own[own * OWN_DOUBLES + ACCOUNT] = account;
    this.#own[own * OWN_DOUBLES + NEXT] = oldest < 0 ? own : oldest;
    if (newest >= 0) this.#own[newest * OWN_DOUBLES + NEXT] = own;
    return own;
  }

  #mayGrow(account: number): boolean {
    return this.#ownCounts[account] < OWN_ENTRIES || this.#sparesUsed < this.#sparesMax;
  }

  #countOwn(account: number): void {
    if (++this.#ownCounts[account] > OWN_ENTRIES) this.#sparesUsed++;
  }

  /** Ordinals are 32-bit numbers that overflow, so only their difference is used. */
  #isOfNewest(account: number, ordinal: number): boolean {
    return ((this.#counts[account] - ordinal) | 0) < OWN_ENTRIES_MAX;
  }

  /** The place of the account's own entry for which `isIt` gives true, -1 when there is none. */
  findOwn(account: number, isIt: (place: number) => boolean): number {
    const found = this.#findOwnPlace(account, (own) => isIt(this.#size + own));
    return found < 0 ? -1 : this.#size + found;
  }

  /** The account's own entries with numbers below `before` (0 = all), newest first. */
  own(account: number, before: number): { entry: number; place: number }[] {
    const entries: { entry: number; place: number }[] = [];
    this.#findOwnPlace(account, (own) => {
      const entry = this.#own[own * OWN_DOUBLES + ENTRY];
      if (before === 0 || entry < before) entries.push({ entry, place: this.#size + own });
      return false;
    });
    return entries.reverse();
  }

  /** The account's first own place, from the oldest on, with a kept entry for which `isIt` gives true; -1 = none. */
  #findOwnPlace(account: number, isIt: (own: number) => boolean): number {
    const newest = this.#newestOwn[account] - 1;
    for (let own = newest; own >= 0; ) {
      own = this.#own[own * OWN_DOUBLES + NEXT];
      if (this.#isOwnKept(account, own) && isIt(own)) return own;
      if (own === newest) break;
    }
    return -1;
  }

  #isOwnKept(account: number, own: number): boolean {
    return this.#isOfNewest(account, this.#own[own * OWN_DOUBLES + ORDINAL]);
  }

  /** The stores have been filled from a snapshot, or emptied. `onCounted` is called for entries that had no ordinal. */
  restored(onCounted?: (place: number, account: number) => void): void {
    this.#counts = new Int32Array(this.#view.accountsMax);
    this.#newestOwn = new Int32Array(this.#view.accountsMax);
    this.#ownCounts = new Int32Array(this.#view.accountsMax);
    this.#sparesUsed = 0;
    for (let own = 0; own < this.ownUsed; own++) this.#noteNewestOwn(own);
    const isCounted = this.written === 0 || this.#ordinals[this.place(this.written)] !== 0;
    for (let account = 0; account < this.#view.nextAccount(); account++) {
      if (!isCounted) this.#countAgain(account, onCounted);
      this.#counts[account] = this.#lastOrdinal(account);
    }
  }

  #noteNewestOwn(own: number): void {
    const account = this.#own[own * OWN_DOUBLES + ACCOUNT];
    this.#countOwn(account);
    const newest = this.#newestOwn[account] - 1;
    const entry = this.#own[own * OWN_DOUBLES + ENTRY];
    if (newest < 0 || entry > this.#own[newest * OWN_DOUBLES + ENTRY])
      this.#newestOwn[account] = own + 1;
  }

  /** Gives ordinals to the entries of an old snapshot, which has none. */
  #countAgain(account: number, onCounted?: (place: number, account: number) => void): void {
    let ordinal = FIRST_COUNT;
    for (let entry = this.newest(account); entry !== 0; entry = this.older(entry)) {
      this.#ordinals[this.place(entry)] = ordinal--;
      onCounted?.(this.place(entry), account);
    }
  }

  /** The ordinal of the account's newest entry. That entry is in the ring, or else it is the newest own entry. */
  #lastOrdinal(account: number): number {
    const newest = this.#newest[account];
    if (this.isKept(newest)) return this.#ordinals[this.place(newest)];
    const own = this.#newestOwn[account] - 1;
    return own < 0 ? 0 : this.#own[own * OWN_DOUBLES + ORDINAL];
  }

  /** Adds the next entry for `account` and returns its place in the ring, for the caller to write. */
  add(account: number): number {
    const written = this.#head[0];
    const place = written & (this.#size - 1);
    if (written >= this.#size) this.#keep(place);
    this.#head[0] = written + 1;
    this.#previous[place] = this.#newest[account];
    this.#newest[account] = written + 1;
    this.#ordinals[place] = ++this.#counts[account];
    return place;
  }

  /** The account's newest entry that the ring has, 0 when there is none. */
  newest(account: number): number {
    const entry = this.#newest[account];
    return this.isKept(entry) ? entry : 0;
  }

  /** Whether the ring still has the entry of this number, of whatever account. */
  isKept(entry: number): boolean {
    return entry > 0 && entry > this.written - this.#size;
  }

  /** Whether an entry that the ring has is of this account. */
  isOf(account: number, entry: number): boolean {
    return this.#entries.accountOf(this.place(entry)) === account;
  }

  /** The same account's entry before `entry`, 0 when there is none or the ring has overwritten it. */
  older(entry: number): number {
    const previous = this.#previous[this.place(entry)];
    return this.isKept(previous) ? previous : 0;
  }

  place(entry: number): number {
    return (entry - 1) & (this.#size - 1);
  }
}

/** Entries that one page looks at, at most. After so many the page ends with a `next`, even if it has no rows. */
const SCANNED_MAX = 10_000;

/**
 * A page of an account's entries, newest first: at most `limit` of them, without those for which `read` gives null.
 * `before`: 0, or the `next` of the page before, which is 1 above the number of the account's next entry. With any
 * other number, entries are looked at one by one until one is the account's. `passed`: how many entries were looked at
 * that gave no row.
 */
export function readPage<T>(
  chain: AccountChain,
  { account, before, limit, scannedMax = SCANNED_MAX }: Page,
  read: (place: number) => T | null,
): PageOf<T> {
  const rows: T[] = [];
  let passed = 0;
  const isEnough = (): boolean => passed + rows.length === scannedMax;
  let entry = before === 0 || before > chain.written ? chain.newest(account) : before - 1;
  for (; chain.isKept(entry) && !chain.isOf(account, entry); entry--) {
    if (isEnough()) return { rows, next: entry + 1, passed };
    passed++;
  }
  // A page has a `next` only when there is a row for the next page.
  for (; chain.isKept(entry); entry = chain.older(entry)) {
    if (isEnough()) return { rows, next: entry + 1, passed };
    const row = read(chain.place(entry));
    if (row === null) passed++;
    else if (rows.length === limit) return { rows, next: entry + 1, passed };
    else rows.push(row);
  }
  for (const own of chain.own(account, before)) {
    const row = read(own.place);
    if (row === null) passed++;
    else if (rows.length === limit) return { rows, next: own.entry + 1, passed };
    else rows.push(row);
  }
  return { rows, next: null, passed };
}

export interface PageOf<T> {
  rows: T[];
  next: number | null;
  passed: number;
}

export interface Page {
  account: number;
  /** 0 = from the newest. */
  before: number;
  limit: number;
  scannedMax?: number;
}
