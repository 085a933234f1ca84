/** AMEND as the wire contract has it. */
import { OrderType, SelfTrade, Side, SymbolState } from "../../src/core/command.ts";
import { OrderStatus } from "../../src/core/event.ts";
import { InvalidField, Reject } from "../../src/core/reject.ts";
import type { ReplyEvent } from "./exchange-event.ts";
import type { Floor } from "./floor.ts";
import type { Listing } from "./listing.ts";
import { costOf, type Order, openStatus, opposite } from "./order.ts";
import type { OrderDesk } from "./order-desk.ts";
import { planMatch } from "./plan.ts";
import type { ReadCommand } from "./read-command.ts";
import {
  checkBand,
  checkIncrement,
  checkMeans,
  checkPages,
  checkSize,
  checkState,
  type Fault,
  meetsAnything,
  meetsOwn,
  pricesOf,
} from "./rules.ts";
import type { State } from "./state.ts";
import type { Stops } from "./stops.ts";

/** What the order is to be. */
interface Change {
  price: number;
  quantity: number;
  /** What is to be left of it. */
  remaining: number;
}

export class Amendments {
  readonly #state: State;
  readonly #floor: Floor;
  readonly #stops: Stops;
  readonly #desk: OrderDesk;

  constructor(state: State, floor: Floor, stops: Stops, desk: OrderDesk) {
    this.#state = state;
    this.#floor = floor;
    this.#stops = stops;
    this.#desk = desk;
  }

  /** Less at the same price keeps the place; anything else goes out and comes in as the newest. */
  amend(command: ReadCommand): ReplyEvent {
    const state = this.#state;
    const order = this.#desk.target(command);
    if ("event" in order) return order;
    const price = command.price === 0 ? order.price : command.price;
    const quantity = command.quantity === 0 ? order.quantity : command.quantity;
    const change = { price, quantity, remaining: quantity - (order.quantity - order.remaining) };
    const listing = this.#floor.listingOf(order);
    const keepsPlace = price === order.price && quantity <= order.quantity;
    const fault =
      checkChange(order, command, change) ??
      (keepsPlace ? checkNotHalted(listing) : this.#checkReplacement(order, listing, change));
    if (fault !== undefined) {
      return state.refuse(fault[0], order.account, fault[1], order.number);
    }
    if (!keepsPlace) return this.#replace(order, listing, change);
    if (quantity === order.quantity) {
      return this.#floor.tell(order, openStatus(order), { reply: true, open: true });
    }
    return this.#floor.reduce(order, order.quantity - quantity, { reply: true, news: true });
  }

  /** Everything is checked before the order is touched: when refused, it stays as it was. */
  #checkReplacement(order: Order, listing: Listing, { price, quantity, remaining }: Change): Fault {
    const state = this.#state;
    const { pending, type, side, stopPrice } = order;
    const held =
      side === Side.BUY
        ? costOf(order.price, order.remaining, order.fees)
        : BigInt(order.remaining);
    const hasPrice = !pending || type === OrderType.STOP_LIMIT;
    return (
      checkState(listing, type, order.timeInForce) ??
      (hasPrice ? checkIncrement(listing, price) : undefined) ??
      (pending ? undefined : checkBand(listing, price)) ??
      checkSize(listing, hasPrice ? price : stopPrice, quantity) ??
      (pending ? undefined : checkPages(state, pricesOf(listing.side(side)), price)) ??
      checkMeans(state, { ...order, price, quantity: remaining }, held) ??
      this.#checkMatch(order, listing, price)
    );
  }

  #checkMatch(order: Order, listing: Listing, price: number): Fault {
    if (order.pending || listing.state !== SymbolState.TRADING) return undefined;
    const incoming = { ...order, limit: price };
    if (order.postOnly && meetsAnything(listing, incoming)) {
      return [Reject.POST_ONLY_WOULD_CROSS, 0];
    }
    const { selfTrade } = order;
    const goesOn = selfTrade === SelfTrade.NONE || selfTrade === SelfTrade.CANCEL_OLDEST;
    return !goesOn && meetsOwn(listing, incoming) ? [Reject.SELF_TRADE, 0] : undefined;
  }

  #replace(order: Order, listing: Listing, change: Change): ReplyEvent {
    const state = this.#state;
    this.#floor.withdraw(order);
    Object.assign(order, change);
    if (order.pending) return this.#stops.wait(order);
    state.entered = listing;
    const incoming = { ...order, limit: order.price, quantity: order.remaining };
    const trades = listing.state === SymbolState.TRADING;
    const plan = planMatch(incoming, trades ? listing.side(opposite(order.side)) : []);
    this.#floor.trade(listing, order, plan);
    if (order.remaining > 0 && !plan.prevented) return this.#floor.rest(order, { reply: true });
    state.clientIds.retire(order);
    if (order.remaining === 0) return this.#floor.tell(order, OrderStatus.FILLED, { reply: true });
    return this.#floor.tell(order, OrderStatus.CANCELLED, { reply: true, news: true });
  }
}

function checkNotHalted({ state }: Listing): Fault {
  return state === SymbolState.HALTED ? [Reject.SYMBOL_NOT_TRADING, 0] : undefined;
}

/** Something must be left, and the price must be one; a waiting STOP has none that could be changed. */
function checkChange(order: Order, asked: ReadCommand, { price, remaining }: Change): Fault {
  if (remaining <= 0) return [Reject.INVALID_PARAMETER, InvalidField.QUANTITY];
  const hasNoPrice = order.pending && order.type === OrderType.STOP;
  const isUnsound = price < 0 || (hasNoPrice && asked.price !== 0);
  return isUnsound ? [Reject.INVALID_PARAMETER, InvalidField.PRICE] : undefined;
}
