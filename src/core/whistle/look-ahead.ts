/**
 * The checks of an order about to match that have to look into the book, from version 1 of the rules: how much it would
 * fill, and what that would cost. They work on sums (`supply.ts`). Where orders of the same user are in the way and
 * self-trade prevention is on, these are looked at; of a user with too many open orders, the orders in the book are, as
 * many, and an order that this does not decide is refused.
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
   * What the order would take from the book. Under CANCEL_OLDEST own orders do not count; where there are too many of
   * them it is counted up to the first order with which it is more than `available`, and -1 says that there are too many
   * to know. Where the first own order ends it, nothing counts that is dearer. Otherwise, and where there are too many of
   * them, they count as if they were others'.
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
    // It is refused, and told what it needs: all that it would take.
    if (notional + feeOf(notional, bps, 0) > available) {
      notional = supply.find(book ^ 1, side, reach, quantity, ANY_COST, bps)[1];
    }
    supply.forgetOwn();
    return notional + feeOf(notional, bps, 0);
  }

  /** Whether the order would fill `quantity`: 0, FILL_OR_KILL if not, or CAPACITY if that is too much to know. */
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
    // Prevention ends the order at its user's first one: what counts is before it.
    const before = O[own + O_PRICE] + (side === Side.BUY ? -1 : 1);
    const reach = own === 0 ? limit : before;
    const filled = supply.find(book ^ 1, side, reach, quantity, ANY_COST, 0)[0];
    supply.forgetOwn();
    if (filled === quantity) return 0;
    return own === 0 ? Reject.FILL_OR_KILL : checkLevel(own, quantity - filled);
  }

  /** Whether so many shares wait at the price of the order at `own` before it. */
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
