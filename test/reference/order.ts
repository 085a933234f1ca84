/** The reference's orders, money and matching: the rules said plainly, in whole numbers. */
import { OrderType, SelfTrade, Side, TimeInForce } from "../../src/core/command.ts";
import { nameIn, type OrderView } from "./exchange-event.ts";

export interface Fees {
  maker: bigint;
  taker: bigint;
}

export interface Order {
  /** 0 until an event tells of it. */
  number: number;
  account: number;
  symbol: number;
  side: number;
  type: number;
  timeInForce: number;
  selfTrade: number;
  postOnly: boolean;
  price: number;
  stopPrice: number;
  quantity: number;
  remaining: number;
  notional: bigint;
  /** As they were when it entered. */
  fees: Fees;
  clientId: string;
  /** When it took its place in the queue: later is larger. */
  rank: number;
  /** Of the last change. */
  timestamp: number;
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
    stopPrice: order.stopPrice,
    quantity: order.quantity,
    remaining: order.remaining,
    notional: Number(order.notional),
    clientId: order.clientId,
  };
}

/** Basis points of a notional, rounded down. */
export function feeOf(notional: bigint, bps: bigint): bigint {
  return (notional * bps) / 10_000n;
}

/** What a buy order needs: its price times its quantity, and the larger of its two fees on that. */
export function costOf(price: number, quantity: number, fees: Fees): bigint {
  const notional = BigInt(price) * BigInt(quantity);
  return notional + feeOf(notional, fees.maker > fees.taker ? fees.maker : fees.taker);
}

/** Best price first, then the order that came first. */
export function byPriority(a: Order, b: Order): number {
  const better = a.side === Side.BUY ? b.price - a.price : a.price - b.price;
  return better !== 0 ? better : a.rank - b.rank;
}

/** Whether a resting order at `price` is good enough for an incoming one with this limit. */
export function crosses(side: number, limit: number, price: number): boolean {
  return side === Side.BUY ? price <= limit : price >= limit;
}

/** What an incoming order does to one resting order; `decrement` is what it loses itself by it. */
export type Step =
  | { step: "FILL"; maker: Order; quantity: number }
  | { step: "CANCEL"; maker: Order; decrement: number }
  | { step: "REDUCE"; maker: Order; quantity: number };

/** What an incoming order would do, from the first step to the last. */
export interface Plan {
  steps: Step[];
  filled: number;
  /** What is left of the incoming order. */
  left: number;
  /** Self-trade prevention ends the incoming order. */
  prevented: boolean;
  /** Of the fills, with the taker's fees. */
  cost: bigint;
}

/** What an order that comes in brings. */
export interface Incoming {
  account: number;
  side: number;
  selfTrade: number;
  limit: number;
  quantity: number;
  fees: Fees;
}

/** Goes through the opposite side, in priority, and writes down what would happen. Touches nothing. */
export function planMatch(incoming: Incoming, opposite: readonly Order[]): Plan {
  const { account, side, selfTrade, limit, quantity, fees } = incoming;
  const plan: Plan = {
    steps: [],
    filled: 0,
    left: quantity,
    prevented: false,
    cost: 0n,
  };
  for (const maker of opposite) {
    if (plan.left === 0 || plan.prevented || !crosses(side, limit, maker.price)) break;
    if (maker.account === account && selfTrade !== SelfTrade.NONE) {
      planPrevention(plan, maker, selfTrade);
      continue;
    }
    const fill = Math.min(plan.left, maker.remaining);
    const notional = BigInt(maker.price) * BigInt(fill);
    plan.steps.push({ step: "FILL", maker, quantity: fill });
    plan.filled += fill;
    plan.left -= fill;
    plan.cost += notional + feeOf(notional, fees.taker);
  }
  return plan;
}

/**
 * CANCEL_NEWEST ends the incoming order; CANCEL_OLDEST the resting one; CANCEL_BOTH both; DECREMENT takes the
 * smaller off both, and the one that has nothing left ends, with its quantity as it was.
 */
function planPrevention(plan: Plan, maker: Order, selfTrade: number): void {
  if (selfTrade === SelfTrade.DECREMENT) {
    planDecrement(plan, maker);
    return;
  }
  if (selfTrade !== SelfTrade.CANCEL_NEWEST) {
    plan.steps.push({ step: "CANCEL", maker, decrement: 0 });
  }
  plan.prevented = selfTrade !== SelfTrade.CANCEL_OLDEST;
}

function planDecrement(plan: Plan, maker: Order): void {
  if (maker.remaining > plan.left) {
    plan.steps.push({ step: "REDUCE", maker, quantity: plan.left });
    plan.prevented = true;
  } else if (maker.remaining === plan.left) {
    plan.steps.push({ step: "CANCEL", maker, decrement: 0 });
    plan.prevented = true;
  } else {
    plan.steps.push({ step: "CANCEL", maker, decrement: maker.remaining });
    plan.left -= maker.remaining;
  }
}
