/**
 * PLACE, CANCEL, AMEND and CANCEL_ALL as the wire contract has them. The checks of each stand in the order
 * in which the contract makes them.
 */
import {
  OrderFlag,
  OrderType,
  SelfTrade,
  Side,
  SymbolState,
  TimeInForce,
} from "../../src/core/command.ts";
import { OrderStatus } from "../../src/core/event.ts";
import { CapacityLimit, InvalidField, Reject } from "../../src/core/reject.ts";
import { askedFor } from "./client-id-book.ts";
import { Floor } from "./floor.ts";
import type { Listing } from "./listing.ts";
import { costOf, crosses, type Incoming, type Order, type Plan, planMatch } from "./order.ts";
import type { ReadCommand } from "./read-command.ts";
import type { Outcome, State } from "./state.ts";

/** A refusal: code and detail. */
type Fault = readonly [code: number, detail: number] | undefined;

const PAGE_PRICES = 256;

export class OrderDesk {
  readonly #state: State;
  readonly #floor: Floor;

  constructor(state: State) {
    this.#state = state;
    this.#floor = new Floor(state);
  }

  place(command: ReadCommand): Outcome {
    const state = this.#state;
    const { account, symbol, type, price } = command;
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

    const { low, high } = listing.band();
    const market = type === OrderType.MARKET;
    const limit = market ? (command.side === Side.BUY ? high : low) : price;
    const incoming: Incoming = { ...command, limit, fees: state.fees };
    const plan = planMatch(incoming, listing.side(opposite(command.side)));
    const fault =
      this.#checkRules(listing, market ? undefined : price, command.quantity) ??
      this.#checkRoom(listing, command) ??
      this.#checkMeans(command, incoming, plan) ??
      this.#checkMatch(listing, command, limit, plan);
    if (fault !== undefined) return state.refuse(fault[0], account, fault[1]);
    return this.#enter(listing, newOrder(command, state), command, plan);
  }

  /** The order that the client order id was first given. */
  #repeat(order: Order): Outcome {
    if (!this.#state.orders.has(order.number)) {
      return { event: "REPEAT", order: order.number, account: order.account };
    }
    return this.#floor.tell(order, openStatus(order), { reply: true, duplicate: true, open: true });
  }

  /** State, increment, band, largest quantity. No price: a market order. */
  #checkRules(listing: Listing, price: number | undefined, quantity: number): Fault {
    if (listing.state !== SymbolState.TRADING) return [Reject.SYMBOL_NOT_TRADING, 0];
    if (price !== undefined) {
      const { low, high } = listing.band();
      if (price % listing.increment !== 0) return [Reject.OFF_INCREMENT, 0];
      if (price < low || price > high) return [Reject.OUTSIDE_BAND, 0];
    }
    if (listing.quantityMax !== 0 && quantity > listing.quantityMax) {
      return [Reject.CAPACITY, CapacityLimit.ORDER_QUANTITY];
    }
    return undefined;
  }

  #checkRoom(listing: Listing, command: ReadCommand): Fault {
    const { limits, orders, ledger } = this.#state;
    if (orders.size >= limits.ordersMax) return [Reject.CAPACITY, CapacityLimit.ORDERS];
    if (!ledger.hasRoom(command.account, command.symbol)) {
      return [Reject.CAPACITY, CapacityLimit.POSITIONS];
    }
    if (mayRest(command.type, command.timeInForce)) {
      return this.#checkPages(listing, command.side, command.price);
    }
    return undefined;
  }

  /** Whether the side has a page with this price, or may get one. */
  #checkPages(listing: Listing, side: number, price: number): Fault {
    const { limits } = this.#state;
    const pages = pagesOf(listing.side(side));
    if (pages.has(Math.floor(price / PAGE_PRICES))) return undefined;
    const isFull = pages.size >= limits.pagesPerSideMax || this.#pageCount() >= limits.pagesMax;
    return isFull ? [Reject.CAPACITY, CapacityLimit.LADDER_PAGES] : undefined;
  }

  #pageCount(): number {
    let count = 0;
    for (const listing of this.#state.listings.values()) {
      count += pagesOf(listing.side(Side.BUY)).size + pagesOf(listing.side(Side.SELL)).size;
    }
    return count;
  }

  /** A limit order needs its limit; a market order what it would take from the book as it stands. */
  #checkMeans(command: ReadCommand, { fees }: Incoming, plan: Plan): Fault {
    const { ledger } = this.#state;
    const { account, symbol, side, type, price, quantity } = command;
    const owner = ledger.of(account);
    if (side === Side.BUY) {
      const cost = type === OrderType.MARKET ? plan.cost : costOf(price, quantity, fees);
      return cost > owner.cash.available ? [Reject.INSUFFICIENT_FUNDS, 0] : undefined;
    }
    const covered = ledger.available(account, symbol) >= BigInt(quantity);
    return covered || owner.mayShort ? undefined : [Reject.INSUFFICIENT_SHARES, 0];
  }

  /** Post-only, fill-or-kill, liquidity, self-trade. */
  #checkMatch(listing: Listing, command: ReadCommand, limit: number, plan: Plan): Fault {
    const { account, side, type, timeInForce, selfTrade, flags, quantity } = command;
    const [best] = listing.side(opposite(side));
    const meets = best !== undefined && crosses(side, limit, best.price);
    if ((flags & OrderFlag.POST_ONLY) !== 0 && meets) return [Reject.POST_ONLY_WOULD_CROSS, 0];
    if (timeInForce === TimeInForce.FOK && plan.filled < quantity) return [Reject.FILL_OR_KILL, 0];
    const skipsOwn = selfTrade === SelfTrade.CANCEL_OLDEST;
    if (type === OrderType.MARKET && (!meets || (skipsOwn && plan.filled === 0))) {
      return [Reject.NO_LIQUIDITY, 0];
    }
    const stopsAtOwn = selfTrade === SelfTrade.CANCEL_NEWEST;
    if (stopsAtOwn && meets && best.account === account) return [Reject.SELF_TRADE, 0];
    return undefined;
  }

  /** An order that passed every check trades, and rests or ends. */
  #enter(listing: Listing, order: Order, command: ReadCommand, plan: Plan): Outcome {
    const state = this.#state;
    state.clientIds.add(order, command);
    state.ledger.position(order.account, order.symbol);
    this.#floor.trade(listing, order, plan);
    const immediate = !mayRest(order.type, order.timeInForce);
    const preventedAll = plan.prevented || order.type === OrderType.MARKET;
    if (order.remaining > 0 && plan.filled === 0 && preventedAll) {
      state.clientIds.remove(order);
      return state.refuse(Reject.SELF_TRADE, order.account);
    }
    if (order.remaining > 0 && !plan.prevented && !immediate) {
      return this.#floor.rest(listing, order);
    }
    state.clientIds.retire(order);
    if (order.remaining === 0) return this.#floor.tell(order, OrderStatus.FILLED, { reply: true });
    const status = plan.prevented ? OrderStatus.CANCELLED : OrderStatus.EXPIRED;
    return this.#floor.tell(order, status, { reply: true, news: true });
  }

  /** In every state of the symbol. */
  cancel(command: ReadCommand): Outcome {
    const order = this.#target(command);
    if ("event" in order) return order;
    return this.#floor.cancel(order, { reply: true, news: true });
  }

  /** Newest first. */
  cancelAll({ account, symbol }: ReadCommand): Outcome {
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
  #target({ account, order: number, text, symbol }: ReadCommand): Order | Outcome {
    const state = this.#state;
    const { ledger } = state;
    const named = number !== 0 ? number : (state.clientIds.find(account, text)?.order.number ?? 0);
    const order = state.orders.get(named);
    if (order !== undefined && (symbol < 0 || symbol === order.symbol)) {
      const user = ledger.exists(account) ? ledger.of(account).user : 0;
      const sameUser = user !== 0 && user === ledger.of(order.account).user;
      if (account === 0 || account === order.account || sameUser) return order;
    }
    const known = state.wasTold(named) ? named : 0;
    return state.refuse(Reject.UNKNOWN_ORDER, account, InvalidField.ORDER, known);
  }

  /** Less at the same price keeps the place; anything else goes out and comes in as the newest. */
  amend(command: ReadCommand): Outcome {
    const state = this.#state;
    const order = this.#target(command);
    if ("event" in order) return order;
    const price = command.price === 0 ? order.price : command.price;
    const quantity = command.quantity === 0 ? order.quantity : command.quantity;
    const listing = this.#floor.listingOf(order);
    const keepsPlace = price === order.price && quantity <= order.quantity;
    const fault =
      this.#checkAmendment(order, listing, price, quantity, keepsPlace) ??
      (keepsPlace ? undefined : this.#checkReplacement(order, listing, price, quantity));
    if (fault !== undefined) {
      return state.refuse(fault[0], order.account, fault[1], order.number);
    }
    if (!keepsPlace) return this.#replace(order, listing, price, quantity);
    if (quantity === order.quantity) {
      return this.#floor.tell(order, openStatus(order), { reply: true, open: true });
    }
    return this.#floor.reduce(order, order.quantity - quantity, { reply: true, news: true });
  }

  #checkAmendment(
    order: Order,
    listing: Listing,
    price: number,
    quantity: number,
    keepsPlace: boolean,
  ): Fault {
    const filled = order.quantity - order.remaining;
    if (quantity <= filled || price < 0) return [Reject.INVALID_PARAMETER, InvalidField.QUANTITY];
    if (!keepsPlace) return this.#checkRules(listing, price, quantity);
    return listing.state === SymbolState.HALTED ? [Reject.SYMBOL_NOT_TRADING, 0] : undefined;
  }

  /** Everything is checked before the order is touched: when refused, it stays as it was. */
  #checkReplacement(order: Order, listing: Listing, price: number, quantity: number): Fault {
    const { ledger } = this.#state;
    const owner = ledger.of(order.account);
    const remaining = quantity - (order.quantity - order.remaining);
    const pages = this.#checkPages(listing, order.side, price);
    if (pages !== undefined) return pages;
    if (order.side === Side.BUY) {
      const held = costOf(order.price, order.remaining, order.fees);
      if (costOf(price, remaining, order.fees) > owner.cash.available + held) {
        return [Reject.INSUFFICIENT_FUNDS, 0];
      }
    } else {
      const sellable = ledger.available(order.account, order.symbol) + BigInt(order.remaining);
      if (BigInt(remaining) > sellable && !owner.mayShort) return [Reject.INSUFFICIENT_SHARES, 0];
    }
    const [best] = listing.side(opposite(order.side));
    if (best === undefined || !crosses(order.side, price, best.price)) return undefined;
    if (order.postOnly) return [Reject.POST_ONLY_WOULD_CROSS, 0];
    const { selfTrade } = order;
    const goesOn = selfTrade === SelfTrade.NONE || selfTrade === SelfTrade.CANCEL_OLDEST;
    return !goesOn && best.account === order.account ? [Reject.SELF_TRADE, 0] : undefined;
  }

  #replace(order: Order, listing: Listing, price: number, quantity: number): Outcome {
    const state = this.#state;
    this.#floor.withdraw(order);
    order.remaining = quantity - (order.quantity - order.remaining);
    order.price = price;
    order.quantity = quantity;
    const incoming = { ...order, limit: price, quantity: order.remaining };
    const plan = planMatch(incoming, listing.side(opposite(order.side)));
    this.#floor.trade(listing, order, plan);
    if (order.remaining > 0 && !plan.prevented) return this.#floor.rest(listing, order);
    state.clientIds.retire(order);
    if (order.remaining === 0) return this.#floor.tell(order, OrderStatus.FILLED, { reply: true });
    return this.#floor.tell(order, OrderStatus.CANCELLED, { reply: true, news: true });
  }
}

function opposite(side: number): number {
  return side === Side.BUY ? Side.SELL : Side.BUY;
}

function mayRest(type: number, timeInForce: number): boolean {
  return type === OrderType.LIMIT && timeInForce === TimeInForce.GTC;
}

function openStatus(order: Order): number {
  return order.remaining === order.quantity ? OrderStatus.ACCEPTED : OrderStatus.PARTIALLY_FILLED;
}

function pagesOf(orders: readonly Order[]): Set<number> {
  return new Set(orders.map(({ price }) => Math.floor(price / PAGE_PRICES)));
}

/** Stops are not traded yet. */
function isWellFormed(command: ReadCommand): boolean {
  const { side, type, timeInForce, selfTrade, flags, price, quantity } = command;
  const isKnown = (table: Record<string, number>, value: number): boolean =>
    Object.values(table).includes(value);
  return (
    isKnown(Side, side) &&
    (type === OrderType.LIMIT || type === OrderType.MARKET) &&
    isKnown(TimeInForce, timeInForce) &&
    isKnown(SelfTrade, selfTrade) &&
    (flags === 0 || flags === OrderFlag.POST_ONLY) &&
    quantity > 0 &&
    (type === OrderType.MARKET || price > 0)
  );
}

function newOrder(command: ReadCommand, state: State): Order {
  const { account, symbol, side, type, timeInForce, selfTrade, flags, price, quantity } = command;
  return {
    number: 0,
    account,
    symbol,
    side,
    type,
    timeInForce,
    selfTrade,
    postOnly: (flags & OrderFlag.POST_ONLY) !== 0,
    price,
    stopPrice: command.stopPrice,
    quantity,
    remaining: quantity,
    notional: 0n,
    fees: state.fees,
    clientId: command.text,
    rank: 0,
    timestamp: state.timestamp,
  };
}
