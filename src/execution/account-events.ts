/**
 * Numbers what each account is told: its orders and fills as they happen, then, at the end of the tick,
 * its cash and positions where they changed. `seq` is consecutive per account over the life of the
 * exchange, whether anybody listens or not, so a replay of the journal gives every event its number again.
 */
import type { Core } from "../core/core.ts";
import {
  E_ACCOUNT,
  E_BOOK,
  E_HEAD,
  E_MAKER_ACCOUNT,
  EventFlag,
  EventKind,
  eventInts,
} from "../core/event.ts";
import { ACCOUNTS_MAX } from "../core/ledger/accounts.ts";
import { POSITIONS_MAX } from "../core/ledger/positions.ts";
import { type Store, store } from "../lib/store.ts";

/** Who is told. Every call comes in the account's order of `seq`. */
export interface AccountListener {
  /** The order of an ORDER event, or the taker's of a TRADE, at word `e` of the tick's events. */
  order(account: number, seq: number, e: number): void;
  /** The maker's order of the TRADE at `e`. */
  maker(account: number, seq: number, e: number): void;
  balance(account: number, seq: number, available: number, reserved: number): void;
  position(account: number, seq: number, symbol: number, available: number, reserved: number): void;
}

const NOBODY: AccountListener = {
  order: () => undefined,
  maker: () => undefined,
  balance: () => undefined,
  position: () => undefined,
};

export class AccountEvents {
  readonly #core: Core;
  readonly #seqs = new Float64Array(ACCOUNTS_MAX);
  /** What each account was last told it has: available and reserved cash, and by position. */
  readonly #toldCash = new Float64Array(ACCOUNTS_MAX * 2);
  readonly #toldShares = new Float64Array(POSITIONS_MAX * 2);
  readonly #touchedAccounts = new Touched(ACCOUNTS_MAX);
  readonly #touchedPositions = new Touched(POSITIONS_MAX);

  #listener: AccountListener = NOBODY;

  constructor(core: Core) {
    this.#core = core;
  }

  /** From now on there is somebody to tell. */
  connect(listener: AccountListener): void {
    this.#listener = listener;
  }

  get stores(): Store[] {
    const { accounts, positions } = this.#core;
    return [
      store("account-seqs", this.#seqs, () => accounts.next() * 2),
      store("told-cash", this.#toldCash, () => accounts.next() * 4),
      store("told-shares", this.#toldShares, () => positions.top() * 4),
    ];
  }

  /** The last `seq` given to an account. */
  lastSeq(account: number): number {
    return this.#seqs[account];
  }

  /** Numbers all that the core's last tick did, and tells the listener. */
  tick(): void {
    const listener = this.#listener;
    const { ints: E } = this.#core.events;
    const end = this.#core.events.end();
    for (let e = 0; e < end; e += eventInts(E[e])) {
      const head = E[e + E_HEAD];
      const kind = head & 255;
      if (kind === EventKind.TRADE) this.#trade(listener, E, e);
      else if (kind === EventKind.ORDER) this.#order(listener, E, e, head);
      else if (kind === EventKind.DONE) this.#touch(E[e + E_ACCOUNT], E[e + E_BOOK]);
    }
    this.#tellHoldings(listener);
  }

  #trade(listener: AccountListener, E: Int32Array, e: number): void {
    const maker = E[e + E_MAKER_ACCOUNT];
    const taker = E[e + E_ACCOUNT];
    listener.maker(maker, ++this.#seqs[maker], e);
    listener.order(taker, ++this.#seqs[taker], e);
    this.#touch(maker, E[e + E_BOOK]);
    this.#touch(taker, E[e + E_BOOK]);
    this.#touchedAccounts.add(0); // the fees
  }

  #order(listener: AccountListener, E: Int32Array, e: number, head: number): void {
    const account = E[e + E_ACCOUNT];
    if (((head >> 8) & EventFlag.NEWS) !== 0) listener.order(account, ++this.#seqs[account], e);
    if (((head >> 8) & EventFlag.DUPLICATE) === 0) this.#touch(account, E[e + E_BOOK]);
  }

  /** `book` -1: cash alone. */
  #touch(account: number, book: number): void {
    this.#touchedAccounts.add(account);
    if (book < 0) return;
    const position = this.#core.positions.find(account, book >> 1);
    if (position !== 0) this.#touchedPositions.add(position);
  }

  #tellHoldings(listener: AccountListener): void {
    const { accounts, positions } = this.#core;
    for (let i = 0; i < this.#touchedAccounts.count; i++) {
      const account = this.#touchedAccounts.list[i];
      const available = accounts.available(account);
      const reserved = accounts.reserved(account);
      if (!changed(this.#toldCash, account, available, reserved)) continue;
      listener.balance(account, ++this.#seqs[account], available, reserved);
    }
    for (let i = 0; i < this.#touchedPositions.count; i++) {
      const position = this.#touchedPositions.list[i];
      const available = positions.available(position);
      const reserved = positions.reserved(position);
      if (!changed(this.#toldShares, position, available, reserved)) continue;
      const account = positions.accountOf(position);
      const symbol = positions.symbolOf(position);
      listener.position(account, ++this.#seqs[account], symbol, available, reserved);
    }
    this.#touchedAccounts.clear();
    this.#touchedPositions.clear();
  }
}

/** Whether a pair differs from what was told before; notes the new one. */
function changed(told: Float64Array, at: number, available: number, reserved: number): boolean {
  if (told[at * 2] === available && told[at * 2 + 1] === reserved) return false;
  told[at * 2] = available;
  told[at * 2 + 1] = reserved;
  return true;
}

/** A set of small integers that remembers the order of arrival and empties in no time. */
class Touched {
  readonly list: Int32Array;
  readonly #marks: Uint8Array;
  count = 0;

  constructor(size: number) {
    this.list = new Int32Array(size);
    this.#marks = new Uint8Array(size);
  }

  add(value: number): void {
    if (this.#marks[value] !== 0) return;
    this.#marks[value] = 1;
    this.list[this.count++] = value;
  }

  clear(): void {
    for (let i = 0; i < this.count; i++) this.#marks[this.list[i]] = 0;
    this.count = 0;
  }
}
