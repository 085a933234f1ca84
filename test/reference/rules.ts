/** The checks of orders. Each returns the refusal, or nothing. */
import {
  OrderFlag,
  OrderType,
  SelfTrade,
  Side,
  SymbolState,
  TimeInForce,
} from "../../src/core/command.ts";
import { CapacityLimit, InvalidField, Reject } from "../../src/core/reject.ts";
import type { RejectEvent } from "./exchange-event.ts";
import { foreseeCost, foreseeFill } from "./foresight.ts";
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
import type { Incoming } from "./plan.ts";
import type { ReadCommand } from "./read-command.ts";
import type { State } from "./state.ts";

/** A refusal: code, detail, and the two numbers that some codes carry. */
export type Fault =
  | readonly [code: number, detail: number, numbers?: RejectEvent["numbers"]]
  | undefined;

export const OVERLOADED: Fault = [Reject.OVERLOADED, 0];

const PAGE_PRICES = 256;
const PAGES_PER_SIDE = 256;

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

/** Whether the order is valid in itself, whatever its symbol and the time. From version 1 of the rules. */
export function checkShape(state: State, command: ReadCommand): Fault {
  const { type, price, quantity, stopPrice } = command;
  const hasPrice = type === OrderType.LIMIT || type === OrderType.STOP_LIMIT;
  const isUnsound =
    !isWellFormed(command) ||
    quantity <= 0 ||
    (hasPrice && price <= 0) ||
    (isStop(type) && stopPrice <= 0);
  if (isUnsound) return [Reject.INVALID_PARAMETER, InvalidField.ORDER];
  return checkExpiry(state, command);
}

/** While orders gather for an auction, only orders that can wait are accepted. */
export function checkState(listing: Listing, type: number, timeInForce: number): Fault {
  if (listing.state === SymbolState.TRADING) return undefined;
  const waits = isStop(type) || (type === OrderType.LIMIT && mayRest(timeInForce));
  return listing.gathers && waits ? undefined : [Reject.SYMBOL_NOT_TRADING, 0];
}

export function checkIncrement({ increment }: Listing, ...prices: number[]): Fault {
  const isOff = prices.some((price) => price % increment !== 0);
  return isOff ? [Reject.OFF_INCREMENT, 0, [increment, 0]] : undefined;
}

export function checkBand(listing: Listing, price: number): Fault {
  const { low, high } = listing.band();
  if (price >= low && price <= high) return undefined;
  const { increment } = listing;
  // The reported prices are prices that an order may have.
  const above = low % increment === 0 ? low : low - (low % increment) + increment;
  return [Reject.OUTSIDE_BAND, 0, [above, high - (high % increment)]];
}

export function checkExpiry(state: State, { timeInForce, amount }: ReadCommand): Fault {
  const isLater = amount > state.timestamp;
  return timeInForce === TimeInForce.GTD && !isLater
    ? [Reject.INVALID_PARAMETER, InvalidField.EXPIRE_AT]
    : undefined;
}

/** The largest quantity and the largest notional of one order; `worth` is the price assumed for a share. */
export function checkSize(listing: Listing, worth: number, quantity: number): Fault {
  const { quantityMax, protection } = listing;
  if (quantityMax !== 0 && quantity > quantityMax) {
    return [Reject.CAPACITY, CapacityLimit.ORDER_QUANTITY];
  }
  const { notionalMax } = protection;
  const isTooLarge = notionalMax !== 0 && BigInt(worth) * BigInt(quantity) > BigInt(notionalMax);
  return isTooLarge ? [Reject.CAPACITY, CapacityLimit.ORDER_NOTIONAL] : undefined;
}

/** Whether the account may have one more open order on the symbol. */
export function checkOpenOrders(state: State, listing: Listing, account: number): Fault {
  const { openOrdersMax } = listing.protection;
  if (openOrdersMax === 0) return undefined;
  const own = state.ordersOf(account).filter(({ symbol }) => symbol === listing.number);
  return own.length >= openOrdersMax ? [Reject.CAPACITY, CapacityLimit.ACCOUNT_ORDERS] : undefined;
}

/** From version 1 of the rules, stops that were triggered earlier come before the order. */
export function checkBacklog({ backlog, rules }: State, listing: Listing): Fault {
  const isBehind = rules.version > 0 && backlog.includes(listing);
  return isBehind ? OVERLOADED : undefined;
}

/** Whether the stores have room for one more order of the account. */
export function checkRoom(state: State, { account, symbol }: ReadCommand, mayStay: boolean): Fault {
  const { limits, orders, rules } = state;
  const { ordersMax, reservedOrders, fewOrders } = limits;
  if (orders.size >= ordersMax) return [Reject.CAPACITY, CapacityLimit.ORDERS];
  if (mayStay && rules.version > 0) {
    const own = state.ordersOf(account).length;
    if (own >= state.shareOf(account).orders) {
      return [Reject.CAPACITY, CapacityLimit.ALL_ACCOUNT_ORDERS];
    }
    const isReserve = orders.size >= ordersMax - reservedOrders;
    if (isReserve && own >= fewOrders) return [Reject.CAPACITY, CapacityLimit.ORDERS];
  }
  return checkPosition(state, account, symbol);
}

/** Whether the account has a position in the symbol, or may get one. */
function checkPosition(state: State, account: number, symbol: number): Fault {
  const { limits, ledger, rules } = state;
  const { shares } = ledger.of(account);
  if (shares.has(symbol)) return undefined;
  if (rules.version > 0) {
    if (shares.size >= state.shareOf(account).positions) {
      return [Reject.CAPACITY, CapacityLimit.ACCOUNT_POSITIONS];
    }
    const isReserve = ledger.positions >= limits.positionsMax - limits.reservedPositions;
    if (isReserve && shares.size >= limits.fewPositions) {
      return [Reject.CAPACITY, CapacityLimit.POSITIONS];
    }
  }
  return ledger.hasRoom(account, symbol) ? undefined : [Reject.CAPACITY, CapacityLimit.POSITIONS];
}

/**
 * Whether `prices`, best first, already has the page of `price`, or the account may open that page. From
 * version 1 of the rules this depends on how many pages the account has. If few pages are left, it also
 * depends on whether the page is one of the best of its side; pages of stops never are. `isHighBest`: whether
 * high prices are best.
 */
export function checkPages(
  state: State,
  account: number,
  prices: number[],
  price: number,
  isHighBest: boolean,
  areStops = false,
  freed = 0,
): Fault {
  const { limits, rules } = state;
  const pages = pagesOf(prices);
  const page = Math.floor(price / PAGE_PRICES);
  if (pages.has(page)) return undefined;
  const count = pageCount(state);
  if (rules.version === 0) {
    const isFull = pages.size >= PAGES_PER_SIDE || count >= limits.pagesMax;
    return isFull ? [Reject.CAPACITY, CapacityLimit.LADDER_PAGES] : undefined;
  }
  const own = state.pagesOf(account) - freed;
  const all = count - freed;
  if (own >= state.shareOf(account).pages) return [Reject.CAPACITY, CapacityLimit.ACCOUNT_PAGES];
  if (all < limits.pagesMax - limits.reservedPages) return undefined;
  const better = [...pages].filter((each) => (isHighBest ? each > page : each < page));
  const isNear = !areStops && better.length < limits.nearPages;
  const hasFew = own < limits.fewPages;
  const isForAll = all < limits.pagesMax - limits.reservedNearPages;
  const mayOpen = all < limits.pagesMax && ((hasFew && isForAll) || isNear);
  return mayOpen ? undefined : [Reject.CAPACITY, CapacityLimit.LADDER_PAGES];
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

/** What an order requires of its account. */
export interface Claim {
  account: number;
  symbol: number;
  side: number;
  price: number;
  quantity: number;
  fees: Fees;
  /** The quantity of the order that has filled already. */
  feeCarry?: bigint;
}

/** Whether the account has the cash or the shares; `held` is already reserved for the order. */
export function checkMeans({ ledger }: State, claim: Claim, held: bigint): Fault {
  const { account, symbol, side, price, quantity, fees, feeCarry } = claim;
  const owner = ledger.of(account);
  if (side === Side.BUY) {
    const has = owner.cash.available + held;
    const cost = costOf(price, quantity, fees, feeCarry);
    return cost > has ? lacks(Reject.INSUFFICIENT_FUNDS, cost, has) : undefined;
  }
  const has = ledger.available(account, symbol) + held;
  if (has >= BigInt(quantity) || owner.mayShort) return undefined;
  return lacks(Reject.INSUFFICIENT_SHARES, BigInt(quantity), has);
}

/** Whether a purchase without a limit can be paid for. */
export function checkCost(state: State, listing: Listing, incoming: Incoming): Fault {
  const { available } = state.ledger.of(incoming.account).cash;
  const { cost, isKnown } = foreseeCost(state, listing, incoming);
  if (cost > available) return lacks(Reject.INSUFFICIENT_FUNDS, cost, available);
  return isKnown ? undefined : TOO_MANY_ORDERS;
}

const TOO_MANY_ORDERS: Fault = [Reject.CAPACITY, CapacityLimit.SCANNED_ORDERS];

/** The refusal with the needed amount, as far as a number can hold it, and the available amount. */
export function lacks(code: number, needed: bigint, available: bigint): NonNullable<Fault> {
  const countable = needed > Number.MAX_SAFE_INTEGER ? Number.MAX_SAFE_INTEGER : Number(needed);
  return [code, 0, [countable, Number(available)]];
}

/** The checks against the book: post-only, fill-or-kill, liquidity, self-trade. */
export function checkMatch(
  state: State,
  listing: Listing,
  command: ReadCommand,
  incoming: Incoming,
): Fault {
  const { type, timeInForce, selfTrade, flags } = command;
  const meets = meetsAnything(listing, incoming);
  if ((flags & OrderFlag.POST_ONLY) !== 0 && meets) return [Reject.POST_ONLY_WOULD_CROSS, 0];
  if (timeInForce === TimeInForce.FOK) {
    const { answer } = foreseeFill(state, listing, incoming);
    if (answer === "UNKNOWN") return TOO_MANY_ORDERS;
    if (answer === "FALLS_SHORT") return [Reject.FILL_OR_KILL, 0];
  }
  if (type === OrderType.MARKET && !meets) return [Reject.NO_LIQUIDITY, 0];
  if (type === OrderType.MARKET && selfTrade === SelfTrade.CANCEL_OLDEST) {
    const { answer } = foreseeFill(state, listing, { ...incoming, quantity: 1 });
    if (answer === "UNKNOWN") return TOO_MANY_ORDERS;
    if (answer === "FALLS_SHORT") return [Reject.NO_LIQUIDITY, 0];
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

/** How many own orders self-trade prevention may remove or reduce for one incoming order. */
export const ownMaxOf = ({ rules, limits }: State): number =>
  rules.version > 0 ? limits.scannedOrdersMax : Number.POSITIVE_INFINITY;
