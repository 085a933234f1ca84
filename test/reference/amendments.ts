/** The AMEND command by the rules of the wire contract. */
import { OrderType, SelfTrade, Side, SymbolState } from "../../src/core/command.ts";
import { OrderStatus } from "../../src/core/event.ts";
import { InvalidField, Reject } from "../../src/core/reject.ts";
import type { ReplyEvent } from "./exchange-event.ts";
import type { Floor } from "./floor.ts";
import type { Listing } from "./listing.ts";
import { costOf, type Order, openStatus, opposite } from "./order.ts";
import type { OrderDesk } from "./order-desk.ts";
import type { Overdue } from "./overdue.ts";
import { planMatch } from "./plan.ts";
import type { ReadCommand } from "./read-command.ts";
import {
  checkBacklog,
  checkBand,
  checkIncrement,
  checkMeans,
  checkPages,
  checkSize,
  checkState,
  type Fault,
  meetsAnything,
  meetsOwn,
  ownMaxOf,
  pricesOf,
  stopPricesOf,
} from "./rules.ts";
import type { State } from "./state.ts";
import type { Stops } from "./stops.ts";

/** The order as it should be after the amendment. */
interface Change {
  price: number;
  stopPrice: number;
  quantity: number;
  /** The quantity that remains after it. */
  remaining: number;
}

export class Amendments {
  readonly #state: State;
  readonly #floor: Floor;
  readonly #overdue: Overdue;
  readonly #stops: Stops;
  readonly #desk: OrderDesk;

  constructor(state: State, floor: Floor, overdue: Overdue, stops: Stops, desk: OrderDesk) {
    this.#state = state;
    this.#floor = floor;
    this.#overdue = overdue;
    this.#stops = stops;
    this.#desk = desk;
  }

  /**
   * A smaller quantity at the same price keeps the place in the queue. Any other change removes the order and
   * enters it as the newest. From version 1 of the rules, a total that is not more than the filled quantity
   * cancels the rest.
   */
  amend(command: ReadCommand): ReplyEvent {
    const state = this.#state;
    const order = this.#desk.target(command);
    if ("event" in order) return order;
    const listing = this.#floor.listingOf(order);
    const change = changeOf(order, listing, command);
    const { price, stopPrice, quantity } = change;
    const hasNothingLeft = quantity > 0 && change.remaining <= 0;
    const endsIt = hasNothingLeft && state.rules.version > 0;
    const stays = price === order.price && stopPrice === order.stopPrice;
    const keepsPlace = stays && quantity <= order.quantity;
    const fault =
      checkChange(order, command, change, endsIt) ??
      (keepsPlace || endsIt
        ? checkNotHalted(listing, endsIt)
        : this.#checkReplacement(order, listing, change, command.stopPrice));
    if (fault !== undefined) return state.refuseFor(fault, order.account, order.number);
    if (endsIt) {
      const reason = command.account === 0 ? "OPERATOR" : "USER";
      return this.#floor.cancel(order, { reply: true, news: true, reason });
    }
    if (!keepsPlace) return this.#replace(order, listing, change);
    if (quantity === order.quantity) {
      const flags = { reply: true, open: true, unchanged: true };
      return this.#floor.tell(order, openStatus(order), flags);
    }
    return this.#floor.reduce(order, order.quantity - quantity, { reply: true, news: true });
  }

  /** Makes all checks before it changes the order. A refused amendment leaves the order as it was. */
  #checkReplacement(order: Order, listing: Listing, change: Change, newStopPrice: number): Fault {
    const state = this.#state;
    const { price, stopPrice, quantity, remaining } = change;
    const { pending, type, side } = order;
    const held =
      side === Side.BUY
        ? costOf(order.price, order.remaining, order.fees, order.feeCarry)
        : BigInt(order.remaining);
    const hasPrice = !pending || type === OrderType.STOP_LIMIT;
    return (
      checkState(listing, type, order.timeInForce) ??
      checkIncrement(listing, hasPrice ? price : 0, newStopPrice) ??
      (pending ? undefined : checkBand(listing, price)) ??
      checkSize(listing, hasPrice ? price : stopPrice, quantity) ??
      checkBacklog(state, listing) ??
      (pending
        ? checkPages(
            state,
            order.account,
            stopPricesOf(listing.stops(side)),
            stopPrice,
            side === Side.SELL,
            true,
            listing.isAloneOnPage(order) ? 1 : 0,
          )
        : checkPages(
            state,
            order.account,
            pricesOf(listing.side(side)),
            price,
            side === Side.BUY,
            false,
            listing.isAloneOnPage(order) ? 1 : 0,
          )) ??
      this.#clear(order, listing, change) ??
      checkMeans(state, { ...order, price, quantity: remaining }, held) ??
      this.#checkMatch(order, listing, price)
    );
  }

  #clear(order: Order, listing: Listing, { price, remaining }: Change): Fault {
    if (order.pending || listing.state !== SymbolState.TRADING) return undefined;
    return this.#overdue.clear(listing, { ...order, limit: price, quantity: remaining }).fault;
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
    const { price: before, stopPrice: stopBefore } = order;
    this.#floor.withdraw(order);
    Object.assign(order, change);
    if (order.pending) {
      if (order.stopPrice !== stopBefore) state.entered = listing;
      return this.#stops.wait(order);
    }
    state.entered = listing;
    const incoming = { ...order, limit: order.price, quantity: order.remaining };
    const trades = listing.state === SymbolState.TRADING;
    const plan = planMatch(
      incoming,
      trades ? listing.side(opposite(order.side)) : [],
      ownMaxOf(this.#state),
    );
    this.#floor.trade(listing, order, plan);
    if (order.price !== before) this.#floor.tellLevel(listing, order.side, before);
    if (order.remaining > 0 && !plan.prevented) return this.#floor.rest(order, { reply: true });
    state.clientIds.retire(order);
    if (order.remaining === 0) return this.#floor.tell(order, OrderStatus.FILLED, { reply: true });
    const why = { reply: true, news: true, reason: "SELF_TRADE" } as const;
    return this.#floor.tell(order, OrderStatus.CANCELLED, why);
  }
}

/** When the stop price of a waiting STOP moves, its limit for trading is computed anew. */
function changeOf(order: Order, listing: Listing, asked: ReadCommand): Change {
  const stopPrice = asked.stopPrice === 0 ? order.stopPrice : asked.stopPrice;
  const quantity = asked.quantity === 0 ? order.quantity : asked.quantity;
  const remaining = quantity - (order.quantity - order.remaining);
  const isMovedStop =
    order.pending && order.type === OrderType.STOP && stopPrice !== order.stopPrice;
  const price = asked.price === 0 ? order.price : asked.price;
  const limit = isMovedStop ? listing.limitOf({ ...order, stopPrice }) : price;
  return { price: limit, stopPrice, quantity, remaining };
}

function checkNotHalted({ state }: Listing, endsIt: boolean): Fault {
  return state === SymbolState.HALTED && !endsIt ? [Reject.SYMBOL_NOT_TRADING, 0] : undefined;
}

/**
 * Something must remain, and the prices must be valid. A waiting STOP has no price that could be changed, and
 * only a waiting order has a stop price that could be changed.
 */
function checkChange(
  order: Order,
  asked: ReadCommand,
  { remaining }: Change,
  endsIt: boolean,
): Fault {
  if (remaining <= 0 && !endsIt) return [Reject.INVALID_PARAMETER, InvalidField.QUANTITY];
  const hasNoPrice = order.pending && order.type === OrderType.STOP;
  const isUnsound = asked.price < 0 || (hasNoPrice && asked.price !== 0);
  if (isUnsound) return [Reject.INVALID_PARAMETER, InvalidField.PRICE];
  const isUnsoundStop = asked.stopPrice < 0 || (asked.stopPrice !== 0 && !order.pending);
  return isUnsoundStop ? [Reject.INVALID_PARAMETER, InvalidField.STOP_PRICE] : undefined;
}
