/**
 * PLACE, CANCEL and CANCEL_ALL by the rules of the wire contract. The checks stand in the order in which the
 * contract makes them.
 */
import {
  CancelCause,
  OrderFlag,
  OrderType,
  Side,
  SymbolState,
  TimeInForce,
} from "../../src/core/command.ts";
import { type EndReason, OrderStatus } from "../../src/core/event.ts";
import { InvalidField, Reject } from "../../src/core/reject.ts";
import { askedFor } from "./client-id-book.ts";
import type { ReplyEvent } from "./exchange-event.ts";
import type { Floor } from "./floor.ts";
import type { Listing } from "./listing.ts";
import { isStop, mayRest, type Order, openStatus, opposite } from "./order.ts";
import type { Overdue } from "./overdue.ts";
import { type Incoming, type Plan, planMatch } from "./plan.ts";
import type { ReadCommand } from "./read-command.ts";
import {
  checkBacklog,
  checkBand,
  checkCost,
  checkExpiry,
  checkIncrement,
  checkMatch,
  checkMeans,
  checkOpenOrders,
  checkPages,
  checkRoom,
  checkShape,
  checkSize,
  checkState,
  type Fault,
  isWellFormed,
  ownMaxOf,
  pricesOf,
  stopPricesOf,
} from "./rules.ts";
import type { State } from "./state.ts";
import type { Stops } from "./stops.ts";

export class OrderDesk {
  readonly #state: State;
  readonly #floor: Floor;
  readonly #overdue: Overdue;
  readonly #stops: Stops;

  constructor(state: State, floor: Floor, overdue: Overdue, stops: Stops) {
    this.#state = state;
    this.#floor = floor;
    this.#overdue = overdue;
    this.#stops = stops;
  }

  place(command: ReadCommand): ReplyEvent {
    const state = this.#state;
    const { account, symbol, quantity, stopPrice, type } = command;
    if (account === 0 || !state.ledger.exists(account)) {
      return state.refuse(Reject.NOT_YOUR_ACCOUNT, account);
    }
    const entry = state.clientIds.find(account, command.text);
    if (entry !== undefined) {
      if (entry.asked !== askedFor(command)) {
        return state.refuse(Reject.CLIENT_ORDER_ID_REUSED, account);
      }
      return this.#repeat(entry.order);
    }
    const unshaped = state.rules.version > 0 ? checkShape(state, command) : undefined;
    if (unshaped !== undefined) return state.refuseFor(unshaped, account);
    const listing = state.listing(symbol);
    if (listing === undefined) return state.refuse(Reject.UNKNOWN_SYMBOL, account);
    if (!isWellFormed(command)) return state.invalid(account, InvalidField.ORDER);
    const limit = listing.limitOf(command);
    const isUnsound = quantity <= 0 || limit <= 0 || (isStop(type) && stopPrice <= 0);
    const refusal =
      checkState(listing, type, command.timeInForce) ??
      (isUnsound ? ([Reject.INVALID_PARAMETER, InvalidField.ORDER] as const) : undefined);
    if (refusal !== undefined) return state.refuseFor(refusal, account);

    const order = newOrder(command, limit, state);
    const matches = listing.state === SymbolState.TRADING && !isStop(type);
    const incoming: Incoming = { ...order, limit };
    const fault =
      this.#checkRules(listing, command, limit) ??
      this.#checkSizes(listing, command) ??
      (matches ? this.#overdue.clear(listing, incoming).fault : undefined) ??
      this.#checkCapacity(listing, command) ??
      this.#checkFunds(listing, order, incoming) ??
      (matches ? checkMatch(state, listing, command, incoming) : undefined);
    if (fault !== undefined) return state.refuseFor(fault, account);
    const others = matches ? listing.side(opposite(command.side)) : [];
    const plan = planMatch(incoming, others, ownMaxOf(state));
    return this.#enter(listing, order, command, plan);
  }

  /** The order that first used the client order id. */
  #repeat(order: Order): ReplyEvent {
    const isOpen = this.#state.orders.has(order.number);
    const isOverdue = isOpen && this.#overdue.is(order);
    if (isOverdue) this.#overdue.end(order);
    if (!isOpen || isOverdue) {
      const { number, account, clientId } = order;
      return { event: "REPEAT", order: number, account, clientId };
    }
    return this.#floor.tell(order, openStatus(order), {
      reply: true,
      duplicate: true,
      open: true,
      unchanged: true,
    });
  }

  /** A stop's price is compared with the band when it triggers. */
  #checkRules(listing: Listing, command: ReadCommand, limit: number): Fault {
    const { type, price, stopPrice } = command;
    return (
      checkIncrement(listing, price, stopPrice) ??
      (type === OrderType.LIMIT ? checkBand(listing, limit) : undefined) ??
      checkExpiry(this.#state, command)
    );
  }

  #checkSizes(listing: Listing, command: ReadCommand): Fault {
    const { type, timeInForce, quantity, account } = command;
    const stays = isStop(type) || (type === OrderType.LIMIT && mayRest(timeInForce));
    return (
      checkSize(listing, worthOf(listing, command), quantity) ??
      (stays ? checkOpenOrders(this.#state, listing, account) : undefined) ??
      checkBacklog(this.#state, listing)
    );
  }

  #checkCapacity(listing: Listing, command: ReadCommand): Fault {
    const state = this.#state;
    const { side, account, price, stopPrice } = command;
    const waits = isStop(command.type);
    const rests = command.type === OrderType.LIMIT && mayRest(command.timeInForce);
    return (
      checkRoom(state, command, waits || rests) ??
      (waits
        ? checkPages(
            state,
            account,
            stopPricesOf(listing.stops(side)),
            stopPrice,
            side === Side.SELL,
            true,
          )
        : undefined) ??
      (rests
        ? checkPages(state, account, pricesOf(listing.side(side)), price, side === Side.BUY)
        : undefined)
    );
  }

  #checkFunds(listing: Listing, order: Order, incoming: Incoming): Fault {
    if (order.type === OrderType.MARKET && order.side === Side.BUY) {
      return checkCost(this.#state, listing, incoming);
    }
    return checkMeans(this.#state, { ...order, price: incoming.limit }, 0n);
  }

  /** An order that passed every check: a stop waits; any other order trades, and then rests or ends. */
  #enter(listing: Listing, order: Order, command: ReadCommand, plan: Plan): ReplyEvent {
    const state = this.#state;
    state.clientIds.add(order, command);
    state.ledger.position(order.account, order.symbol);
    state.entered = listing;
    if (isStop(order.type)) return this.#stops.wait(order);
    this.#floor.trade(listing, order, plan);
    const isMarket = order.type === OrderType.MARKET;
    const isStopped = plan.prevented || (isMarket && plan.filled === 0);
    const isRefused = isStopped && plan.filled === 0 && state.rules.version === 0;
    if (order.remaining > 0 && isRefused) {
      state.clientIds.remove(order);
      return state.refuse(Reject.SELF_TRADE, order.account);
    }
    if (order.remaining > 0 && !plan.prevented && !isMarket && mayRest(order.timeInForce)) {
      return this.#floor.rest(order, { reply: true });
    }
    state.clientIds.retire(order);
    if (order.remaining === 0) return this.#floor.tell(order, OrderStatus.FILLED, { reply: true });
    const how = { reply: true, news: true };
    return isStopped
      ? this.#floor.tell(order, OrderStatus.CANCELLED, { ...how, reason: "SELF_TRADE" })
      : this.#floor.tell(order, OrderStatus.EXPIRED, { ...how, reason: "TIME_IN_FORCE" });
  }

  /** Allowed in every state of the symbol. */
  cancel(command: ReadCommand): ReplyEvent {
    const order = this.target(command);
    if ("event" in order) return order;
    const reason = command.account === 0 ? "OPERATOR" : "USER";
    return this.#floor.cancel(order, { reply: true, news: true, reason });
  }

  /** Newest first. */
  cancelAll({ account, symbol, flags }: ReadCommand): ReplyEvent {
    const state = this.#state;
    if (!state.ledger.exists(account)) return state.refuse(Reject.NOT_YOUR_ACCOUNT, account);
    if (symbol >= 0 && state.listing(symbol) === undefined) {
      return state.refuse(Reject.UNKNOWN_SYMBOL, account);
    }
    const concerned = state
      .ordersOf(account)
      .filter((order) => symbol < 0 || order.symbol === symbol);
    const reason = reasonOf(flags);
    const inTime = concerned.filter((order) => !this.#overdue.is(order));
    for (const order of concerned) {
      if (this.#overdue.is(order)) this.#overdue.end(order);
      else state.events.push(this.#floor.cancel(order, { news: true, reason }));
    }
    return state.done(account, { count: inTime.length });
  }

  /**
   * The open order that a command names, by number or by client order id. The operator may name any order, a
   * user only orders of his own accounts.
   */
  target({ account, order: number, text, symbol }: ReadCommand): Order | ReplyEvent {
    const state = this.#state;
    const { ledger } = state;
    const named = number !== 0 ? number : (state.clientIds.find(account, text)?.order.number ?? 0);
    const order = state.orders.get(named);
    if (order !== undefined && (symbol < 0 || symbol === order.symbol)) {
      const user = ledger.exists(account) ? ledger.of(account).user : 0;
      const sameUser = user !== 0 && user === order.user;
      if (account === 0 || account === order.account || sameUser) {
        if (!this.#overdue.is(order)) return order;
        this.#overdue.end(order);
      }
    }
    const known = state.wasTold(named) ? named : 0;
    return state.refuse(Reject.UNKNOWN_ORDER, account, InvalidField.ORDER, known);
  }
}

/** Why all orders of an account are cancelled. */
function reasonOf(cause: number): keyof typeof EndReason {
  if (cause === CancelCause.DISCONNECT) return "DISCONNECT";
  if (cause === CancelCause.OPERATOR) return "OPERATOR";
  return cause === CancelCause.DEAD_MANS_SWITCH ? "DEAD_MANS_SWITCH" : "CANCEL_ALL";
}

/** The price of a share that the limit on the notional uses. */
function worthOf(listing: Listing, { type, price, stopPrice }: ReadCommand): number {
  if (type === OrderType.MARKET) return listing.reference;
  return type === OrderType.STOP ? stopPrice : price;
}

function newOrder(command: ReadCommand, limit: number, state: State): Order {
  const { account, symbol, side, type, timeInForce, selfTrade, flags, quantity } = command;
  return {
    number: 0,
    account,
    user: state.ledger.of(account).user,
    symbol,
    side,
    type,
    timeInForce,
    selfTrade,
    postOnly: (flags & OrderFlag.POST_ONLY) !== 0,
    price: type === OrderType.STOP ? limit : command.price,
    stopPrice: command.stopPrice,
    pending: false,
    expireAt: timeInForce === TimeInForce.GTD ? command.amount : 0,
    quantity,
    remaining: quantity,
    notional: 0n,
    fees: state.feesOf(account),
    feeCarry: 0n,
    rebateCarry: 0n,
    clientId: command.text,
    rank: 0,
    createdAt: state.timestamp,
    timestamp: state.timestamp,
    tick: state.tick,
  };
}
