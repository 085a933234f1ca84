/**
 * What an order pays for a fill, or receives. From version 1 of the rules on:
 *
 * - The order's fees add up to the fee of its whole notional: the order carries the fraction of a cent that a fill
 *   leaves to its next fill.
 * - A maker's rebate is paid from the taker's fee of the same fill, and is never more than that. So no trade pays out
 *   more than it takes in, whatever fees the two orders have.
 * - There is no rebate for a trade with oneself, and none in an auction, where both orders rest and neither is a taker.
 */
import { carryOf, feeOf, makerBps, takerBps } from "../ledger/fees.ts";
import type { CoreParts } from "../parts.ts";
import { O_FEE_CARRY, O_FEES, O_OWNER, O_REBATE_CARRY } from "./order-arena.ts";

export type OrderFees = ReturnType<typeof createOrderFees>;

export function createOrderFees({ arena, rules }: CoreParts) {
  const O = arena.ints;

  /** Cents that the incoming order at `t` pays for a fill. */
  function ofTaker(t: number, notional: number): number {
    const bps = takerBps(O[t + O_FEES]);
    if (bps === 0) return 0;
    return rules.isAtLeast1() ? charge(t, notional, bps) : feeOf(notional, bps, 0);
  }

  /** Cents that the resting order at `m` pays for a fill by the order at `t`; negative = a rebate. */
  function ofMaker(m: number, t: number, notional: number, takerFee: number): number {
    const bps = makerBps(O[m + O_FEES]);
    if (!rules.isAtLeast1()) return feeOf(notional, bps, 0);
    if (bps >= 0) return charge(m, notional, bps);
    return O[m + O_OWNER] === O[t + O_OWNER] ? 0 : 0 - rebate(m, notional, -bps, takerFee);
  }

  /** Cents that the order at `o` pays for a fill in an auction. */
  function ofAuction(o: number, notional: number): number {
    const bps = makerBps(O[o + O_FEES]);
    if (!rules.isAtLeast1()) return feeOf(notional, bps, 0);
    return bps > 0 ? charge(o, notional, bps) : 0;
  }

  function charge(o: number, notional: number, bps: number): number {
    const carry = O[o + O_FEE_CARRY];
    O[o + O_FEE_CARRY] = carryOf(notional, bps, carry);
    return feeOf(notional, bps, carry);
  }

  function rebate(m: number, notional: number, bps: number, most: number): number {
    const carry = O[m + O_REBATE_CARRY];
    O[m + O_REBATE_CARRY] = carryOf(notional, bps, carry);
    return Math.min(feeOf(notional, bps, carry), most);
  }

  return { ofTaker, ofMaker, ofAuction };
}
