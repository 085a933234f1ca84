/**
 * Fees in basis points of an order's notional. They are rounded towards zero, so that no fee, and no rebate (a negative
 * fee), is larger than its rate says. The fraction of a cent that a fill leaves is carried to the order's next fill
 * (`whistle/order-fees.ts`), so that many small fills cost as much as one large one. Fees go to the operator's account,
 * and rebates are paid from it.
 */

import { WHOLE_BPS } from "../../lib/basis-points.ts";

/** Fees of an order as one integer: maker << 16 | taker, each a signed 16-bit number. */
export function packFees(makerBps: number, takerBps: number): number {
  return (makerBps << 16) | (takerBps & 0xffff);
}

export const makerBps = (fees: number): number => fees >> 16;
export const takerBps = (fees: number): number => (fees << 16) >> 16;

/**
 * (notional × bps + carry) / 10,000 towards zero, exact while the notional is a safe integer. `carry`: ten-thousandths
 * of a cent, 0 to 9,999, and only with `bps` of 0 or more.
 */
export function feeOf(notional: number, bps: number, carry: number): number {
  const tenThousands = Math.floor(notional / WHOLE_BPS);
  const rest = notional - tenThousands * WHOLE_BPS;
  // Adding 0 turns -0 into 0: the two have different bytes, and the state hash is over bytes.
  return tenThousands * bps + Math.trunc((rest * bps + carry) / WHOLE_BPS) + 0;
}

/** The fraction of a cent that `feeOf` leaves, ten-thousandths. */
export function carryOf(notional: number, bps: number, carry: number): number {
  return ((notional % WHOLE_BPS) * bps + carry) % WHOLE_BPS;
}

/**
 * What a buy order of this price and quantity reserves: its notional and the larger of its two possible fees. `carry`:
 * the fraction of a cent that the order's fees so far have left. A constant, because at each call of an imported
 * `function` the compiled code checks that it is still the same function.
 */
export const reservation = (
  price: number,
  quantity: number,
  fees: number,
  carry: number,
): number => {
  const notional = price * quantity;
  if (fees === 0) return notional;
  const bps = Math.max(makerBps(fees), takerBps(fees));
  return bps > 0 ? notional + feeOf(notional, bps, carry) : notional;
};

/**
 * By side, 1 or 0: whether it pays cash, and whether it delivers shares. They are floats, because a product of integers
 * needs a test for -0. That would be a branch on the side, which the processor cannot predict.
 */
export const PAYS = Float64Array.of(1, 0);
export const DELIVERS = Float64Array.of(0, 1);
