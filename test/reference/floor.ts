/**
 * Executes trades, puts orders into the book and takes them out, moves the cash and shares, and writes the
 * events.
 */
import { Side, SymbolState } from "../../src/core/command.ts";
import { type EndReason, OrderStatus } from "../../src/core/event.ts";
import { nameIn, type OrderEvent } from "./exchange-event.ts";
import type { Balance } from "./ledger.ts";
import type { Listing } from "./listing.ts";
import {
  areOfOneUser,
  chargeFee,
  costOf,
  feeOf,
  type Order,
  openStatus,
  opposite,
  payRebate,
  restingViewOf,
  viewOf,
} from "./order.ts";
import type { Plan } from "./plan.ts";
import type { State } from "./state.ts";

/** Flags of an ORDER event (an absent flag is false), and why the order ended. */
interface Flags {
  reply?: boolean;
  news?: boolean;
  duplicate?: boolean;
  open?: boolean;
  unchanged?: boolean;
  reason?: keyof typeof EndReason;
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

  /** The event that describes the order. */
  tell(order: Order, status: number, flags: Flags): OrderEvent {
    this.#state.number(order);
    return {
      event: "ORDER",
      status: nameIn(OrderStatus, status),
      reason: "NONE",
      reply: false,
      news: false,
      duplicate: false,
      open: false,
      unchanged: false,
      ...flags,
      ...restingViewOf(order),
    };
  }

  /** Writes the event of the total quantity at a price. */
  tellLevel(listing: Listing, side: number, price: number): void {
    this.#state.events.push({
      event: "LEVEL",
      symbol: listing.number,
      side: nameIn(Side, side),
      price,
      total: listing.totalAt(side, price),
    });
  }

  /** The same for the price of an order that rests or rested. Waiting stops have no level. */
  #tellLevelOf(order: Order): void {
    if (!order.pending) this.tellLevel(this.listingOf(order), order.side, order.price);
  }

  /** Executes the plan, then writes the level events of the prices that it traded at. */
  trade(listing: Listing, taker: Order, plan: Plan): void {
    const { events, timestamp } = this.#state;
    this.#state.touch(taker);
    const prices = new Set<number>();
    let last: { price: number; quantity: number } | undefined;
    const all = { notional: 0n, quantity: 0n };
    for (const step of plan.steps) {
      if (step.step === "FILL") {
        last = { price: step.maker.price, quantity: step.quantity };
        prices.add(last.price);
        all.notional += BigInt(last.price) * BigInt(step.quantity);
        all.quantity += BigInt(step.quantity);
        this.#fill(taker, step.maker, step.quantity);
      } else if (step.step === "REDUCE") {
        events.push(this.reduce(step.maker, step.quantity, { news: true }));
      } else {
        events.push(this.cancel(step.maker, { news: true, reason: "SELF_TRADE" }));
        taker.quantity -= step.decrement;
        taker.remaining -= step.decrement;
      }
    }
    for (const price of prices) this.tellLevel(listing, opposite(taker.side), price);
    if (last !== undefined) listing.traded([...prices], last.quantity, timestamp, all);
  }

  /** One fill of an incoming order, at the price of the resting order. */
  #fill(taker: Order, maker: Order, quantity: number): void {
    this.#release(maker);
    const notional = BigInt(maker.price) * BigInt(quantity);
    const takerFee = this.#charge(taker, notional, taker.fees.taker);
    const makerFee = this.#makerFee(taker, maker, notional, takerFee);
    this.#settle(taker, maker, maker.price, quantity, takerFee, makerFee);
    this.#holdOrLeave(maker);
  }

  /**
   * One fill of two resting orders, at the auction's price. Each pays its maker's fee. From version 1 of the
   * rules no rebate is paid.
   */
  fillInAuction(later: Order, earlier: Order, price: number, quantity: number): void {
    for (const order of [later, earlier]) this.#release(order);
    const notional = BigInt(price) * BigInt(quantity);
    const [laterFee, earlierFee] = [later, earlier].map((order) => {
      const bps = order.fees.maker;
      const hasNone = bps < 0n && this.#state.rules.version > 0;
      return hasNone ? 0n : this.#charge(order, notional, bps);
    });
    this.#settle(later, earlier, price, quantity, laterFee ?? 0n, earlierFee ?? 0n);
    // The buyer leaves first. If there are too many client order ids, this order decides which one is
    // forgotten.
    const [buyer, seller] = later.side === Side.BUY ? [later, earlier] : [earlier, later];
    for (const order of [buyer, seller]) this.#holdOrLeave(order);
  }

  /** The fee of a fill. From version 1 of the rules: how much the order's total fee grows with the fill. */
  #charge(order: Order, notional: bigint, bps: bigint): bigint {
    return this.#state.rules.version > 0 ? chargeFee(order, notional, bps) : feeOf(notional, bps);
  }

  /**
   * From version 1 of the rules, a rebate is paid out of the taker's fee, and a trade with oneself gives
   * none.
   */
  #makerFee(taker: Order, maker: Order, notional: bigint, takerFee: bigint): bigint {
    const bps = maker.fees.maker;
    if (bps >= 0n || this.#state.rules.version === 0) return this.#charge(maker, notional, bps);
    return areOfOneUser(taker, maker) ? 0n : -payRebate(maker, notional, -bps, takerFee);
  }

  /** Moves the cash and shares of a fill, and writes the event. */
  #settle(
    taker: Order,
    maker: Order,
    price: number,
    quantity: number,
    takerFee: bigint,
    makerFee: bigint,
  ): void {
    const state = this.#state;
    const { ledger } = state;
    const notional = BigInt(price) * BigInt(quantity);
    for (const order of [taker, maker]) {
      order.remaining -= quantity;
      order.notional += notional;
      state.touch(order);
    }
    const [buyer, seller] = taker.side === Side.BUY ? [taker, maker] : [maker, taker];
    ledger.of(buyer.account).cash.available -= notional;
    ledger.of(seller.account).cash.available += notional;
    ledger.position(buyer.account, buyer.symbol).available += BigInt(quantity);
    ledger.position(seller.account, seller.symbol).available -= BigInt(quantity);
    ledger.of(taker.account).cash.available -= takerFee;
    ledger.of(maker.account).cash.available -= makerFee;
    ledger.operator.cash.available += takerFee + makerFee;

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
  }

  /** Called after a fill of a resting order, when nothing is reserved for it. */
  #holdOrLeave(order: Order): void {
    this.#hold(order);
    if (order.remaining > 0) return;
    this.withdraw(order);
    this.#state.clientIds.retire(order);
  }

  /** Reserves what the order needs: cash with fees for a purchase, shares for a sale. */
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
      return [
        ledger.of(order.account).cash,
        costOf(order.price, order.remaining, order.fees, order.feeCarry),
      ];
    }
    return [ledger.position(order.account, order.symbol), BigInt(order.remaining)];
  }

  /** Adds an order to the book, or a stop to the waiting stops, as the newest. */
  rest(order: Order, flags: Flags): OrderEvent {
    const state = this.#state;
    state.number(order);
    order.rank = state.nextRank();
    this.#hold(order);
    this.listingOf(order).add(order);
    state.orders.set(order.number, order);
    this.#tellLevelOf(order);
    const news = !this.#wasToldOf(order);
    return this.tell(order, openStatus(order), { ...flags, news, open: true });
  }

  /** Whether the last trade event of this command already describes the order in its current state. */
  #wasToldOf(order: Order): boolean {
    const trade = this.#state.events.findLast((event) => event.event === "TRADE");
    if (trade === undefined) return false;
    const { taker } = trade;
    return (
      taker.order === order.number &&
      taker.price === order.price &&
      taker.quantity === order.quantity &&
      taker.remaining === order.remaining
    );
  }

  cancel(order: Order, flags: Flags): OrderEvent {
    return this.end(order, OrderStatus.CANCELLED, flags);
  }

  /** Ends an open order. */
  end(order: Order, status: number, flags: Flags): OrderEvent {
    this.withdraw(order);
    this.#tellLevelOf(order);
    this.#state.clientIds.retire(order);
    this.#state.touch(order);
    return this.tell(order, status, flags);
  }

  /** Reduces an open order. It keeps its place. */
  reduce(order: Order, quantity: number, flags: Flags): OrderEvent {
    this.#release(order);
    order.quantity -= quantity;
    order.remaining -= quantity;
    this.#state.touch(order);
    this.#hold(order);
    this.#tellLevelOf(order);
    return this.tell(order, openStatus(order), { ...flags, open: true });
  }

  /** Removes an open order from the book or the waiting stops, and releases its reservation. */
  withdraw(order: Order): void {
    this.#release(order);
    this.listingOf(order).remove(order);
    this.#state.orders.delete(order.number);
  }

  /** Sets the state of a symbol until `due` (0 = for good). The price window starts again. */
  setState(listing: Listing, state: number, due: number): void {
    listing.due = due;
    listing.forgetPrices();
    if (listing.state === state) return;
    listing.state = state;
    const { number: symbol } = listing;
    this.#state.events.push({ event: "SYMBOL", symbol, state: nameIn(SymbolState, state) });
  }
}
