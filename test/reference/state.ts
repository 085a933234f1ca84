/** The state of the reference exchange, and how it replies. */
import { Reject } from "../../src/core/reject.ts";
import { ClientIdBook } from "./client-id-book.ts";
import {
  type DoneEvent,
  type ExchangeEvent,
  type ExchangeView,
  nameIn,
  type RejectEvent,
} from "./exchange-event.ts";
import { Ledger, type Share } from "./ledger.ts";
import type { Limits } from "./limits.ts";
import { Listing, type Rules, UNPROTECTED } from "./listing.ts";
import type { Fees, Order } from "./order.ts";
import type { Fault } from "./rules.ts";

export class State {
  readonly ledger: Ledger;
  readonly clientIds: ClientIdBook;
  /** By symbol, in the order in which they were listed. */
  readonly listings = new Map<number, Listing>();
  /** Symbols that have triggered stops left over, the longest waiting first. */
  backlog: Listing[] = [];
  /** The version of the rules that is in force. Listings read it too. */
  readonly rules = { version: 0 };
  /** Where an order of the current command entered. */
  entered: Listing | undefined;
  /** Open orders, by number. */
  readonly orders = new Map<number, Order>();
  /** What an account may hold if it has no share of its own. From version 1 of the rules. */
  share: Share;
  fees: Fees = { maker: 0n, taker: 0n };
  /** The rules that new symbols are listed with. */
  defaults: Rules = { quantityMax: 0, bandBps: 0, bandMs: 0, protection: UNPROTECTED };
  trades = 0;
  /** The last time at which the maximum number of orders expired. */
  expiredAt: number | undefined;
  /** Of the current command. */
  timestamp = 0;
  /** The current tick, and what its commands did so far. */
  tick = 0;
  told: ExchangeEvent[] = [];
  /** Of the current command. */
  events: ExchangeEvent[] = [];
  /** Orders that events have mentioned. */
  #numbered = 0;
  #ranks = 0;

  constructor(readonly limits: Limits) {
    this.ledger = new Ledger(limits.positionsMax);
    this.clientIds = new ClientIdBook(
      limits,
      this.rules,
      (account) => this.shareOf(account).clientIds,
    );
    this.share = {
      orders: limits.accountOrdersMax,
      pages: limits.accountPagesMax,
      positions: limits.accountPositionsMax,
      clientIds: limits.accountClientIdsMax,
    };
  }

  listing(symbol: number): Listing | undefined {
    return this.listings.get(symbol);
  }

  list(symbol: number, increment: number): void {
    const listing = new Listing(symbol, this.rules);
    listing.increment = increment;
    listing.now = this.timestamp;
    Object.assign(listing, this.defaults);
    this.listings.set(symbol, listing);
  }

  /** Gives the order its number. Orders are numbered in the sequence in which events first mention them. */
  number(order: Order): void {
    if (order.number === 0) order.number = ++this.#numbered;
  }

  /** Whether an order of this number ever existed. */
  wasTold(number: number): boolean {
    return number > 0 && number <= this.#numbered;
  }

  /** Later than every rank before. */
  nextRank(): number {
    return ++this.#ranks;
  }

  /** What the account may hold. */
  shareOf(account: number): Share {
    const own = this.ledger.of(account).share;
    const { orders, pages, positions, clientIds } = this.share;
    return {
      orders: own.orders || orders,
      pages: own.pages || pages,
      positions: own.positions || positions,
      clientIds: own.clientIds || clientIds,
    };
  }

  /** How many pages of the ladder are counted for the account. */
  pagesOf(account: number): number {
    const counts = [...this.listings.values()].map((listing) => listing.pagesOf(account));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  feesOf(account: number): Fees {
    return this.ledger.of(account).fees ?? this.fees;
  }

  /** Newest first. */
  ordersOf(account: number): Order[] {
    const own = [...this.orders.values()].filter((order) => order.account === account);
    return own.sort((a, b) => b.rank - a.rank);
  }

  /** Records that the order changed now. */
  touch(order: Order): void {
    order.timestamp = this.timestamp;
    order.tick = this.tick;
  }

  refuse(
    code: number,
    account: number,
    detail = 0,
    order = 0,
    numbers: RejectEvent["numbers"] = [0, 0],
  ): RejectEvent {
    return { event: "REJECT", code: nameIn(Reject, code), detail, account, order, numbers };
  }

  refuseFor(fault: NonNullable<Fault>, account: number, order = 0): RejectEvent {
    const [code, detail, numbers] = fault;
    return this.refuse(code, account, detail, order, numbers);
  }

  invalid(account: number, field: number): RejectEvent {
    return this.refuse(Reject.INVALID_PARAMETER, account, field);
  }

  done(account: number, told: Partial<DoneEvent> = {}): DoneEvent {
    return { event: "DONE", account, symbol: -1, count: 0, amount: 0, ...told };
  }

  view(): ExchangeView {
    const symbols = [...this.listings.values()].sort((a, b) => a.number - b.number);
    return {
      symbols: symbols.map((listing) => listing.view()),
      accounts: this.ledger.accounts.map((account) =>
        account.view(this.ordersOf(account.number).map(({ number }) => number)),
      ),
    };
  }
}
