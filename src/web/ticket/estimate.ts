/** What an order would cost, as far as the book that is shown tells. Whole cents and shares throughout. */
import type { Level } from "@waiver/client";

export interface FeeRates {
  readonly maker_bps: number;
  readonly taker_bps: number;
}

export interface Order {
  readonly side: "BUY" | "SELL";
  /** Cents; none: at what the book has. */
  readonly price: number | undefined;
  readonly quantity: number;
}

export interface Estimate {
  /** Cents that change hands. */
  readonly notional: number;
  /** Cents; negative is a rebate. */
  readonly fee: number;
  /** Shares that the book has not got for an order without a price. */
  readonly missing: number;
}

const BASIS = 10_000;

/** Null where the sum is beyond what can be counted exactly. */
export function estimate(
  order: Order,
  opposite: readonly Level[],
  rates: FeeRates,
): Estimate | null {
  const { price, quantity, side } = order;
  let left = quantity;
  let notional = 0;
  let taken = 0;
  for (const [level, shares] of opposite) {
    const isWithin = price === undefined || (side === "BUY" ? level <= price : level >= price);
    if (left === 0 || !isWithin) break;
    const fill = Math.min(left, shares);
    notional += level * fill;
    left -= fill;
  }
  taken = notional;
  if (price !== undefined) notional += price * left;
  if (!Number.isSafeInteger(notional)) return null;
  const fee = feeOf(taken, rates.taker_bps) + feeOf(notional - taken, rates.maker_bps);
  return { notional, fee, missing: price === undefined ? left : 0 };
}

/** `notional × bps / 10,000` towards zero, as the exchange counts it, without a number that is not exact. */
export function feeOf(notional: number, bps: number): number {
  const whole = Math.floor(notional / BASIS);
  const rest = notional - whole * BASIS;
  return whole * bps + Math.trunc((rest * bps) / BASIS);
}

/** Shares at `price` that `percent` of the cash buys, with the fee that is held back for them. */
export function affordable(cash: number, percent: number, price: number, rates: FeeRates): number {
  const bps = Math.max(rates.maker_bps, rates.taker_bps, 0);
  const budget = partOf(cash, percent);
  let [enough, most] = [0, Math.floor(budget / price)];
  // The fee is rounded by the order, not by the share: how many shares it leaves room for is found by halving.
  while (enough < most) {
    const middle = most - Math.floor((most - enough) / 2);
    const notional = price * middle;
    if (notional + feeOf(notional, bps) <= budget) enough = middle;
    else most = middle - 1;
  }
  return enough;
}

/** `percent` of a whole number, towards zero. */
export function partOf(whole: number, percent: number): number {
  const hundreds = Math.floor(whole / 100);
  return hundreds * percent + Math.floor(((whole - hundreds * 100) * percent) / 100);
}
