/**
 * A log of what accounts had before they changed, in units of time (minutes or days). Going back through it from what
 * an account has now gives the account's past. Only changes of holdings make entries, not changes of prices.
 *
 * An entry is written before the first change of an account and symbol in a unit. When an account has too many entries,
 * its oldest is forgotten. When the log is full, the oldest entry of the account itself is forgotten, or of another
 * account if it has none. The place of a forgotten entry is used again.
 */
import type { CoreView } from "../core/view.ts";
import { type Store, store } from "../lib/store.ts";

/** Doubles of an entry. */
const UNIT = 0;
const SYMBOL = 1;
const QUANTITY = 2;
const CASH = 3;
const DEPOSITS = 4;
const REALISED = 5;
const FEES = 6;
const LINKS_I32 = 14;
const ENTRY_DOUBLES = 8;
/** Ints of an account: its newest and oldest entry (0 = none), how many, and the unit of the last forgotten one. */
const NEWEST = 0;
const OLDEST = 1;
const COUNT = 2;
const FORGOTTEN = 3;
const ACCOUNT_INTS = 4;
/**
 * Ints of the head: entries handed out so far, the first free place of a forgotten entry, and the account that last
 * forgot an entry for another account.
 */
const HANDED_OUT = 0;
const FREE = 1;
const HAND = 2;

/** Stands for no symbol: only cash has changed. */
export const NO_SYMBOL = -1;

/** What an account had before a change. The object is made once and filled again and again. */
export interface Before {
  unit: number;
  /** NO_SYMBOL when only cash has changed. */
  symbol: number;
  /** Shares of the symbol. */
  quantity: number;
  /** Cash of the account, cents. The next three members are cents of the account, too. */
  cash: number;
  deposits: number;
  realised: number;
  fees: number;
}

export function createBefore(): Before {
  return { unit: 0, symbol: 0, quantity: 0, cash: 0, deposits: 0, realised: 0, fees: 0 };
}

export interface ChangeLogOptions {
  /** How the names of its stores begin. */
  name: string;
  /** The most entries of all accounts together, and of one account. */
  entriesMax: number;
  perAccountMax: number;
}

export class ChangeLog {
  readonly stores: readonly Store[];
  readonly #doubles: Float64Array;
  readonly #links: Int32Array;
  readonly #accounts: Int32Array;
  readonly #head = new Int32Array(4);
  readonly #view: CoreView;
  readonly #options: ChangeLogOptions;

  constructor(view: CoreView, options: ChangeLogOptions) {
    const { name, entriesMax } = options;
    this.#view = view;
    this.#options = options;
    // Entry 0 stands for no entry.
    this.#doubles = new Float64Array((entriesMax + 1) * ENTRY_DOUBLES);
    this.#links = new Int32Array(this.#doubles.buffer);
    this.#accounts = new Int32Array(view.accountsMax * ACCOUNT_INTS);
    this.stores = [
      store(`${name}-head`, this.#head),
      store(`${name}-accounts`, this.#accounts, () => view.nextAccount() * ACCOUNT_INTS),
      store(name, this.#doubles, () => (this.#head[HANDED_OUT] + 1) * ENTRY_DOUBLES * 2),
    ];
  }

  /** Adds what the account had before its first change in a unit. */
  add(account: number, before: Before): void {
    const accounts = this.#accounts;
    const a = account * ACCOUNT_INTS;
    if (accounts[a + COUNT] >= this.#options.perAccountMax) this.#forgetOldest(account);
    const entry = this.#take(account);
    const d = entry * ENTRY_DOUBLES;
    this.#doubles[d + UNIT] = before.unit;
    this.#doubles[d + SYMBOL] = before.symbol;
    this.#doubles[d + QUANTITY] = before.quantity;
    this.#doubles[d + CASH] = before.cash;
    this.#doubles[d + DEPOSITS] = before.deposits;
    this.#doubles[d + REALISED] = before.realised;
    this.#doubles[d + FEES] = before.fees;
    const newest = accounts[a + NEWEST];
    this.#setOlder(entry, newest);
    this.#setNewer(entry, 0);
    if (newest === 0) accounts[a + OLDEST] = entry;
    else this.#setNewer(newest, entry);
    accounts[a + NEWEST] = entry;
    accounts[a + COUNT]++;
  }

  /** The account's newest entry, 0 when it has none. */
  newest(account: number): number {
    return this.#accounts[account * ACCOUNT_INTS + NEWEST];
  }

  /** The same account's entry before `entry`, 0 when there is none. */
  older(entry: number): number {
    return this.#links[entry * 2 * ENTRY_DOUBLES + LINKS_I32];
  }

  unit(entry: number): number {
    return this.#doubles[entry * ENTRY_DOUBLES + UNIT];
  }

  /** The unit of the account's last forgotten entry, 0 when none was forgotten. */
  forgotten(account: number): number {
    return this.#accounts[account * ACCOUNT_INTS + FORGOTTEN];
  }

  /** Notes that nothing from before `unit` is known of this account. */
  forget(account: number, unit: number): void {
    this.#accounts[account * ACCOUNT_INTS + FORGOTTEN] = unit;
  }

  read(target: Before, entry: number): void {
    const d = entry * ENTRY_DOUBLES;
    target.unit = this.#doubles[d + UNIT];
    target.symbol = this.#doubles[d + SYMBOL];
    target.quantity = this.#doubles[d + QUANTITY];
    target.cash = this.#doubles[d + CASH];
    target.deposits = this.#doubles[d + DEPOSITS];
    target.realised = this.#doubles[d + REALISED];
    target.fees = this.#doubles[d + FEES];
  }

  /** A place for an entry of the account. If no place is free, an oldest entry is forgotten for it. */
  #take(account: number): number {
    const head = this.#head;
    if (head[FREE] === 0 && head[HANDED_OUT] < this.#options.entriesMax) return ++head[HANDED_OUT];
    if (head[FREE] === 0)
      this.#forgetOldest(this.#hasSome(account) ? account : this.#nextWithSome());
    const entry = head[FREE];
    head[FREE] = this.#newer(entry);
    return entry;
  }

  #hasSome(account: number): boolean {
    return this.#accounts[account * ACCOUNT_INTS + COUNT] > 0;
  }

  /** The next account that has an entry to forget: accounts take turns. */
  #nextWithSome(): number {
    const count = this.#view.nextAccount();
    let account = this.#head[HAND];
    do account = (account + 1) % count;
    while (!this.#hasSome(account));
    this.#head[HAND] = account;
    return account;
  }

  #forgetOldest(account: number): void {
    const accounts = this.#accounts;
    const a = account * ACCOUNT_INTS;
    const entry = accounts[a + OLDEST];
    const newer = this.#newer(entry);
    accounts[a + OLDEST] = newer;
    if (newer === 0) accounts[a + NEWEST] = 0;
    else this.#setOlder(newer, 0);
    accounts[a + COUNT]--;
    accounts[a + FORGOTTEN] = this.unit(entry);
    this.#setNewer(entry, this.#head[FREE]);
    this.#head[FREE] = entry;
  }

  #newer(entry: number): number {
    return this.#links[entry * 2 * ENTRY_DOUBLES + LINKS_I32 + 1];
  }

  #setOlder(entry: number, older: number): void {
    this.#links[entry * 2 * ENTRY_DOUBLES + LINKS_I32] = older;
  }

  #setNewer(entry: number, newer: number): void {
    this.#links[entry * 2 * ENTRY_DOUBLES + LINKS_I32 + 1] = newer;
  }
}
