/**
 * A naive exchange: the rules of the wire contract and of the core's docstrings, written to be read and not
 * to be fast. It shares nothing with the core except the layout of records and the numbers of enums, so the
 * two agree only where both are right.
 */
import { AccountFlag, CASH_MAX, CommandKind, SymbolState } from "../../src/core/command.ts";
import { CapacityLimit, InvalidField, Reject } from "../../src/core/reject.ts";
import { Amendments } from "./amendments.ts";
import type { ExchangeEvent, ExchangeView, HoldingEvent, ReplyEvent } from "./exchange-event.ts";
import { Floor } from "./floor.ts";
import { holdingsOf } from "./holdings.ts";
import { Account } from "./ledger.ts";
import { LIMITS, type Limits } from "./limits.ts";
import { Listing, type Rules } from "./listing.ts";
import { OrderDesk } from "./order-desk.ts";
import { Overdue } from "./overdue.ts";
import { type ReadCommand, readCommand } from "./read-command.ts";
import { lacks } from "./rules.ts";
import { Sessions } from "./sessions.ts";
import { State } from "./state.ts";
import { Stops } from "./stops.ts";

/** The largest fee and the widest band, in basis points. */
const BPS_MAX = 10_000;
/** The latest version of the rules. */
const RULES_VERSION = 2;

export class ReferenceExchange {
  readonly state: State;
  readonly #floor: Floor;
  readonly #stops: Stops;
  readonly #sessions: Sessions;
  readonly #desk: OrderDesk;
  readonly #amendments: Amendments;

  constructor(limits: Limits) {
    this.state = new State(limits);
    this.#floor = new Floor(this.state);
    const overdue = new Overdue(this.state, this.#floor);
    this.#stops = new Stops(this.state, this.#floor, overdue);
    this.#sessions = new Sessions(this.state, this.#floor, overdue, this.#stops);
    this.#desk = new OrderDesk(this.state, this.#floor, overdue, this.#stops);
    this.#amendments = new Amendments(this.state, this.#floor, overdue, this.#stops, this.#desk);
  }

  /**
   * Applies one record: first everything that is due, then the command and its reply, then the stops that
   * trigger.
   */
  apply(ints: Int32Array, doubles: Float64Array): ExchangeEvent[] {
    const { state } = this;
    const command = readCommand(ints, doubles);
    state.timestamp = command.timestamp;
    state.events = [];
    for (const listing of state.listings.values()) {
      listing.work = 0;
      listing.now = command.timestamp;
    }
    const left = [...state.backlog];
    state.entered = undefined;
    const isBacklogFirst = state.rules.version > 0;
    this.#sessions.pass();
    if (isBacklogFirst) this.#stops.catchUp(left, command);
    state.events.push(this.#run(command));
    if (state.entered !== undefined) this.#stops.aftermath(state.entered);
    if (!isBacklogFirst) this.#stops.goOn(left);
    state.told.push(...state.events);
    return state.events;
  }

  beginTick(tick: number): void {
    this.state.tick = tick;
    this.state.told = [];
  }

  /** The holdings of every account that the tick's events mention. */
  endTick(): HoldingEvent[] {
    return holdingsOf(this.state);
  }

  view(): ExchangeView {
    return this.state.view();
  }

  #run(command: ReadCommand): ReplyEvent {
    switch (command.kind) {
      case CommandKind.PLACE:
        return this.#desk.place(command);
      case CommandKind.CANCEL:
        return this.#desk.cancel(command);
      case CommandKind.AMEND:
        return this.#amendments.amend(command);
      case CommandKind.CANCEL_ALL:
        return this.#desk.cancelAll(command);
      case CommandKind.OPEN_ACCOUNT:
        return this.#openAccount(command);
      case CommandKind.SET_ACCOUNT:
        return this.#setAccount(command);
      case CommandKind.DEPOSIT_CASH:
        return this.#depositCash(command);
      case CommandKind.DEPOSIT_SHARES:
        return this.#depositShares(command);
      case CommandKind.LIST_SYMBOL:
        return this.#listSymbol(command);
      case CommandKind.SET_SYMBOL_STATE:
        return this.#setSymbolState(command);
      case CommandKind.SET_SYMBOL_RULES:
        return this.#setSymbolRules(command);
      case CommandKind.SET_FEES:
        return this.#setFees(command);
      case CommandKind.SET_SYMBOL_PROTECTION:
        return this.#setProtection(command);
      case CommandKind.SET_SHARES:
        return this.#setShares(command);
      case CommandKind.SET_RULES:
        return this.#setRules(command);
      case CommandKind.NOTE:
      case CommandKind.CLOCK:
        return this.state.done(command.account);
      default:
        return this.state.invalid(command.account, InvalidField.KIND);
    }
  }

  #openAccount({ account, actor }: ReadCommand): ReplyEvent {
    const { state } = this;
    const { accounts } = state.ledger;
    if (account !== accounts.length) return state.invalid(account, InvalidField.ACCOUNT);
    if (account === state.limits.accountsMax) {
      return state.refuse(Reject.CAPACITY, account, CapacityLimit.ACCOUNTS);
    }
    accounts.push(new Account(account, actor));
    return state.done(account, { count: account });
  }

  #setAccount(command: ReadCommand): ReplyEvent {
    const { account, flags, price, quantity } = command;
    const { ledger } = this.state;
    if (!ledger.exists(account)) return this.state.invalid(account, InvalidField.ACCOUNT);
    const hasOwnFees = (flags & AccountFlag.OWN_FEES) !== 0;
    const fault = hasOwnFees ? this.#checkFees(command, account) : undefined;
    if (fault !== undefined) return fault;
    const owner = ledger.of(account);
    owner.mayShort = (flags & AccountFlag.MAY_SHORT) !== 0;
    owner.fees = hasOwnFees ? { maker: BigInt(price), taker: BigInt(quantity) } : undefined;
    return this.state.done(account);
  }

  #depositCash({ account, amount }: ReadCommand): ReplyEvent {
    const { state } = this;
    const { ledger } = state;
    if (!ledger.exists(account)) return state.invalid(account, InvalidField.ACCOUNT);
    if (!Number.isSafeInteger(amount)) return state.invalid(account, InvalidField.AMOUNT);
    const cents = BigInt(amount);
    const { cash } = ledger.of(account);
    if (ledger.cash + cents > CASH_MAX) {
      return state.refuse(Reject.CAPACITY, account, CapacityLimit.CASH);
    }
    const isOverdrawn = cents < 0n && cash.available + cents < 0n;
    if (isOverdrawn) {
      return state.refuseFor(lacks(Reject.INSUFFICIENT_FUNDS, -cents, cash.available), account);
    }
    ledger.cash += cents;
    cash.available += cents;
    return state.done(account, { amount: Number(cash.total) });
  }

  #depositShares({ account, symbol, amount }: ReadCommand): ReplyEvent {
    const { state } = this;
    const { ledger } = state;
    if (!ledger.exists(account)) return state.invalid(account, InvalidField.ACCOUNT);
    if (state.listing(symbol) === undefined) return state.refuse(Reject.UNKNOWN_SYMBOL, account);
    if (!Number.isSafeInteger(amount)) return state.invalid(account, InvalidField.AMOUNT);
    const added = BigInt(amount);
    const total = (ledger.shares.get(symbol) ?? 0n) + added;
    if (total > CASH_MAX) return state.refuse(Reject.CAPACITY, account, CapacityLimit.SHARES);
    if (!ledger.hasRoom(account, symbol)) {
      return state.refuse(Reject.CAPACITY, account, CapacityLimit.POSITIONS);
    }
    const available = ledger.available(account, symbol);
    if (added < 0n && available + added < 0n) {
      return state.refuseFor(lacks(Reject.INSUFFICIENT_SHARES, -added, available), account);
    }
    const position = ledger.position(account, symbol);
    ledger.shares.set(symbol, total);
    position.available += added;
    return state.done(account, { symbol, amount: Number(position.total) });
  }

  #listSymbol({ symbol, price }: ReadCommand): ReplyEvent {
    const { state } = this;
    const inRange = symbol >= 0 && symbol < state.limits.symbols;
    if (!inRange || state.listing(symbol) !== undefined) {
      return state.invalid(0, InvalidField.SYMBOL);
    }
    if (price <= 0) return state.invalid(0, InvalidField.PRICE);
    state.list(symbol, price);
    state.events.push({ event: "SYMBOL", symbol, state: "TRADING" });
    return state.done(0, { symbol });
  }

  #setSymbolState({ symbol, quantity }: ReadCommand): ReplyEvent {
    const { state } = this;
    const listing = state.listing(symbol);
    if (listing === undefined) return state.refuse(Reject.UNKNOWN_SYMBOL, 0);
    const { UNLISTED, ...states } = SymbolState;
    if (!Object.values<number>(states).includes(quantity)) {
      return state.invalid(0, InvalidField.STATE);
    }
    if (quantity === SymbolState.TRADING) this.#sessions.open(listing);
    else this.#floor.setState(listing, quantity, 0);
    return state.done(0, { symbol });
  }

  #setSymbolRules(command: ReadCommand): ReplyEvent {
    const { symbol, price, quantity, stopPrice, amount, slot } = command;
    const { state } = this;
    if (price < 0 || stopPrice < 0) return state.invalid(0, InvalidField.PRICE);
    if (quantity < 0 || slot < 0) return state.invalid(0, InvalidField.QUANTITY);
    if (!Number.isInteger(amount) || amount < 0 || amount > BPS_MAX) {
      return state.invalid(0, InvalidField.AMOUNT);
    }
    return this.#forSymbols(symbol, (rules) => {
      if (rules instanceof Listing) {
        if (price !== 0) rules.increment = price;
        rules.setBand(amount, slot, stopPrice);
      }
      rules.quantityMax = quantity;
      rules.bandBps = amount;
      rules.bandMs = slot;
    });
  }

  #setProtection(command: ReadCommand): ReplyEvent {
    const { symbol, amount, quantity, price, stopPrice, slot, generation } = command;
    const { state } = this;
    const numbers = [quantity, price, stopPrice, slot, generation];
    if (Math.min(...numbers) < 0) return state.invalid(0, InvalidField.QUANTITY);
    if (!Number.isSafeInteger(amount) || amount < 0) return state.invalid(0, InvalidField.AMOUNT);
    return this.#forSymbols(symbol, (rules) => {
      rules.protection = {
        openOrdersMax: quantity,
        notionalMax: amount,
        moveBps: price,
        windowMs: stopPrice,
        pauseMs: slot,
        auctionMs: generation,
      };
      if (rules instanceof Listing) rules.forgetPrices();
    });
  }

  /** Sets the rules of one symbol. A negative symbol means all symbols, and those listed later. */
  #forSymbols(symbol: number, set: (rules: Rules) => void): ReplyEvent {
    const { state } = this;
    const listing = state.listing(symbol);
    if (symbol >= 0 && listing === undefined) return state.refuse(Reject.UNKNOWN_SYMBOL, 0);
    const concerned = listing === undefined ? [...state.listings.values()] : [listing];
    for (const each of concerned) set(each);
    if (listing === undefined) set(state.defaults);
    return state.done(0, { symbol: Math.max(symbol, -1) });
  }

  #setRules({ quantity, amount }: ReadCommand): ReplyEvent {
    const { state } = this;
    if (quantity <= state.rules.version || quantity > RULES_VERSION) {
      return state.invalid(0, InvalidField.QUANTITY);
    }
    if (!Number.isSafeInteger(amount) || amount < 0) return state.invalid(0, InvalidField.AMOUNT);
    const isFirst = state.rules.version === 0;
    state.rules.version = quantity;
    if (!isFirst) return state.done(0);
    for (const listing of state.listings.values()) {
      listing.forgetPrices();
      listing.shareOut();
    }
    state.clientIds.shareOut(state.ledger.accounts.length);
    return state.done(0);
  }

  /** Sets what an account may hold; 0 means the common limit. For all accounts (-1) a limit must be given. */
  #setShares({ account, quantity, price, stopPrice, amount }: ReadCommand): ReplyEvent {
    const { state } = this;
    const isOfAll = account === -1;
    if (state.rules.version === 0) return state.invalid(account, InvalidField.KIND);
    if (!isOfAll && !state.ledger.exists(account)) {
      return state.invalid(account, InvalidField.ACCOUNT);
    }
    const fits = (value: number, most: number): boolean =>
      Number.isSafeInteger(value) && value <= most && value >= (isOfAll ? 1 : 0);
    if (!fits(quantity, LIMITS.ordersMax)) return state.invalid(account, InvalidField.QUANTITY);
    if (!fits(price, LIMITS.pagesMax)) return state.invalid(account, InvalidField.PRICE);
    if (!fits(stopPrice, LIMITS.positionsMax)) {
      return state.invalid(account, InvalidField.STOP_PRICE);
    }
    if (!fits(amount, LIMITS.recentClientIdsMax)) {
      return state.invalid(account, InvalidField.AMOUNT);
    }
    const share = { orders: quantity, pages: price, positions: stopPrice, clientIds: amount };
    if (isOfAll) state.share = share;
    else state.ledger.of(account).share = share;
    return state.done(Math.max(account, 0));
  }

  #setFees(command: ReadCommand): ReplyEvent {
    const { state } = this;
    const fault = this.#checkFees(command, 0);
    if (fault !== undefined) return fault;
    const isGift = command.price < -command.quantity;
    if (isGift && state.rules.version > 0) return state.invalid(0, InvalidField.PRICE);
    state.fees = { maker: BigInt(command.price), taker: BigInt(command.quantity) };
    return state.done(0);
  }

  /** Makers may get a rebate; takers must pay. */
  #checkFees({ price, quantity }: ReadCommand, account: number): ReplyEvent | undefined {
    const { state } = this;
    if (price < -BPS_MAX || price > BPS_MAX) return state.invalid(account, InvalidField.PRICE);
    if (quantity < 0 || quantity > BPS_MAX) return state.invalid(account, InvalidField.QUANTITY);
    return undefined;
  }
}
