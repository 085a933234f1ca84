/** The indicative price of an auction: the price at which a symbol would open now, by the exchange's rules. */
import type { Level } from "@waiver/client";

export interface Indication {
  /** Cents. */
  readonly price: number;
  /** Shares that would trade. */
  readonly quantity: number;
}

/**
 * The price at which most shares would trade. Of several such prices, the one with the smallest surplus, then
 * the one nearest to `reference`, then the lowest. Null when nothing would trade. Levels are best first; prices
 * are multiples of `increment`, in cents.
 */
export function indication(
  bids: readonly Level[],
  asks: readonly Level[],
  increment: number,
  reference: number,
): Indication | null {
  let best: (Indication & { surplus: number; distance: number }) | null = null;
  for (const price of candidates(bids, asks, increment, reference)) {
    const demand = sumWhile(bids, (level) => level >= price);
    const supply = sumWhile(asks, (level) => level <= price);
    const quantity = Math.min(demand, supply);
    if (quantity === 0) continue;
    const surplus = Math.abs(demand - supply);
    const distance = Math.abs(price - reference);
    const order =
      best === null
        ? -1
        : best.quantity - quantity ||
          surplus - best.surplus ||
          distance - best.distance ||
          price - best.price;
    if (order < 0) best = { price, quantity, surplus, distance };
  }
  return best && { price: best.price, quantity: best.quantity };
}

/**
 * The prices to look at: levels that can trade, and between two of them, where demand and supply do not change,
 * the price nearest to `reference`.
 */
function candidates(
  bids: readonly Level[],
  asks: readonly Level[],
  increment: number,
  reference: number,
): number[] {
  const [low, high] = [asks[0]?.[0], bids[0]?.[0]];
  if (low === undefined || high === undefined || low > high) return [];
  const within = [...bids, ...asks]
    .map(([price]) => price)
    .filter((price) => price >= low && price <= high);
  const prices = [...new Set(within)].sort((a, b) => a - b);
  const nearest = reference - (reference % increment);
  const between = prices.flatMap((price, i) => {
    const [first, last] = [price + increment, (prices[i + 1] ?? price) - increment];
    if (first > last) return [];
    return [nearest, nearest + increment].map((each) => Math.min(Math.max(each, first), last));
  });
  return [...prices, ...between];
}

function sumWhile(levels: readonly Level[], counts: (price: number) => boolean): number {
  let sum = 0;
  for (const [price, quantity] of levels) {
    if (!counts(price)) break;
    sum += quantity;
  }
  return sum;
}
