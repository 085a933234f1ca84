/** Estimates what an order would cost, from the shown book. Amounts are whole cents and shares. */
import type { Level } from "@waiver/client";

export interface FeeRates {
  readonly maker_bps: number;
  readonly taker_bps: number;
}

export interface Order {
  readonly side: "BUY" | "SELL";
  /** Cents; undefined for an order without a limit. */
  readonly price: number | undefined;
  readonly quantity: number;
  /** Whether what does not trade at once waits in the book. */
  readonly rests: boolean;
}

export interface Estimate {
  /** Price times shares, in cents. */
  readonly notional: number;
  /** Cents; negative is a rebate. */
  readonly fee: number;
  /** Shares of an order that does not rest for which there is no order in the book. */
  readonly missing: number;
}

const BASIS = 10_000;

/** Null when the sum is too large to be exact. */
export function estimate(
  order: Order,
  opposite: readonly Level[],
  rates: FeeRates,
): Estimate | null {
  const { price, quantity, side, rests } = order;
  let left = quantity;
  let notional = 0;
  for (const [level, shares] of opposite) {
    const isWithin = price === undefined || (side === "BUY" ? level <= price : level >= price);
    if (left === 0 || !isWithin) break;
    const fill = Math.min(left, shares);
    notional += level * fill;
    left -= fill;
  }
  const taken = notional;
  if (price !== undefined && rests) notional += price * left;
  if (!Number.isSafeInteger(notional)) return null;
  const fee = feeOf(taken, rates.taker_bps) + feeOf(notional - taken, rates.maker_bps);
  return { notional, fee, missing: rests ? 0 : left };
}

/**
 * `notional × bps / 10,000` rounded towards zero, as the exchange computes it. All numbers on the way are
 * exact.
 */
export function feeOf(notional: number, bps: number): number {
  const whole = Math.floor(notional / BASIS);
  const rest = notional - whole * BASIS;
  return whole * bps + Math.trunc((rest * bps) / BASIS);
}

/**
 * How many shares at `price` can be bought with `percent` of the cash, with the fee that the exchange reserves
 * for them.
 */
export function affordable(cash: number, percent: number, price: number, rates: FeeRates): number {
  const bps = Math.max(rates.maker_bps, rates.taker_bps, 0);
  const budget = partOf(cash, percent);
  let [enough, most] = [0, Math.floor(budget / price)];
  // The fee is rounded for the whole order, so the number of shares is found by bisection.
  while (enough < most) {
    const middle = most - Math.floor((most - enough) / 2);
    const notional = price * middle;
    if (notional + feeOf(notional, bps) <= budget) enough = middle;
    else most = middle - 1;
  }
  return enough;
}

/** `percent` of a whole number, rounded towards zero. */
export function partOf(whole: number, percent: number): number {
  const hundreds = Math.floor(whole / 100);
  return hundreds * percent + Math.floor(((whole - hundreds * 100) * percent) / 100);
}
