/**
 * PLACE, CANCEL and CANCEL_ALL as the wire contract has them. The checks of each stand in the order in which
 * the contract makes them.
 */
import {
  OrderFlag,
  OrderType,
  PRICE_MAX,
  Side,
  SymbolState,
  TimeInForce,
} from "../../src/core/command.ts";
import { OrderStatus } from "../../src/core/event.ts";
import { InvalidField, Reject } from "../../src/core/reject.ts";
import { askedFor } from "./client-id-book.ts";
import type { ReplyEvent } from "./exchange-event.ts";
import type { Floor } from "./floor.ts";
import type { Listing } from "./listing.ts";
import { isStop, mayRest, type Order, openStatus, opposite } from "./order.ts";
import { type Incoming, type Plan, planMatch } from "./plan.ts";
import type { ReadCommand } from "./read-command.ts";
import {
  checkBand,
  checkCost,
  checkExpiry,
  checkIncrement,
  checkMatch,
  checkMeans,
  checkOpenOrders,
  checkPages,
  checkRoom,
  checkSize,
  checkState,
  type Fault,
  isWellFormed,
  pricesOf,
  stopPricesOf,
} from "./rules.ts";
import type { State } from "./state.ts";
import type { Stops } from "./stops.ts";

/** Without a band, a STOP to buy goes as high as this many times its stop price. */
const STOP_CAP_FACTOR = 2;

export class OrderDesk {
  readonly #state: State;
  readonly #floor: Floor;
  readonly #stops: Stops;

  constructor(state: State, floor: Floor, stops: Stops) {
    this.#state = state;
    this.#floor = floor;
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
        return state.invalid(account, InvalidField.CLIENT_ORDER_ID);
      }
      return this.#repeat(entry.order);
    }
    const listing = state.listing(symbol);
    if (listing === undefined) return state.refuse(Reject.UNKNOWN_SYMBOL, account);
    if (!isWellFormed(command)) return state.invalid(account, InvalidField.ORDER);
    const limit = limitOf(listing, command);
    const isUnsound = quantity <= 0 || limit <= 0 || (isStop(type) && stopPrice <= 0);
    const refusal =
      checkState(listing, type, command.timeInForce) ??
      (isUnsound ? ([Reject.INVALID_PARAMETER, InvalidField.ORDER] as const) : undefined);
    if (refusal !== undefined) return state.refuse(refusal[0], account, refusal[1]);

    const order = newOrder(command, limit, state);
    const matches = listing.state === SymbolState.TRADING && !isStop(type);
    const incoming: Incoming = { ...order, limit };
    const plan = planMatch(incoming, matches ? listing.side(opposite(command.side)) : []);
    const fault =
      this.#checkRules(listing, command, limit) ??
      this.#checkCapacity(listing, command) ??
      this.#checkFunds(order, limit, plan) ??
      (matches ? checkMatch(listing, command, incoming, plan) : undefined);
    if (fault !== undefined) return state.refuse(fault[0], account, fault[1]);
    return this.#enter(listing, order, command, plan);
  }

  /** The order that the client order id was first given. */
  #repeat(order: Order): ReplyEvent {
    if (!this.#state.orders.has(order.number)) {
      const { number, account, clientId } = order;
      return { event: "REPEAT", order: number, account, clientId };
    }
    return this.#floor.tell(order, openStatus(order), { reply: true, duplicate: true, open: true });
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

  #checkCapacity(listing: Listing, command: ReadCommand): Fault {
    const state = this.#state;
    const { side, account, price, stopPrice } = command;
    const waits = isStop(command.type);
    const rests = command.type === OrderType.LIMIT && mayRest(command.timeInForce);
    return (
      checkSize(listing, worthOf(listing, command), command.quantity) ??
      (waits || rests ? checkOpenOrders(state, listing, account) : undefined) ??
      checkRoom(state, command) ??
      (waits ? checkPages(state, stopPricesOf(listing.stops(side)), stopPrice) : undefined) ??
      (rests ? checkPages(state, pricesOf(listing.side(side)), price) : undefined)
    );
  }

  #checkFunds(order: Order, limit: number, plan: Plan): Fault {
    if (order.type === OrderType.MARKET && order.side === Side.BUY) {
      return checkCost(this.#state, order.account, plan);
    }
    return checkMeans(this.#state, { ...order, price: limit }, 0n);
  }

  /** An order that passed every check waits, or trades and rests or ends. */
  #enter(listing: Listing, order: Order, command: ReadCommand, plan: Plan): ReplyEvent {
    const state = this.#state;
    state.clientIds.add(order, command);
    state.ledger.position(order.account, order.symbol);
    state.entered = listing;
    if (isStop(order.type)) return this.#stops.wait(order);
    this.#floor.trade(listing, order, plan);
    const isMarket = order.type === OrderType.MARKET;
    if (order.remaining > 0 && plan.filled === 0 && (plan.prevented || isMarket)) {
      state.clientIds.remove(order);
      return state.refuse(Reject.SELF_TRADE, order.account);
    }
    if (order.remaining > 0 && !plan.prevented && !isMarket && mayRest(order.timeInForce)) {
      return this.#floor.rest(order, { reply: true });
    }
    state.clientIds.retire(order);
    if (order.remaining === 0) return this.#floor.tell(order, OrderStatus.FILLED, { reply: true });
    const status = plan.prevented ? OrderStatus.CANCELLED : OrderStatus.EXPIRED;
    return this.#floor.tell(order, status, { reply: true, news: true });
  }

  /** In every state of the symbol. */
  cancel(command: ReadCommand): ReplyEvent {
    const order = this.target(command);
    if ("event" in order) return order;
    return this.#floor.cancel(order, { reply: true, news: true });
  }

  /** Newest first. */
  cancelAll({ account, symbol }: ReadCommand): ReplyEvent {
    const state = this.#state;
    if (!state.ledger.exists(account)) return state.refuse(Reject.NOT_YOUR_ACCOUNT, account);
    if (symbol >= 0 && state.listing(symbol) === undefined) {
      return state.refuse(Reject.UNKNOWN_SYMBOL, account);
    }
    const concerned = state
      .ordersOf(account)
      .filter((order) => symbol < 0 || order.symbol === symbol);
    for (const order of concerned) {
      state.events.push(this.#floor.cancel(order, { news: true }));
    }
    return state.done(account, { count: concerned.length });
  }

  /**
   * The open order that a command names, by number or else by client order id: the house may name anybody's,
   * a user those of his own accounts.
   */
  target({ account, order: number, text, symbol }: ReadCommand): Order | ReplyEvent {
    const state = this.#state;
    const { ledger } = state;
    const named = number !== 0 ? number : (state.clientIds.find(account, text)?.order.number ?? 0);
    const order = state.orders.get(named);
    if (order !== undefined && (symbol < 0 || symbol === order.symbol)) {
      const user = ledger.exists(account) ? ledger.of(account).user : 0;
      const sameUser = user !== 0 && user === order.user;
      if (account === 0 || account === order.account || sameUser) return order;
    }
    const known = state.wasTold(named) ? named : 0;
    return state.refuse(Reject.UNKNOWN_ORDER, account, InvalidField.ORDER, known);
  }
}

/** How far the order may go, which is what it must be able to pay. */
function limitOf(listing: Listing, { type, side, price, stopPrice }: ReadCommand): number {
  if (type === OrderType.MARKET) return listing.edge(side);
  if (type !== OrderType.STOP) return price;
  if (side === Side.SELL) return 1;
  return listing.isBanded
    ? Math.max(listing.band().high, stopPrice)
    : Math.min(PRICE_MAX, stopPrice * STOP_CAP_FACTOR);
}

/** What a share is taken to be worth where the largest notional is concerned. */
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
    clientId: command.text,
    rank: 0,
    timestamp: state.timestamp,
  };
}
