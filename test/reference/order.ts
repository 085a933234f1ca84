/** The orders and the money of the reference exchange, in whole numbers. */
import { OrderType, SelfTrade, Side, TimeInForce } from "../../src/core/command.ts";
import { OrderStatus } from "../../src/core/event.ts";
import { nameIn, type OrderView, type RestingOrder } from "./exchange-event.ts";

const TEN_THOUSAND = 10_000n;

export interface Fees {
  maker: bigint;
  taker: bigint;
}

/** The account and the user that an order belongs to; user 0 means no user. */
export interface Owner {
  account: number;
  user: number;
}

export interface Order extends Owner {
  /** 0 until an event mentions the order. */
  number: number;
  symbol: number;
  side: number;
  type: number;
  timeInForce: number;
  selfTrade: number;
  postOnly: boolean;
  /** For a STOP: the worst price that it will trade at. */
  price: number;
  stopPrice: number;
  /** True while a stop waits for its trigger. */
  pending: boolean;
  /** 0 = never. */
  expireAt: number;
  quantity: number;
  remaining: number;
  notional: bigint;
  /** The fees that held when the order entered. */
  fees: Fees;
  /** The parts of a cent that its fills have left over, of fees and of rebates, in 1/10,000 cent. */
  feeCarry: bigint;
  rebateCarry: bigint;
  clientId: string;
  /** When it took its place in the queue: later is larger. */
  rank: number;
  /** When the order entered. */
  createdAt: number;
  /** Time and tick of the last change. */
  timestamp: number;
  tick: number;
}

export function viewOf(order: Order): OrderView {
  return {
    order: order.number,
    account: order.account,
    symbol: order.symbol,
    side: nameIn(Side, order.side),
    type: nameIn(OrderType, order.type),
    timeInForce: nameIn(TimeInForce, order.timeInForce),
    selfTrade: nameIn(SelfTrade, order.selfTrade),
    postOnly: order.postOnly,
    price: order.price,
    stopPrice: isStop(order.type) ? order.stopPrice : 0,
    expireAt: order.expireAt,
    quantity: order.quantity,
    remaining: order.remaining,
    notional: Number(order.notional),
    clientId: order.clientId,
    createdAt: order.createdAt,
  };
}

export function restingViewOf(order: Order): RestingOrder {
  const { timestamp, tick } = order;
  return { ...viewOf(order), timestamp, tick };
}

export function openStatus({ pending, remaining, quantity }: Order): number {
  if (pending) return OrderStatus.PENDING_TRIGGER;
  return remaining === quantity ? OrderStatus.ACCEPTED : OrderStatus.PARTIALLY_FILLED;
}

export const isStop = (type: number): boolean =>
  type === OrderType.STOP || type === OrderType.STOP_LIMIT;

/** Whether an order with a limit may wait in the book. */
export const mayRest = (timeInForce: number): boolean =>
  timeInForce === TimeInForce.GTC || timeInForce === TimeInForce.GTD;

export const opposite = (side: number): number => (side === Side.BUY ? Side.SELL : Side.BUY);

/** Whether two orders are of one account, or of accounts of one user. */
export function areOfOneUser(a: Owner, b: Owner): boolean {
  return a.account === b.account || (a.user !== 0 && a.user === b.user);
}

/** Basis points of a notional, rounded towards zero; a negative fee is a rebate. */
export function feeOf(notional: bigint, bps: bigint): bigint {
  return (notional * bps) / TEN_THOUSAND;
}

/**
 * What a buy order must reserve: price times quantity, plus the larger of its two fees if it is positive,
 * plus the parts of a cent that its fills have left over.
 */
export function costOf(price: number, quantity: number, fees: Fees, carry = 0n): bigint {
  const notional = BigInt(price) * BigInt(quantity);
  const larger = fees.maker > fees.taker ? fees.maker : fees.taker;
  return larger > 0n ? notional + (notional * larger + carry) / TEN_THOUSAND : notional;
}

/** What an order pays for a fill: the whole cents of its total fees that it has not paid yet. */
export function chargeFee(order: Order, notional: bigint, bps: bigint): bigint {
  const owed = order.feeCarry + notional * bps;
  order.feeCarry = owed % TEN_THOUSAND;
  return owed / TEN_THOUSAND;
}

/** The same for rebates. A rebate is at most `most`, the fee that the taker pays for the fill. */
export function payRebate(order: Order, notional: bigint, bps: bigint, most: bigint): bigint {
  const owed = order.rebateCarry + notional * bps;
  order.rebateCarry = owed % TEN_THOUSAND;
  return owed / TEN_THOUSAND < most ? owed / TEN_THOUSAND : most;
}

/** Best price first, then oldest first. */
export function byPriority(a: Order, b: Order): number {
  const better = a.side === Side.BUY ? b.price - a.price : a.price - b.price;
  return better !== 0 ? better : a.rank - b.rank;
}

/** Stops to buy: lowest stop price first. Stops to sell: highest stop price first. Then older first. */
export function byTrigger(a: Order, b: Order): number {
  const sooner = a.side === Side.BUY ? a.stopPrice - b.stopPrice : b.stopPrice - a.stopPrice;
  return sooner !== 0 ? sooner : a.rank - b.rank;
}

/** Whether a resting order at `price` is good enough for an incoming one with this limit. */
export function crosses(side: number, limit: number, price: number): boolean {
  return side === Side.BUY ? price <= limit : price >= limit;
}
