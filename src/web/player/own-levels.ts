/** The user's own part of a book. */
import { openOrders } from "../account/account.ts";

/** Shares of the user's own resting orders, by price. */
export function ownLevels(symbol: string): ReadonlyMap<number, number> {
  const levels = new Map<number, number>();
  for (const { symbol: of, status, price, quantity, filled_quantity } of openOrders.value) {
    if (of !== symbol || price === undefined || status === "PENDING_TRIGGER") continue;
    levels.set(price, (levels.get(price) ?? 0) + quantity - filled_quantity);
  }
  return levels;
}
