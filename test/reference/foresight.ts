/** What checks find out about the other side of the book before an order enters. */
import { SelfTrade, Side } from "../../src/core/command.ts";
import type { Listing } from "./listing.ts";
import { areOfOneUser, crosses, feeOf, type Order, opposite } from "./order.ts";
import { type Incoming, planMatch } from "./plan.ts";
import type { State } from "./state.ts";

/** What is learned by looking at resting orders one by one, up to a limit. */
interface Look {
  /** How many orders were looked at. */
  looks: number;
  /** How much of the incoming order would fill, and what that costs with the taker's fees. */
  filled: number;
  cost: bigint;
  /** The limit of looks was reached before the result was certain. */
  gaveUp: boolean;
}

/** Looks at `looksMax` orders at most, and stops as soon as they cost more than `costMax`. */
function lookThrough(
  incoming: Incoming,
  others: readonly Order[],
  looksMax: number,
  costMax?: bigint,
): Look {
  const { side, selfTrade, limit, fees } = incoming;
  const look: Look = { looks: 0, filled: 0, cost: 0n, gaveUp: false };
  let left = incoming.quantity;
  let notional = 0n;
  for (const maker of others) {
    if (left <= 0 || !crosses(side, limit, maker.price)) break;
    if (look.looks === looksMax) return { ...look, gaveUp: true };
    look.looks++;
    if (areOfOneUser(maker, incoming) && selfTrade !== SelfTrade.NONE) {
      if (selfTrade === SelfTrade.DECREMENT) left -= maker.remaining;
      else if (selfTrade !== SelfTrade.CANCEL_OLDEST) left = 0;
      continue;
    }
    const fill = Math.min(left, maker.remaining);
    left -= fill;
    look.filled += fill;
    notional += BigInt(maker.price) * BigInt(fill);
    look.cost = notional + feeOf(notional, fees.taker);
    if (costMax !== undefined && look.cost > costMax) break;
  }
  return look;
}

/** How many open orders the sender's user has, and whether one of them is of this symbol. */
function ownOrders(state: State, incoming: Incoming, symbol: number) {
  const all = [...state.orders.values()].filter((order) => areOfOneUser(order, incoming));
  return { count: all.length, isInSymbol: all.some((order) => order.symbol === symbol) };
}

const sum = (orders: readonly Order[]): number =>
  orders.reduce((total, { remaining }) => total + remaining, 0);

const PAGE_PRICES = 256;

/**
 * The work of searching a side for `quantity` shares, level by level from the best price. A page of 256
 * prices counts as 1/8. A level counts as 1/32 if its page cannot be taken as a whole: because the quantity
 * is reached in it, the limit cuts it, or its notional is too large to count exactly.
 */
function workOfSearch(
  within: readonly Order[],
  { side, limit, quantity }: Incoming,
  isLeftOut: (order: Order) => boolean,
): number {
  const pageOf = ({ price }: Order): number => Math.floor(price / PAGE_PRICES);
  let pages = 0;
  let levels = 0;
  let found = 0;
  for (const page of new Set(within.map(pageOf))) {
    pages++;
    const there = within.filter((order) => pageOf(order) === page);
    const last = side === Side.BUY ? (page + 1) * PAGE_PRICES - 1 : page * PAGE_PRICES;
    const shares = sum(there.filter((order) => !isLeftOut(order)));
    const notional = there.reduce(
      (total, { price, remaining }) => total + BigInt(price) * BigInt(remaining),
      0n,
    );
    const isWhole = crosses(side, limit, last);
    const isPassed = isWhole && notional <= Number.MAX_SAFE_INTEGER && found + shares < quantity;
    if (!isPassed) {
      let inPage = found;
      for (const price of new Set(there.map((order) => order.price))) {
        levels++;
        inPage += sum(there.filter((order) => order.price === price && !isLeftOut(order)));
        if (inPage >= quantity) break;
      }
    }
    found += shares;
    if (found >= quantity) break;
  }
  return Math.ceil(pages / 8 + levels / 32);
}

export interface Foresight {
  answer: "FILLS" | "FALLS_SHORT" | "UNKNOWN";
  /** The orders that were looked at (100 own orders count as one), and the work of the search. */
  looks: number;
}

/** Whether an order would fill completely, as far as the limits allow to know. */
export function foreseeFill(state: State, listing: Listing, incoming: Incoming): Foresight {
  const { quantity, selfTrade, side, limit } = incoming;
  const others = listing.side(opposite(side));
  const answerOf = (fills: boolean) => (fills ? "FILLS" : "FALLS_SHORT");
  if (state.rules.version === 0) {
    return { answer: answerOf(planMatch(incoming, others).filled === quantity), looks: 0 };
  }
  const { scannedOrdersMax } = state.limits;
  const within = others.filter(({ price }) => crosses(side, limit, price));
  const own = ownOrders(state, incoming, listing.number);
  if (selfTrade === SelfTrade.NONE || !own.isInSymbol) {
    const looks = workOfSearch(within, incoming, () => false);
    return { answer: answerOf(sum(within) >= quantity), looks };
  }
  if (own.count > scannedOrdersMax) {
    const { filled, gaveUp, looks } = lookThrough(incoming, others, scannedOrdersMax);
    return { answer: gaveUp ? "UNKNOWN" : answerOf(filled === quantity), looks };
  }
  const isOwn = (order: Order): boolean => areOfOneUser(order, incoming);
  const ownLooks = Math.ceil(own.count / 100);
  if (selfTrade === SelfTrade.CANCEL_OLDEST) {
    const fills = sum(within.filter((order) => !isOwn(order))) >= quantity;
    return { answer: answerOf(fills), looks: ownLooks + workOfSearch(within, incoming, isOwn) };
  }
  const at = within.findIndex(isOwn);
  const reach = at < 0 ? within : within.slice(0, at);
  const fills = sum(reach) >= quantity;
  const [first] = within.slice(at);
  if (at < 0 || first === undefined) {
    const looks = ownLooks + workOfSearch(within, incoming, () => false);
    return { answer: answerOf(fills), looks };
  }
  const before = first.price + (side === Side.BUY ? -1 : 1);
  const better = within.filter(({ price }) => crosses(side, before, price));
  const searched = ownLooks + workOfSearch(better, { ...incoming, limit: before }, () => false);

  // The first own order may lie inside a level. This counts how many orders of that level are looked at.
  const level = within.filter(({ price }) => price === first.price);
  const needed = quantity - sum(reach.filter(({ price }) => price !== first.price));
  if (needed <= 0 || sum(level) < needed) return { answer: answerOf(fills), looks: searched };
  const ahead = reach.filter(({ price }) => price === first.price);
  const seen = ahead.slice(0, scannedOrdersMax);
  const last = seen.findIndex((_, i) => sum(seen.slice(0, i + 1)) >= needed);
  const looks = searched + (last < 0 ? seen.length : last + 1);
  const isUnknown = last < 0 && seen.length < ahead.length;
  return { answer: isUnknown ? "UNKNOWN" : answerOf(fills), looks };
}

/**
 * What a purchase without a limit would take from the book, as far as is known. The user's own orders count,
 * unless self-trade prevention cancels them.
 */
export function foreseeCost(
  state: State,
  listing: Listing,
  incoming: Incoming,
): { cost: bigint; isKnown: boolean } {
  const { fees, selfTrade } = incoming;
  const others = listing.side(opposite(incoming.side));
  if (state.rules.version === 0) {
    return { cost: planMatch(incoming, others).cost, isKnown: true };
  }
  const { available } = state.ledger.of(incoming.account).cash;
  const { scannedOrdersMax } = state.limits;
  const own = ownOrders(state, incoming, listing.number);
  const skipsOwn = selfTrade === SelfTrade.CANCEL_OLDEST && own.isInSymbol;
  if (skipsOwn && own.count > scannedOrdersMax) {
    const { cost, gaveUp } = lookThrough(incoming, others, scannedOrdersMax, available);
    return { cost, isKnown: !gaveUp || cost > available };
  }
  const endsAtOwn = selfTrade === SelfTrade.CANCEL_NEWEST || selfTrade === SelfTrade.CANCEL_BOTH;
  const [firstOwn] = others.filter((order) => areOfOneUser(order, incoming));
  const isEnded = endsAtOwn && firstOwn !== undefined && own.count <= scannedOrdersMax;
  const reach = isEnded ? firstOwn.price : Number.POSITIVE_INFINITY;
  const leavesOwn = skipsOwn || isEnded;
  const met = others.filter(
    (order) => !(leavesOwn && areOfOneUser(order, incoming)) && order.price <= reach,
  );
  let left = incoming.quantity;
  let notional = 0n;
  let cost = 0n;
  for (const price of new Set(met.map((order) => order.price))) {
    if (left === 0 || !crosses(incoming.side, incoming.limit, price)) break;
    const taken = Math.min(left, sum(met.filter((order) => order.price === price)));
    left -= taken;
    notional += BigInt(price) * BigInt(taken);
    cost = notional + feeOf(notional, fees.taker);
  }
  return { cost, isKnown: true };
}
