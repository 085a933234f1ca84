/**
 * The call auction: orders gather without matching, and then all orders that can trade do so at one price.
 *
 * The price is the one at which most shares trade. If there are several, it is the one that leaves the smallest surplus
 * on one side; then the one nearest the reference price; then the lower one. It need not be the price of an order:
 * between two levels it may be any multiple of the price increment.
 *
 * ```
 *   bids          asks            at 101: demand 30, supply 25 ─► 25 trade, surplus 5
 *   10 @ 102                      at 102: demand 10, supply 25 ─► 10 trade
 *   20 @ 101      15 @ 101        at 100: demand 30, supply 10 ─► 10 trade
 *                 10 @ 100        price 101: the bids of 102 and 25 - 10 = 15 of those at 101 are filled
 * ```
 */
import { SelfTrade, Side, SymbolState } from "../command.ts";
import type { Emit } from "../emit.ts";
import { EndReason, EventFlag } from "../event.ts";
import type { CoreParts } from "../parts.ts";
import { S_BAND_BPS, S_INCREMENT, S_REFERENCE, SYMBOL_INTS } from "../symbols.ts";
import { L_HEAD, L_QUANTITY_F64, LEVEL_INTS, reaches } from "./ladder.ts";
import type { Matching } from "./matching.ts";
import {
  O_BOOK,
  O_FEE_CARRY,
  O_NEXT,
  O_NOTIONAL_F64,
  O_ORDER_FLAGS,
  O_OWNER,
  O_PRICE,
  O_RANK_F64,
  O_REMAINING,
  ORDER_SHIFT,
} from "./order-arena.ts";
import type { OrderFees } from "./order-fees.ts";
import type { Overdue } from "./overdue.ts";
import type { PriceBand } from "./price-band.ts";
import type { Protection } from "./protection.ts";
import type { Stops } from "./stops.ts";

export type Auction = ReturnType<typeof createAuction>;

export function createAuction(
  parts: CoreParts,
  matching: Matching,
  overdue: Overdue,
  orderFees: OrderFees,
  band: PriceBand,
  protection: Protection,
  stops: Stops,
  emit: Emit,
) {
  const { arena, ladder, symbols, rules } = parts;
  const O = arena.ints;
  const OD = arena.doubles;
  const { levels: L, quantities: LQ } = ladder;
  const { sweptLevels } = matching;
  const S = symbols.ints;

  /** Opens the symbol for trading: uncrosses the orders that have gathered, and then lets triggered stops come in. */
  function open(symbol: number): void {
    uncross(symbol);
    protection.setState(symbol, SymbolState.TRADING, 0);
    stops.aftermath(symbol);
  }

  /**
   * Trades at one price. Before that, overdue orders end. And of two orders of one user that would trade with each
   * other, the later is cancelled (unless both have the mode NONE). A cancellation may move the price, so the price is
   * searched for again after it.
   *
   * From version 1 of the rules on, all such pairs are dealt with before each new search. After AUCTION_SEARCHES_MAX
   * searches every user who has both bids and asks that could trade at any price loses his asks, and no pair is left.
   */
  function uncross(symbol: number): void {
    const bids = symbol << 1;
    const asks = bids | Side.SELL;
    overdue.clearCrossing(bids, asks);
    const price = rules.isAtLeast1() ? separate(symbol) : separateOneByOne(symbol);
    let lastQuantity = 0;
    let bidPrice = 0;
    let askPrice = 0;
    while (crosses(bids, asks, price)) {
      if (ladder.best(bids) !== bidPrice && bidPrice !== 0) sweptLevels.add(bids, bidPrice);
      if (ladder.best(asks) !== askPrice && askPrice !== 0) sweptLevels.add(asks, askPrice);
      bidPrice = ladder.best(bids);
      askPrice = ladder.best(asks);
      lastQuantity = fill(headOf(bids), headOf(asks), price);
    }
    if (lastQuantity === 0) return;
    sweptLevels.tell();
    emit.level(bids, bidPrice, quantityAt(bids, bidPrice));
    emit.level(asks, askPrice, quantityAt(asks, askPrice));
    matching.recordTrades(symbol, price, price, lastQuantity);
    if (S[symbol * SYMBOL_INTS + S_BAND_BPS] !== 0) band.auction(symbol, price);
  }

  /** The price, under rules before version 1: one pair is dealt with before each new search. */
  function separateOneByOne(symbol: number): number {
    const bids = symbol << 1;
    const asks = bids | Side.SELL;
    let price = clearingPrice(symbol);
    for (let own = meeting(bids, asks, price); own !== 0; own = meeting(bids, asks, price)) {
      cancelOwn(own);
      price = clearingPrice(symbol);
    }
    return price;
  }

  /** The price, from version 1 of the rules: all pairs are dealt with before each new search. */
  function separate(symbol: number): number {
    const bids = symbol << 1;
    const asks = bids | Side.SELL;
    let price = clearingPrice(symbol);
    for (let i = 0; i < rules.auctionSearchesMax; i++) {
      if (!cancelMeeting(bids, asks, price)) return price;
      price = clearingPrice(symbol);
    }
    if (meeting(bids, asks, price) === 0) return price;
    cancelAsksOfBidders(bids, asks);
    return clearingPrice(symbol);
  }

  /** Cancels the asks of every user who has bids and asks that could trade at some price. */
  function cancelAsksOfBidders(bids: number, asks: number): void {
    const lowest = ladder.best(asks);
    const highest = ladder.best(bids);
    const bidders = new Set<number>();
    const strictBidders = new Set<number>();
    for (let bid = headOf(bids); bid !== 0; bid = after(bid, lowest)) {
      bidders.add(O[bid + O_OWNER]);
      if (!allowsOwn(bid)) strictBidders.add(O[bid + O_OWNER]);
    }
    let ask = headOf(asks);
    while (ask !== 0) {
      const next = after(ask, highest);
      const owner = O[ask + O_OWNER];
      if (strictBidders.has(owner) || (!allowsOwn(ask) && bidders.has(owner))) cancelOwn(ask);
      ask = next;
    }
  }

  /**
   * Goes through the trades that there would be at `price`. Of two orders of one user that would meet, cancels the
   * later, and the next order of its side takes its place. Returns whether any was cancelled.
   */
  function cancelMeeting(bids: number, asks: number, price: number): boolean {
    if (!crosses(bids, asks, price)) return false;
    let hasCancelled = false;
    let bid = headOf(bids);
    let ask = headOf(asks);
    let bidLeft = O[bid + O_REMAINING];
    let askLeft = O[ask + O_REMAINING];
    while (bid !== 0 && ask !== 0) {
      const own = laterOfOwn(bid, ask);
      if (own === 0) {
        const quantity = Math.min(bidLeft, askLeft);
        bidLeft -= quantity;
        askLeft -= quantity;
      } else if (own === bid) {
        bidLeft = 0;
      } else {
        askLeft = 0;
      }
      if (bidLeft === 0) {
        bid = after(bid, price);
        bidLeft = O[bid + O_REMAINING];
      }
      if (askLeft === 0) {
        ask = after(ask, price);
        askLeft = O[ask + O_REMAINING];
      }
      if (own !== 0) {
        cancelOwn(own);
        hasCancelled = true;
      }
    }
    return hasCancelled;
  }

  function cancelOwn(o: number): void {
    matching.cancelResting(o, EventFlag.NEWS, EndReason.SELF_TRADE);
  }

  /** The later of two orders that must not trade with each other; 0 when they may. */
  function laterOfOwn(bid: number, ask: number): number {
    if (!mustNotMeet(bid, ask)) return 0;
    return isLater(bid, ask) ? bid : ask;
  }

  /** Whether both sides still reach `price`. They never reach 0, which is no price. */
  function crosses(bids: number, asks: number, price: number): boolean {
    if (price === 0) return false;
    return (
      reaches(Side.SELL, ladder.best(bids), price) && reaches(Side.BUY, ladder.best(asks), price)
    );
  }

  /**
   * Goes through the trades that there would be at `price`, and makes none. Returns the later of the first two orders
   * of one user that would trade with each other; 0 when there are none.
   */
  function meeting(bids: number, asks: number, price: number): number {
    if (!crosses(bids, asks, price)) return 0;
    let bid = headOf(bids);
    let ask = headOf(asks);
    let bidLeft = O[bid + O_REMAINING];
    let askLeft = O[ask + O_REMAINING];
    while (bid !== 0 && ask !== 0) {
      const own = laterOfOwn(bid, ask);
      if (own !== 0) return own;
      const quantity = Math.min(bidLeft, askLeft);
      bidLeft -= quantity;
      askLeft -= quantity;
      if (bidLeft === 0) {
        bid = after(bid, price);
        bidLeft = O[bid + O_REMAINING];
      }
      if (askLeft === 0) {
        ask = after(ask, price);
        askLeft = O[ask + O_REMAINING];
      }
    }
    return 0;
  }

  /** The order after `o` on its side, at `price` or better; 0 when there is none. */
  function after(o: number, price: number): number {
    rules.work[0]++;
    const next = O[o + O_NEXT];
    if (next !== 0) return next << ORDER_SHIFT;
    const book = O[o + O_BOOK];
    const worse = ladder.nextPrice(book, O[o + O_PRICE]);
    if (!reaches((book & 1) ^ 1, worse, price)) return 0;
    return L[ladder.find(book, worse) * LEVEL_INTS + L_HEAD] << ORDER_SHIFT;
  }

  function mustNotMeet(bid: number, ask: number): boolean {
    if (O[bid + O_OWNER] !== O[ask + O_OWNER]) return false;
    return !(allowsOwn(bid) && allowsOwn(ask));
  }

  function allowsOwn(o: number): boolean {
    return ((O[o + O_ORDER_FLAGS] >> 8) & 15) === SelfTrade.NONE;
  }

  function isLater(o: number, other: number): boolean {
    return OD[(o >> 1) + O_RANK_F64] > OD[(other >> 1) + O_RANK_F64];
  }

  /**
   * Trades the first orders of both sides with each other. Both pay maker's fees, if any. The later order is the taker.
   * Returns the shares.
   */
  function fill(bid: number, ask: number, price: number): number {
    const quantity = Math.min(O[bid + O_REMAINING], O[ask + O_REMAINING]);
    const bidLevel = ladder.bestLevel(O[bid + O_BOOK]);
    const askLevel = ladder.bestLevel(O[ask + O_BOOK]);
    const notional = price * quantity;
    const bidCarry = O[bid + O_FEE_CARRY];
    const bidFee = orderFees.ofAuction(bid, notional);
    const askFee = orderFees.ofAuction(ask, notional);
    for (const o of [bid, ask]) {
      O[o + O_REMAINING] -= quantity;
      OD[(o >> 1) + O_NOTIONAL_F64] += notional;
    }
    const { AUCTION } = EventFlag;
    if (isLater(bid, ask)) emit.trade(bid, ask, price, quantity, bidFee, askFee, AUCTION);
    else emit.trade(ask, bid, price, quantity, askFee, bidFee, AUCTION);
    matching.settleResting(bid, bidLevel, quantity, notional, bidFee, bidCarry);
    matching.settleResting(ask, askLevel, quantity, notional, askFee, 0);
    return quantity;
  }

  function headOf(book: number): number {
    return L[ladder.bestLevel(book) * LEVEL_INTS + L_HEAD] << ORDER_SHIFT;
  }

  /** The single price of the auction, 0 when the book does not cross. */
  function clearingPrice(symbol: number): number {
    const bids = symbol << 1;
    const asks = bids | Side.SELL;
    const low = ladder.best(asks);
    const high = ladder.best(bids);
    if (low === 0 || low > high) return 0;
    // The prices of the bids that reach the lowest ask, the best first. They are read from the end, from low to high.
    const bidPrices: number[] = [];
    let demand = 0;
    for (let at = high; at >= low; at = ladder.nextPrice(bids, at)) {
      bidPrices.push(at);
      demand += quantityAt(bids, at);
    }
    let supply = 0;
    let best = 0;
    let bestVolume = 0;
    let bestSurplus = 0;

    /** Makes `price` the best if it is better than the best so far. */
    function weigh(price: number): void {
      if (price === 0) return;
      const volume = Math.min(demand, supply);
      const surplus = Math.abs(demand - supply);
      const isBetter =
        volume > bestVolume ||
        (volume === bestVolume &&
          (surplus < bestSurplus ||
            (surplus === bestSurplus && distance(symbol, price) < distance(symbol, best))));
      if (!isBetter) return;
      best = price;
      bestVolume = volume;
      bestSurplus = surplus;
    }

    let ask = low;
    let bid = bidPrices.length - 1;
    let price = low;
    while (price <= high) {
      if (ask === price) {
        supply += quantityAt(asks, price);
        ask = ladder.nextPrice(asks, price);
      }
      weigh(price);
      if (bidPrices[bid] === price) demand -= quantityAt(bids, bidPrices[bid--]);
      if (bid < 0) break;
      const next = ask === 0 ? bidPrices[bid] : Math.min(ask, bidPrices[bid]);
      // Between two levels demand and supply are the same at every price: only the nearest to the reference can win.
      weigh(nearest(symbol, price + 1, next - 1));
      price = next;
    }
    return best;
  }

  /** The multiple of the increment, from `from` to `to`, nearest to the reference price; 0 when there is none. */
  function nearest(symbol: number, from: number, to: number): number {
    const increment = S[symbol * SYMBOL_INTS + S_INCREMENT];
    const first = Math.ceil(from / increment) * increment;
    const last = Math.floor(to / increment) * increment;
    if (first > last) return 0;
    const reference = S[symbol * SYMBOL_INTS + S_REFERENCE];
    if (reference <= first) return first;
    if (reference >= last) return last;
    const below = Math.floor(reference / increment) * increment;
    return reference - below <= below + increment - reference ? below : below + increment;
  }

  function distance(symbol: number, price: number): number {
    const reference = S[symbol * SYMBOL_INTS + S_REFERENCE];
    return reference === 0 ? price : Math.abs(price - reference);
  }

  function quantityAt(book: number, price: number): number {
    const level = ladder.find(book, price);
    return level === 0 ? 0 : LQ[level * 2 + L_QUANTITY_F64];
  }

  return { open };
}
