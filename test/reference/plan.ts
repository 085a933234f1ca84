/** What an incoming order would do to the other side of the book. */
import { SelfTrade } from "../../src/core/command.ts";
import { areOfOneUser, crosses, type Fees, feeOf, type Order, type Owner } from "./order.ts";

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
export interface Incoming extends Owner {
  side: number;
  selfTrade: number;
  limit: number;
  quantity: number;
  fees: Fees;
}

/**
 * Goes through the opposite side, in priority, and writes down what would happen. Touches nothing. After `ownMax` own
 * orders the next one ends it.
 */
export function planMatch(
  incoming: Incoming,
  others: readonly Order[],
  ownMax = Number.POSITIVE_INFINITY,
): Plan {
  const { side, selfTrade, limit, quantity, fees } = incoming;
  const plan: Plan = {
    steps: [],
    filled: 0,
    left: quantity,
    prevented: false,
    cost: 0n,
  };
  for (const maker of others) {
    if (plan.left === 0 || plan.prevented || !crosses(side, limit, maker.price)) break;
    if (areOfOneUser(maker, incoming) && selfTrade !== SelfTrade.NONE) {
      const own = plan.steps.filter(({ step }) => step !== "FILL").length;
      if (own < ownMax) planPrevention(plan, maker, selfTrade);
      else plan.prevented = true;
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
