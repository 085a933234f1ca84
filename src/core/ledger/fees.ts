/**
 * Fees in basis points of a fill's notional, rounded down (towards the trader), so that the fees of
 * the fills never add up to more than the fee of the whole, which is what an order reserves.
 */

const BASIS = 10_000;

/** Fees of an order as one integer: maker << 16 | taker, each a signed 16-bit number. */
export function packFees(makerBps: number, takerBps: number): number {
  return (makerBps << 16) | (takerBps & 0xffff);
}

export const makerBps = (fees: number): number => fees >> 16;
export const takerBps = (fees: number): number => (fees << 16) >> 16;

/** floor(notional × bps / 10,000), exact while the notional is a safe integer. */
export function feeOf(notional: number, bps: number): number {
  const tenThousands = Math.floor(notional / BASIS);
  return tenThousands * bps + Math.floor(((notional - tenThousands * BASIS) * bps) / BASIS);
}

/** What a buy order of this price and quantity reserves: its notional and the larger of its fees. */
export function reservation(price: number, quantity: number, fees: number): number {
  const notional = price * quantity;
  if (fees === 0) return notional;
  const bps = Math.max(makerBps(fees), takerBps(fees));
  return bps > 0 ? notional + feeOf(notional, bps) : notional;
}
