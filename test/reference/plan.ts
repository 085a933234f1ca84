/** What an incoming order would do to the other side of the book. */
import { SelfTrade } from "../../src/core/command.ts";
import { areOfOneUser, crosses, type Fees, feeOf, type Order, type Owner } from "./order.ts";

/** What an incoming order does to one resting order; `decrement` is the quantity that it loses itself. */
export type Step =
  | { step: "FILL"; maker: Order; quantity: number }
  | { step: "CANCEL"; maker: Order; decrement: number }
  | { step: "REDUCE"; maker: Order; quantity: number };

/** Everything that an incoming order would do, step by step. */
export interface Plan {
  steps: Step[];
  filled: number;
  /** The quantity of the incoming order that remains. */
  left: number;
  /** True if self-trade prevention ends the incoming order. */
  prevented: boolean;
  /** The cost of the fills, with the taker's fees. */
  cost: bigint;
}

/** The properties of an incoming order that matching needs. */
export interface Incoming extends Owner {
  side: number;
  selfTrade: number;
  limit: number;
  quantity: number;
  fees: Fees;
}

/**
 * Goes through the opposite side in order of priority and records what would happen. Changes nothing. After
 * `ownMax` orders of the same user, the next one ends the incoming order.
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
 * CANCEL_NEWEST ends the incoming order, CANCEL_OLDEST the resting one, CANCEL_BOTH both. DECREMENT takes the
 * smaller quantity off both; the order that has nothing left ends, and its event shows the quantity from
 * before.
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
