/**
 * Looks into the book before an order matches: how much it would fill, and what that would cost. Used from version 1 of
 * the rules on.
 *
 * The answers come from sums over levels and pages (`supply.ts`). With self-trade prevention, the user's own orders
 * must be taken off these sums, so they are looked at one by one. That is too much for a user with more than
 * SCANNED_ORDERS_MAX open orders. Then up to SCANNED_ORDERS_MAX orders of the book are looked at instead, and if these
 * do not decide, the order is refused.
 */
import { SelfTrade, Side } from "../command.ts";
import { feeOf, takerBps } from "../ledger/fees.ts";
import type { CoreParts } from "../parts.ts";
import { Reject } from "../reject.ts";
import { L_HEAD, L_QUANTITY_F64, LEVEL_INTS } from "./ladder.ts";
import type { Matching } from "./matching.ts";
import { O_LEVEL, O_NEXT, O_PRICE, O_REMAINING, ORDER_SHIFT } from "./order-arena.ts";
import type { Supply } from "./supply.ts";

export type LookAhead = ReturnType<typeof createLookAhead>;

const ANY_COST = Number.POSITIVE_INFINITY;

export function createLookAhead(
  { arena, ladder, rules }: CoreParts,
  matching: Matching,
  supply: Supply,
) {
  const O = arena.ints;
  const { levels: L, quantities: LQ } = ladder;

  /**
   * What the order to buy would cost with taker fees, cents. How the user's own orders count depends on the mode of
   * self-trade prevention:
   *
   * - CANCEL_OLDEST: not at all. With too many of them, the orders of the book are looked at until they cost more than
   *   `available`. The answer is -1 when SCANNED_ORDERS_MAX orders did not decide.
   * - CANCEL_NEWEST, CANCEL_BOTH: the order ends at the first of them, so nothing at a worse price counts. With too
   *   many of them, they count like those of others.
   * - DECREMENT, NONE: like those of others.
   */
  function costOf(
    book: number,
    limit: number,
    quantity: number,
    account: number,
    mode: number,
    fees: number,
    available: number,
  ): number {
    const side = book & 1;
    const bps = takerBps(fees);
    const skipsOwn = mode === SelfTrade.CANCEL_OLDEST;
    const endsAtOwn = mode === SelfTrade.CANCEL_NEWEST || mode === SelfTrade.CANCEL_BOTH;
    if (endsAtOwn) supply.collectOwn(account, book ^ 1, side, limit);
    if (skipsOwn && !supply.collectOwn(account, book ^ 1, side, limit)) {
      const scanned = matching.scan(book, limit, quantity, account, mode, fees, available);
      return scanned[2] !== 0 && scanned[1] <= available ? -1 : scanned[1];
    }
    const own = endsAtOwn ? supply.firstOwn(side) : 0;
    const reach = own === 0 ? limit : O[own + O_PRICE];
    let notional = supply.find(book ^ 1, side, reach, quantity, available, bps)[1];
    // The order will be refused, and the refusal names the cost of all that it would take: search to the end.
    if (notional + feeOf(notional, bps, 0) > available) {
      notional = supply.find(book ^ 1, side, reach, quantity, ANY_COST, bps)[1];
    }
    supply.forgetOwn();
    return notional + feeOf(notional, bps, 0);
  }

  /** 0 if the order would fill `quantity`, FILL_OR_KILL if not, CAPACITY if too many orders must be looked at. */
  function checkFill(
    book: number,
    limit: number,
    quantity: number,
    account: number,
    mode: number,
  ): number {
    const side = book & 1;
    const mindsOwn = mode !== SelfTrade.NONE;
    if (mindsOwn && !supply.collectOwn(account, book ^ 1, side, limit)) {
      const scanned = matching.scan(book, limit, quantity, account, mode, 0, ANY_COST);
      if (scanned[2] !== 0) return Reject.CAPACITY;
      return scanned[0] < quantity ? Reject.FILL_OR_KILL : 0;
    }
    const own = mode === SelfTrade.CANCEL_OLDEST ? 0 : supply.firstOwn(side);
    if (own !== 0) supply.forgetOwn();
    // Prevention ends the order at its user's first own order, so only better prices count.
    const before = O[own + O_PRICE] + (side === Side.BUY ? -1 : 1);
    const reach = own === 0 ? limit : before;
    const filled = supply.find(book ^ 1, side, reach, quantity, ANY_COST, 0)[0];
    supply.forgetOwn();
    if (filled === quantity) return 0;
    return own === 0 ? Reject.FILL_OR_KILL : checkLevel(own, quantity - filled);
  }

  /** Whether `quantity` shares rest before the order at `own` on its level. Answers as `checkFill` does. */
  function checkLevel(own: number, quantity: number): number {
    const level = O[own + O_LEVEL];
    if (LQ[level * 2 + L_QUANTITY_F64] < quantity) return Reject.FILL_OR_KILL;
    let left = quantity;
    let looks = rules.scannedOrdersMax;
    let o = L[level * LEVEL_INTS + L_HEAD] << ORDER_SHIFT;
    for (; o !== own && left > 0; o = O[o + O_NEXT] << ORDER_SHIFT) {
      if (looks-- === 0) return Reject.CAPACITY;
      rules.work[0]++;
      left -= O[o + O_REMAINING];
    }
    return left > 0 ? Reject.FILL_OR_KILL : 0;
  }

  return { costOf, checkFill };
}
