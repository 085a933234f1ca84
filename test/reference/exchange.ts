/**
 * A naive exchange: the rules of the wire contract and of the core's docstrings, written to be read, not
 * to be fast. It shares nothing with the core but the layout of records and the numbers of enums, so
 * that the two agree only where both are right.
 */
import { AccountFlag, CASH_MAX, CommandKind, SymbolState } from "../../src/core/command.ts";
import { CapacityLimit, InvalidField, Reject } from "../../src/core/reject.ts";
import { type ExchangeEvent, type ExchangeView, nameIn } from "./exchange-event.ts";
import { Account } from "./ledger.ts";
import type { Limits } from "./limits.ts";
import { OrderDesk } from "./order-desk.ts";
import { type ReadCommand, readCommand } from "./read-command.ts";
import { type Outcome, State } from "./state.ts";

/** The largest fee and the widest band, in basis points. */
const BPS_MAX = 10_000;

export class ReferenceExchange {
  readonly state: State;
  readonly #desk: OrderDesk;

  constructor(limits: Limits) {
    this.state = new State(limits);
    this.#desk = new OrderDesk(this.state);
  }

  /** What the command in the record does; the last event is the reply. */
  apply(ints: Int32Array, doubles: Float64Array): ExchangeEvent[] {
    const { state } = this;
    const command = readCommand(ints, doubles);
    state.timestamp = command.timestamp;
    state.events = [];
    state.events.push(this.#run(command));
    return state.events;
  }

  view(): ExchangeView {
    return this.state.view();
  }

  #run(command: ReadCommand): Outcome {
    switch (command.kind) {
      case CommandKind.PLACE:
        return this.#desk.place(command);
      case CommandKind.CANCEL:
        return this.#desk.cancel(command);
      case CommandKind.AMEND:
        return this.#desk.amend(command);
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
      case CommandKind.NOTE:
        return this.state.done(command.account);
      default:
        return this.state.invalid(command.account, InvalidField.KIND);
    }
  }

  #openAccount({ account, actor }: ReadCommand): Outcome {
    const { state } = this;
    const { accounts } = state.ledger;
    if (account !== accounts.length) return state.invalid(account, InvalidField.ACCOUNT);
    if (account === state.limits.accountsMax) {
      return state.refuse(Reject.CAPACITY, account, CapacityLimit.ACCOUNTS);
    }
    accounts.push(new Account(account, actor));
    return state.done(account, { count: account });
  }

  #setAccount({ account, flags }: ReadCommand): Outcome {
    const { ledger } = this.state;
    if (!ledger.exists(account)) return this.state.invalid(account, InvalidField.ACCOUNT);
    ledger.of(account).mayShort = (flags & AccountFlag.MAY_SHORT) !== 0;
    return this.state.done(account);
  }

  #depositCash({ account, amount }: ReadCommand): Outcome {
    const { state } = this;
    const { ledger } = state;
    if (!ledger.exists(account)) return state.invalid(account, InvalidField.ACCOUNT);
    if (!Number.isSafeInteger(amount)) return state.invalid(account, InvalidField.AMOUNT);
    const cents = BigInt(amount);
    const { cash } = ledger.of(account);
    if (ledger.cash + cents > CASH_MAX) {
      return state.refuse(Reject.CAPACITY, account, CapacityLimit.CASH);
    }
    if (cash.available + cents < 0n) return state.refuse(Reject.INSUFFICIENT_FUNDS, account);
    ledger.cash += cents;
    cash.available += cents;
    return state.done(account, { amount: Number(cash.total) });
  }

  #depositShares({ account, symbol, amount }: ReadCommand): Outcome {
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
    if (added < 0n && ledger.available(account, symbol) + added < 0n) {
      return state.refuse(Reject.INSUFFICIENT_SHARES, account);
    }
    const position = ledger.position(account, symbol);
    ledger.shares.set(symbol, total);
    position.available += added;
    return state.done(account, { symbol, amount: Number(position.total) });
  }

  #listSymbol({ symbol, price }: ReadCommand): Outcome {
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

  #setSymbolState({ symbol, quantity }: ReadCommand): Outcome {
    const { state } = this;
    const listing = state.listing(symbol);
    if (listing === undefined) return state.refuse(Reject.UNKNOWN_SYMBOL, 0);
    const states: number[] = [SymbolState.TRADING, SymbolState.CANCEL_ONLY, SymbolState.HALTED];
    if (!states.includes(quantity)) return state.invalid(0, InvalidField.STATE);
    if (listing.state !== quantity) {
      listing.state = quantity;
      state.events.push({ event: "SYMBOL", symbol, state: nameIn(SymbolState, quantity) });
    }
    return state.done(0, { symbol });
  }

  /** Of one symbol; of all, and of those listed later, when the symbol is negative. */
  #setSymbolRules(command: ReadCommand): Outcome {
    const { symbol, price, quantity, stopPrice, amount } = command;
    const { state } = this;
    if (price < 0 || stopPrice < 0) return state.invalid(0, InvalidField.PRICE);
    if (quantity < 0) return state.invalid(0, InvalidField.QUANTITY);
    if (!Number.isInteger(amount) || amount < 0 || amount > BPS_MAX) {
      return state.invalid(0, InvalidField.AMOUNT);
    }
    const listing = state.listing(symbol);
    if (symbol >= 0 && listing === undefined) return state.refuse(Reject.UNKNOWN_SYMBOL, 0);
    const concerned = listing === undefined ? [...state.listings.values()] : [listing];
    if (listing === undefined) state.defaults = { quantityMax: quantity, bandBps: amount };
    for (const each of concerned) {
      if (price !== 0) each.increment = price;
      if (stopPrice !== 0) each.reference = stopPrice;
      each.quantityMax = quantity;
      each.bandBps = amount;
    }
    return state.done(0, { symbol: Math.max(symbol, -1) });
  }

  #setFees({ price, quantity }: ReadCommand): Outcome {
    const { state } = this;
    if (price < 0 || price > BPS_MAX) return state.invalid(0, InvalidField.PRICE);
    if (quantity < 0 || quantity > BPS_MAX) return state.invalid(0, InvalidField.QUANTITY);
    state.fees = { maker: BigInt(price), taker: BigInt(quantity) };
    return state.done(0);
  }
}
