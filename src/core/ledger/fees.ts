/**
 * Fees in basis points of a fill's notional, rounded towards zero: no fee and no rebate (a negative fee) is
 * larger than stated. So the fees of an order's fills never add up to more than the fee of the whole order,
 * which is what it reserves. Fees go to the operator's account, and rebates are paid from it.
 */

const BASIS = 10_000;

/** Fees of an order as one integer: maker << 16 | taker, each a signed 16-bit number. */
export function packFees(makerBps: number, takerBps: number): number {
  return (makerBps << 16) | (takerBps & 0xffff);
}

export const makerBps = (fees: number): number => fees >> 16;
export const takerBps = (fees: number): number => (fees << 16) >> 16;

/** notional × bps / 10,000 towards zero, exact while the notional is a safe integer. */
export function feeOf(notional: number, bps: number): number {
  const tenThousands = Math.floor(notional / BASIS);
  const rest = notional - tenThousands * BASIS;
  // Adding 0 turns -0 into 0: the two have different bytes, and the state hash is over bytes.
  return tenThousands * bps + Math.trunc((rest * bps) / BASIS) + 0;
}

/** What a buy order of this price and quantity reserves: its notional and the larger of its fees. */
export function reservation(price: number, quantity: number, fees: number): number {
  const notional = price * quantity;
  if (fees === 0) return notional;
  const bps = Math.max(makerBps(fees), takerBps(fees));
  return bps > 0 ? notional + feeOf(notional, bps) : notional;
}
