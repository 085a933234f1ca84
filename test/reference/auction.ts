/** The call auction: the orders that gathered trade at one price. */
import { SelfTrade, Side } from "../../src/core/command.ts";
import type { Floor } from "./floor.ts";
import type { Listing } from "./listing.ts";
import { areOfOneUser, type Order } from "./order.ts";
import type { State } from "./state.ts";

/** Executes all trades that are possible at the auction's price. */
export function uncross(state: State, floor: Floor, listing: Listing): void {
  if (state.rules.version > 0) uncrossApart(state, floor, listing);
  else uncrossOneByOne(state, floor, listing);
}

/**
 * From version 1 of the rules: if orders of one user would meet, the auction cancels them and searches for
 * the price again, up to a number of times. If some would still meet after that, it cancels all orders that
 * could meet.
 */
function uncrossApart(state: State, floor: Floor, listing: Listing): void {
  const cancel = (order: Order): void => {
    state.events.push(floor.cancel(order, { news: true, reason: "SELF_TRADE" }));
  };
  let price = clearingPrice(listing);
  for (let i = 0; i < state.limits.auctionSearchesMax && price !== undefined; i++) {
    const meeting = meetingAt(listing, price);
    if (meeting.length === 0) break;
    for (const order of meeting) cancel(order);
    price = clearingPrice(listing);
  }
  if (price !== undefined && meetingAt(listing, price).length > 0) {
    for (const order of asksOfBidders(listing)) cancel(order);
    price = clearingPrice(listing);
  }
  if (price !== undefined) tradeAt(state, floor, listing, price);
}

/** The asks of users who have orders on both sides that could trade at some price. */
function asksOfBidders(listing: Listing): Order[] {
  const [bids, asks] = [listing.side(Side.BUY), listing.side(Side.SELL)];
  const lowest = asks[0]?.price ?? 0;
  const highest = bids[0]?.price ?? 0;
  const bidders = bids.filter(({ price }) => price >= lowest);
  return asks.filter((ask) => ask.price <= highest && bidders.some((bid) => mayNotMeet(bid, ask)));
}

/** Executes all trades that are possible at one price. */
function tradeAt(state: State, floor: Floor, listing: Listing, price: number): void {
  const pairs = pairsAt(listing, price);
  for (const { bid, ask, quantity } of pairs) {
    const [later, earlier] = byRank(bid, ask);
    floor.fillInAuction(later, earlier, price, quantity);
  }
  tellLevels(floor, listing, pairs);
  const last = pairs.at(-1);
  if (last !== undefined) listing.traded([price], last.quantity, state.timestamp, "AUCTION");
}

/**
 * Where two orders of one user would meet at a price, returns the later one; the next order of its side takes
 * its place.
 */
function meetingAt(listing: Listing, price: number): Order[] {
  const bids = listing.side(Side.BUY).filter((order) => order.price >= price);
  const asks = listing.side(Side.SELL).filter((order) => order.price <= price);
  const meeting: Order[] = [];
  let bidFilled = 0;
  let askFilled = 0;
  for (;;) {
    const [bid] = bids;
    const [ask] = asks;
    if (bid === undefined || ask === undefined) return meeting;
    const bidLeft = bid.remaining - bidFilled;
    const askLeft = ask.remaining - askFilled;
    const [later] = byRank(bid, ask);
    const isApart = mayNotMeet(bid, ask);
    if (isApart) meeting.push(later);
    const quantity = isApart ? 0 : Math.min(bidLeft, askLeft);
    bidFilled += quantity;
    askFilled += quantity;
    if (isApart ? later === bid : bidLeft === quantity) {
      bids.shift();
      bidFilled = 0;
    }
    if (isApart ? later === ask : askLeft === quantity) {
      asks.shift();
      askFilled = 0;
    }
  }
}

function uncrossOneByOne(state: State, floor: Floor, listing: Listing): void {
  for (;;) {
    const price = clearingPrice(listing);
    if (price === undefined) return;
    const pairs = pairsAt(listing, price);
    const own = pairs.find(({ bid, ask }) => mayNotMeet(bid, ask));
    if (own === undefined) {
      tradeAt(state, floor, listing, price);
      return;
    }
    const [later] = byRank(own.bid, own.ask);
    state.events.push(floor.cancel(later, { news: true, reason: "SELF_TRADE" }));
  }
}

/**
 * Writes the level of every price that was traded at, after the last trade at it. If trading leaves a bid's and
 * an ask's price at once, the bid's comes first.
 */
function tellLevels(floor: Floor, listing: Listing, pairs: readonly Pair[]): void {
  pairs.forEach(({ bid, ask }, i) => {
    const next = pairs[i + 1];
    if (next?.bid.price !== bid.price) floor.tellLevel(listing, Side.BUY, bid.price);
    if (next?.ask.price !== ask.price) floor.tellLevel(listing, Side.SELL, ask.price);
  });
}

interface Pair {
  bid: Order;
  ask: Order;
  quantity: number;
}

/** The pairs that would trade at a price: best price first, then older first, on both sides. */
function pairsAt(listing: Listing, price: number): Pair[] {
  const bids = listing.side(Side.BUY).filter((order) => order.price >= price);
  const asks = listing.side(Side.SELL).filter((order) => order.price <= price);
  const pairs: Pair[] = [];
  const left = new Map([...bids, ...asks].map((order) => [order, order.remaining]));
  const leftOf = (order: Order): number => left.get(order) ?? 0;
  for (const bid of bids) {
    for (const ask of asks) {
      const quantity = Math.min(leftOf(bid), leftOf(ask));
      if (quantity === 0) continue;
      left.set(bid, leftOf(bid) - quantity);
      left.set(ask, leftOf(ask) - quantity);
      pairs.push({ bid, ask, quantity });
    }
  }
  return pairs;
}

/** Orders of one user do not meet unless both have NONE. */
function mayNotMeet(bid: Order, ask: Order): boolean {
  const allow = bid.selfTrade === SelfTrade.NONE && ask.selfTrade === SelfTrade.NONE;
  return areOfOneUser(bid, ask) && !allow;
}

function byRank(a: Order, b: Order): [later: Order, earlier: Order] {
  return a.rank > b.rank ? [a, b] : [b, a];
}

/**
 * The price at which most shares trade. Of several, the one with the smallest surplus; of several of those, the one
 * nearest the reference; of two at the same distance, the lower one. Undefined if the book does not cross.
 */
function clearingPrice(listing: Listing): number | undefined {
  const bids = listing.side(Side.BUY);
  const asks = listing.side(Side.SELL);
  const total = (orders: readonly Order[]): number =>
    orders.reduce((sum, { remaining }) => sum + remaining, 0);
  const candidates = candidatesOf(listing).map((price) => {
    const demand = total(bids.filter((bid) => bid.price >= price));
    const supply = total(asks.filter((ask) => ask.price <= price));
    const volume = Math.min(demand, supply);
    const surplus = Math.abs(demand - supply);
    return { price, volume, surplus, distance: Math.abs(price - listing.reference) };
  });
  candidates.sort(
    (a, b) =>
      b.volume - a.volume || a.surplus - b.surplus || a.distance - b.distance || a.price - b.price,
  );
  const [best] = candidates;
  return best === undefined || best.volume === 0 ? undefined : best.price;
}

/**
 * Every price of an order, and of the multiples of the increment between two of them (at all of which the same
 * would trade) the lowest, the highest and those on either side of the reference.
 */
function candidatesOf(listing: Listing): number[] {
  const { increment, reference } = listing;
  const orders = [...listing.side(Side.BUY), ...listing.side(Side.SELL)];
  const prices = [...new Set(orders.map(({ price }) => price))];
  prices.sort((a, b) => a - b);
  const between = prices.slice(1).flatMap((above, i) => {
    const below = prices[i] ?? above;
    const lowest = (Math.floor(below / increment) + 1) * increment;
    const highest = (Math.ceil(above / increment) - 1) * increment;
    const near = Math.floor(reference / increment) * increment;
    const inside = (price: number): boolean => price > below && price < above;
    return [lowest, near, near + increment, highest].filter(inside);
  });
  return [...prices, ...between];
}
