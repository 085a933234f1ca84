/**
 * Overdue orders have expired, but are still in the book, because only EXPIRIES_MAX orders end by time in one tick
 * (`timed.ts`). They must not trade, and no command may cancel or amend them. So each is ended just before an order, an
 * auction or a command would meet it. There are overdue orders from version 1 of the rules on.
 */
import { EndReason, EventFlag, OrderStatus } from "../event.ts";
import { CLOCK_TIMESTAMP, type CoreParts } from "../parts.ts";
import { L_HEAD, LEVEL_INTS, reaches } from "./ladder.ts";
import type { Matching } from "./matching.ts";
import { O_EXPIRE_AT_F64, O_NEXT, O_OWNER, O_REMAINING, ORDER_SHIFT } from "./order-arena.ts";

export type Overdue = ReturnType<typeof createOverdue>;

export function createOverdue(parts: CoreParts, matching: Matching) {
  const { arena, ladder, accounts, expiries, clock, rules } = parts;
  const { head } = expiries;
  const O = arena.ints;
  const OD = arena.doubles;
  const L = ladder.levels;

  /** Whether any order is overdue. */
  function areAny(): boolean {
    return expiries.due() <= clock[CLOCK_TIMESTAMP];
  }

  /** Ends the open order at `o` if it is overdue. Returns whether it was. */
  function endIf(o: number): boolean {
    const at = OD[(o >> 1) + O_EXPIRE_AT_F64];
    if (at === 0 || at > clock[CLOCK_TIMESTAMP]) return false;
    end(o);
    return true;
  }

  function end(o: number): void {
    matching.endOpen(o, EventFlag.NEWS, OrderStatus.EXPIRED, EndReason.EXPIRE_AT);
  }

  /**
   * Call it before an order of the account trades in `book` up to `limit`: ends the overdue orders that the order could
   * meet. Looks at one order after the other until it has seen `quantity` shares of other users that are not overdue.
   * False when it has not seen so many after SCANNED_ORDERS_MAX orders: then the order has to wait.
   */
  function clear(book: number, limit: number, quantity: number, account: number): boolean {
    if (head[0] === 0 || !areAny()) return true;
    const owner = accounts.ownerOf(account);
    const side = book & 1;
    const opposite = book ^ 1;
    let looks = 0;
    let left = quantity;
    let price = ladder.best(opposite);
    while (left > 0 && reaches(side, price, limit)) {
      let slot = firstAt(opposite, price);
      while (slot !== 0 && left > 0) {
        if (looks === rules.scannedOrdersMax) {
          rules.work[0] += looks;
          return false;
        }
        looks++;
        const m = slot << ORDER_SHIFT;
        slot = O[m + O_NEXT];
        if (!endIf(m) && O[m + O_OWNER] !== owner) left -= O[m + O_REMAINING];
      }
      price = ladder.nextPrice(opposite, price);
    }
    rules.work[0] += looks;
    return true;
  }

  /** Call it before an auction: ends the overdue orders that could trade in it. */
  function clearCrossing(bids: number, asks: number): void {
    const lowest = ladder.best(asks);
    const highest = ladder.best(bids);
    if (!areAny() || lowest === 0) return;
    clearSide(bids, lowest);
    clearSide(asks, highest);
  }

  function clearSide(book: number, limit: number): void {
    const other = (book & 1) ^ 1;
    for (
      let price = ladder.best(book);
      reaches(other, price, limit);
      price = ladder.nextPrice(book, price)
    ) {
      let slot = firstAt(book, price);
      while (slot !== 0) {
        const o = slot << ORDER_SHIFT;
        slot = O[o + O_NEXT];
        endIf(o);
      }
    }
  }

  function firstAt(book: number, price: number): number {
    return L[ladder.find(book, price) * LEVEL_INTS + L_HEAD];
  }

  return { areAny, end, endIf, clear, clearCrossing };
}
