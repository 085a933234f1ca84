/** What orders are checked against; each check gives the refusal, or nothing. */
import {
  OrderFlag,
  OrderType,
  SelfTrade,
  Side,
  SymbolState,
  TimeInForce,
} from "../../src/core/command.ts";
import { CapacityLimit, InvalidField, Reject } from "../../src/core/reject.ts";
import type { Listing } from "./listing.ts";
import {
  areOfOneUser,
  costOf,
  crosses,
  type Fees,
  isStop,
  mayRest,
  type Order,
  opposite,
} from "./order.ts";
import type { Incoming, Plan } from "./plan.ts";
import type { ReadCommand } from "./read-command.ts";
import type { State } from "./state.ts";

/** A refusal: code and detail. */
export type Fault = readonly [code: number, detail: number] | undefined;

const PAGE_PRICES = 256;

/** Whether enums are in range. */
export function isWellFormed({ side, type, timeInForce, selfTrade, flags }: ReadCommand): boolean {
  const isKnown = (table: Record<string, number>, value: number): boolean =>
    Object.values(table).includes(value);
  return (
    isKnown(Side, side) &&
    isKnown(OrderType, type) &&
    isKnown(TimeInForce, timeInForce) &&
    isKnown(SelfTrade, selfTrade) &&
    (flags === 0 || flags === OrderFlag.POST_ONLY)
  );
}

/** While orders gather, only those are taken that can wait. */
export function checkState(listing: Listing, type: number, timeInForce: number): Fault {
  if (listing.state === SymbolState.TRADING) return undefined;
  const waits = isStop(type) || (type === OrderType.LIMIT && mayRest(timeInForce));
  return listing.gathers && waits ? undefined : [Reject.SYMBOL_NOT_TRADING, 0];
}

export function checkIncrement({ increment }: Listing, ...prices: number[]): Fault {
  const isOff = prices.some((price) => price % increment !== 0);
  return isOff ? [Reject.OFF_INCREMENT, 0] : undefined;
}

export function checkBand(listing: Listing, price: number): Fault {
  const { low, high } = listing.band();
  return price < low || price > high ? [Reject.OUTSIDE_BAND, 0] : undefined;
}

export function checkExpiry(state: State, { timeInForce, amount }: ReadCommand): Fault {
  const isLater = amount > state.timestamp;
  return timeInForce === TimeInForce.GTD && !isLater
    ? [Reject.INVALID_PARAMETER, InvalidField.EXPIRE_AT]
    : undefined;
}

/** The largest quantity and notional of one order; `worth` is what a share is taken to cost. */
export function checkSize(listing: Listing, worth: number, quantity: number): Fault {
  const { quantityMax, protection } = listing;
  if (quantityMax !== 0 && quantity > quantityMax) {
    return [Reject.CAPACITY, CapacityLimit.ORDER_QUANTITY];
  }
  const { notionalMax } = protection;
  const isTooLarge = notionalMax !== 0 && BigInt(worth) * BigInt(quantity) > BigInt(notionalMax);
  return isTooLarge ? [Reject.CAPACITY, CapacityLimit.ORDER_NOTIONAL] : undefined;
}

/** How many orders an account may have open on a symbol. */
export function checkOpenOrders(state: State, listing: Listing, account: number): Fault {
  const { openOrdersMax } = listing.protection;
  const own = state.ordersOf(account).filter(({ symbol }) => symbol === listing.number);
  return openOrdersMax !== 0 && own.length >= openOrdersMax
    ? [Reject.CAPACITY, CapacityLimit.ACCOUNT_ORDERS]
    : undefined;
}

/** Whether the exchange can take one more order of the account. */
export function checkRoom(
  { limits, orders, ledger }: State,
  { account, symbol }: ReadCommand,
): Fault {
  if (orders.size >= limits.ordersMax) return [Reject.CAPACITY, CapacityLimit.ORDERS];
  return ledger.hasRoom(account, symbol) ? undefined : [Reject.CAPACITY, CapacityLimit.POSITIONS];
}

/** Whether there is a page with `price` among `prices`, or one may be taken. */
export function checkPages(state: State, prices: number[], price: number): Fault {
  const { limits } = state;
  const pages = pagesOf(prices);
  if (pages.has(Math.floor(price / PAGE_PRICES))) return undefined;
  const isFull = pages.size >= limits.pagesPerSideMax || pageCount(state) >= limits.pagesMax;
  return isFull ? [Reject.CAPACITY, CapacityLimit.LADDER_PAGES] : undefined;
}

export const pricesOf = (orders: readonly Order[]): number[] => orders.map(({ price }) => price);

export const stopPricesOf = (orders: readonly Order[]): number[] =>
  orders.map(({ stopPrice }) => stopPrice);

function pagesOf(prices: readonly number[]): Set<number> {
  return new Set(prices.map((price) => Math.floor(price / PAGE_PRICES)));
}

function pageCount(state: State): number {
  let count = 0;
  for (const listing of state.listings.values()) {
    for (const side of [Side.BUY, Side.SELL]) {
      count += pagesOf(pricesOf(listing.side(side))).size;
      count += pagesOf(stopPricesOf(listing.stops(side))).size;
    }
  }
  return count;
}

/** What an order asks of its account. */
export interface Claim {
  account: number;
  symbol: number;
  side: number;
  price: number;
  quantity: number;
  fees: Fees;
}

/** Whether the account has the cash or the shares; `held` is set aside for the order already. */
export function checkMeans({ ledger }: State, claim: Claim, held: bigint): Fault {
  const { account, symbol, side, price, quantity, fees } = claim;
  const owner = ledger.of(account);
  if (side === Side.BUY) {
    const has = owner.cash.available + held;
    return costOf(price, quantity, fees) > has ? [Reject.INSUFFICIENT_FUNDS, 0] : undefined;
  }
  const covered = ledger.available(account, symbol) + held >= BigInt(quantity);
  return covered || owner.mayShort ? undefined : [Reject.INSUFFICIENT_SHARES, 0];
}

/** What a purchase without a limit needs: what it would take from the book as it stands. */
export function checkCost({ ledger }: State, account: number, plan: Plan): Fault {
  return plan.cost > ledger.of(account).cash.available ? [Reject.INSUFFICIENT_FUNDS, 0] : undefined;
}

/** Post-only, fill-or-kill, liquidity, self-trade. */
export function checkMatch(
  listing: Listing,
  command: ReadCommand,
  incoming: Incoming,
  plan: Plan,
): Fault {
  const { type, timeInForce, selfTrade, flags, quantity } = command;
  const meets = meetsAnything(listing, incoming);
  if ((flags & OrderFlag.POST_ONLY) !== 0 && meets) return [Reject.POST_ONLY_WOULD_CROSS, 0];
  if (timeInForce === TimeInForce.FOK && plan.filled < quantity) return [Reject.FILL_OR_KILL, 0];
  const skipsOwn = selfTrade === SelfTrade.CANCEL_OLDEST;
  if (type === OrderType.MARKET && (!meets || (skipsOwn && plan.filled === 0))) {
    return [Reject.NO_LIQUIDITY, 0];
  }
  const stopsAtOwn = selfTrade === SelfTrade.CANCEL_NEWEST;
  return stopsAtOwn && meetsOwn(listing, incoming) ? [Reject.SELF_TRADE, 0] : undefined;
}

export function meetsAnything(listing: Listing, { side, limit }: Incoming): boolean {
  const [best] = listing.side(opposite(side));
  return best !== undefined && crosses(side, limit, best.price);
}

/** Whether the first order that it would meet is of the same user. */
export function meetsOwn(listing: Listing, incoming: Incoming): boolean {
  const [best] = listing.side(opposite(incoming.side));
  return best !== undefined && meetsAnything(listing, incoming) && areOfOneUser(best, incoming);
}
