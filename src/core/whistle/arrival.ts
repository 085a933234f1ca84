/** What happens to an order that has been checked and written into its slot: it trades, and then it rests or ends. */
import { OrderType } from "../command.ts";
import type { Emit } from "../emit.ts";
import { EndReason, EventFlag, OrderStatus, typeOfFlags } from "../event.ts";
import { CLOCK_TRADES, type CoreParts } from "../parts.ts";
import { Reject } from "../reject.ts";
import { reaches } from "./ladder.ts";
import { type Matching, Outcome } from "./matching.ts";
import {
  O_ACCOUNT,
  O_BOOK,
  O_CLIENT_ID,
  O_NOTIONAL_F64,
  O_ORDER_FLAGS,
  O_REMAINING,
  ORDER_SHIFT,
} from "./order-arena.ts";
import type { Resting } from "./resting.ts";
import type { Stops } from "./stops.ts";

export type Arrival = ReturnType<typeof createArrival>;

const REPLY_NEWS = EventFlag.REPLY | EventFlag.NEWS;
const REPLY_OPEN = EventFlag.REPLY | EventFlag.OPEN;

export function createArrival(
  parts: CoreParts,
  resting: Resting,
  matching: Matching,
  stops: Stops,
  emit: Emit,
) {
  const { arena, ladder, clientIds, clock, rules } = parts;
  const O = arena.ints;
  const OD = arena.doubles;

  /** Lets the order at `o` trade up to `limit` if it `matches`, and then rest if it `rests`. Emits the reply. */
  function enter(o: number, limit: number, matches: boolean, rests: boolean): void {
    const book = O[o + O_BOOK];
    const trades = clock[CLOCK_TRADES];
    const outcome =
      matches && reaches(book & 1, ladder.best(book ^ 1), limit)
        ? matching.match(o, limit)
        : Outcome.MATCHED;
    matching.touch(o);
    if (O[o + O_REMAINING] === 0) {
      emit.order(o, EventFlag.REPLY, OrderStatus.FILLED, EndReason.NONE);
      resting.finish(o);
    } else if (outcome === Outcome.SELF_TRADE || (isMarketOrder(o) && !hasFills(o))) {
      stopAtSelfTrade(o);
    } else if (!rests) {
      emit.order(o, REPLY_NEWS, OrderStatus.EXPIRED, EndReason.TIME_IN_FORCE);
      resting.finish(o);
    } else {
      // After fills the account knows this state already from the last TRADE.
      rest(o, outcome === Outcome.REDUCED || !hasFills(o));
    }
    if (clock[CLOCK_TRADES] !== trades) stops.aftermath(book >> 1);
  }

  function isMarketOrder(o: number): boolean {
    return typeOfFlags(O[o + O_ORDER_FLAGS]) === OrderType.MARKET;
  }

  function hasFills(o: number): boolean {
    return OD[(o >> 1) + O_NOTIONAL_F64] !== 0;
  }

  /**
   * Self-trade prevention has ended the incoming order after something changed, so the order is cancelled. Under rules
   * before version 1 an order without fills is refused instead, and its client order id may be used again.
   */
  function stopAtSelfTrade(o: number): void {
    if (hasFills(o) || rules.isAtLeast1()) {
      emit.order(o, REPLY_NEWS, OrderStatus.CANCELLED, EndReason.SELF_TRADE);
      resting.finish(o);
      return;
    }
    emit.reject(Reject.SELF_TRADE, O[o + O_ACCOUNT]);
    const entry = O[o + O_CLIENT_ID];
    if (entry !== 0) clientIds.remove(entry);
    arena.release(o >> ORDER_SHIFT);
  }

  /** Puts what is left of an incoming order into the book. */
  function rest(o: number, isNews: boolean): void {
    resting.place(o);
    const flags = isNews ? REPLY_OPEN | EventFlag.NEWS : REPLY_OPEN;
    emit.order(o, flags, matching.openStatus(o), EndReason.NONE);
  }

  return { enter, rest };
}
