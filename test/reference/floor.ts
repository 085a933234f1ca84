/** Orders trading, resting and leaving, with what that does to cash and shares, and the events of it. */
import { Side } from "../../src/core/command.ts";
import { OrderStatus } from "../../src/core/event.ts";
import { nameIn, type OrderEvent } from "./exchange-event.ts";
import type { Balance } from "./ledger.ts";
import type { Listing } from "./listing.ts";
import { costOf, feeOf, type Order, type Plan, viewOf } from "./order.ts";
import type { State } from "./state.ts";

/** Flags of an ORDER event; absent is false. */
interface Flags {
  reply?: boolean;
  news?: boolean;
  duplicate?: boolean;
  open?: boolean;
}

export class Floor {
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  listingOf(order: Order): Listing {
    const listing = this.#state.listing(order.symbol);
    if (listing === undefined) throw new RangeError(`symbol ${order.symbol} is not listed`);
    return listing;
  }

  /** The event that tells of an order. */
  tell(order: Order, status: number, flags: Flags): OrderEvent {
    this.#state.number(order);
    return {
      event: "ORDER",
      status: nameIn(OrderStatus, status),
      reply: false,
      news: false,
      duplicate: false,
      open: false,
      ...flags,
      ...viewOf(order),
    };
  }

  /** Does what the plan says. */
  trade(listing: Listing, taker: Order, plan: Plan): void {
    const { events, timestamp } = this.#state;
    taker.timestamp = timestamp;
    for (const step of plan.steps) {
      if (step.step === "FILL") {
        this.#fill(listing, taker, step.maker, step.quantity);
      } else if (step.step === "REDUCE") {
        events.push(this.reduce(step.maker, step.quantity, { news: true }));
      } else {
        events.push(this.cancel(step.maker, { news: true }));
        taker.quantity -= step.decrement;
        taker.remaining -= step.decrement;
      }
    }
  }

  /** One fill, at the maker's price. */
  #fill(listing: Listing, taker: Order, maker: Order, quantity: number): void {
    const state = this.#state;
    const { ledger } = state;
    const { price } = maker;
    const notional = BigInt(price) * BigInt(quantity);
    const takerFee = feeOf(notional, taker.fees.taker);
    const makerFee = feeOf(notional, maker.fees.maker);

    this.#release(maker);
    for (const order of [taker, maker]) {
      order.remaining -= quantity;
      order.notional += notional;
      order.timestamp = state.timestamp;
    }
    const [buyer, seller] = taker.side === Side.BUY ? [taker, maker] : [maker, taker];
    ledger.of(buyer.account).cash.available -= notional;
    ledger.of(seller.account).cash.available += notional;
    ledger.position(buyer.account, buyer.symbol).available += BigInt(quantity);
    ledger.position(seller.account, seller.symbol).available -= BigInt(quantity);
    ledger.of(taker.account).cash.available -= takerFee;
    ledger.of(maker.account).cash.available -= makerFee;
    ledger.house.cash.available += takerFee + makerFee;
    this.#hold(maker);
    listing.traded(price, quantity, state.timestamp);

    state.number(taker);
    state.events.push({
      event: "TRADE",
      trade: ++state.trades,
      price,
      quantity,
      taker: viewOf(taker),
      takerFee: Number(takerFee),
      maker: viewOf(maker),
      makerFee: Number(makerFee),
    });
    if (maker.remaining === 0) this.#leave(maker);
  }

  /** Sets aside what the order needs: cash for a purchase with its fee, shares for a sale. */
  #hold(order: Order): void {
    const [balance, amount] = this.#needs(order);
    balance.reserve(amount);
  }

  #release(order: Order): void {
    const [balance, amount] = this.#needs(order);
    balance.reserve(-amount);
  }

  #needs(order: Order): [Balance, bigint] {
    const { ledger } = this.#state;
    if (order.side === Side.BUY) {
      return [ledger.of(order.account).cash, costOf(order.price, order.remaining, order.fees)];
    }
    return [ledger.position(order.account, order.symbol), BigInt(order.remaining)];
  }

  /** Puts an order into the book as the newest, and answers the command with it. */
  rest(listing: Listing, order: Order): OrderEvent {
    const state = this.#state;
    state.number(order);
    order.rank = state.nextRank();
    this.#hold(order);
    listing.add(order);
    state.orders.set(order.number, order);
    const isPartial = order.remaining < order.quantity;
    const status = isPartial ? OrderStatus.PARTIALLY_FILLED : OrderStatus.ACCEPTED;
    return this.tell(order, status, { reply: true, news: !this.#wasToldOf(order), open: true });
  }

  /** Whether the last trade of this command told of the order just as it is now. */
  #wasToldOf(order: Order): boolean {
    const trade = this.#state.events.findLast((event) => event.event === "TRADE");
    if (trade === undefined) return false;
    const { taker } = trade;
    return taker.quantity === order.quantity && taker.remaining === order.remaining;
  }

  cancel(order: Order, flags: Flags): OrderEvent {
    this.withdraw(order);
    this.#state.clientIds.retire(order);
    order.timestamp = this.#state.timestamp;
    return this.tell(order, OrderStatus.CANCELLED, flags);
  }

  /** Takes shares off a resting order, which keeps its place. */
  reduce(order: Order, quantity: number, flags: Flags): OrderEvent {
    this.#release(order);
    order.quantity -= quantity;
    order.remaining -= quantity;
    order.timestamp = this.#state.timestamp;
    this.#hold(order);
    const isPartial = order.remaining < order.quantity;
    const status = isPartial ? OrderStatus.PARTIALLY_FILLED : OrderStatus.ACCEPTED;
    return this.tell(order, status, { ...flags, open: true });
  }

  /** Takes a resting order out of the book, with all that was set aside for it. */
  withdraw(order: Order): void {
    this.#release(order);
    this.listingOf(order).remove(order);
    this.#state.orders.delete(order.number);
  }

  /** A resting order that is filled. */
  #leave(order: Order): void {
    this.withdraw(order);
    this.#state.clientIds.retire(order);
  }
}
