/**
 * Stop orders: they wait in the ladder by their stop price and come in when the last trade reaches it.
 *
 * A trade at or above its stop price triggers a stop to buy, at or below it a stop to sell. After each command
 * (`aftermath`) those that the last price reaches come in one by one: buys from the lowest stop price up,
 * then sells from the highest down, at one price the older first; each may trade, move the last price and
 * so trigger others. At most TRIGGERS_PER_COMMAND_MAX come in after one command; the rest after the next.
 *
 * A STOP then takes what the book offers up to its cap, and the rest expires. A STOP_LIMIT is then a limit order
 * like any other. Both reserve while they wait.
 */
import { OrderFlag, OrderType, Side, SymbolState, TimeInForce } from "../command.ts";
import type { Emit } from "../emit.ts";
import { EventFlag, OrderStatus, PENDING, typeOfFlags } from "../event.ts";
import {
  CLOCK_SEQUENCE,
  type CoreParts,
  MARKET_BACKLOG,
  MARKET_BACKLOG_FIRST,
  triggerBook,
} from "../parts.ts";
import { S_LAST_PRICE, S_MOVE_BPS, S_STATE, SYMBOL_INTS } from "../symbols.ts";
import { type Checks, mayRest } from "./checks.ts";
import { L_HEAD, LEVEL_INTS } from "./ladder.ts";
import { type Matching, Outcome } from "./matching.ts";
import {
  O_ACCOUNT,
  O_BOOK,
  O_FEES,
  O_NOTIONAL_F64,
  O_ORDER_FLAGS,
  O_PRICE,
  O_REMAINING,
  O_STOP_PRICE,
  ORDER_SHIFT,
} from "./order-arena.ts";
import type { Protection } from "./protection.ts";
import type { Resting } from "./resting.ts";

export const TRIGGERS_PER_COMMAND_MAX = 1000;

export type Stops = ReturnType<typeof createStops>;

export function createStops(
  parts: CoreParts,
  resting: Resting,
  matching: Matching,
  checks: Checks,
  protection: Protection,
  emit: Emit,
) {
  const { arena, ladder, symbols, market, clock } = parts;
  const O = arena.ints;
  const OD = arena.doubles;
  const L = ladder.levels;
  const S = symbols.ints;
  /** By symbol: stops that came in during one command, and the sequence number of that. */
  const triggered = new Int32Array(symbols.count);
  const triggeredBy = new Float64Array(symbols.count);

  /** Lets a new or amended stop wait. The command's reply. */
  function wait(o: number): void {
    O[o + O_ORDER_FLAGS] |= PENDING;
    resting.reserve(o);
    resting.enqueue(o, triggerBook(symbols.count, O[o + O_BOOK]), O[o + O_STOP_PRICE]);
    resting.link(o);
    matching.touch(o);
    const flags = EventFlag.REPLY | EventFlag.NEWS | EventFlag.OPEN;
    emit.order(o, flags, OrderStatus.PENDING_TRIGGER);
  }

  /** Whether a trade of the symbol can bring about anything: most often not. */
  function areWatching(symbol: number): boolean {
    if (S[symbol * SYMBOL_INTS + S_MOVE_BPS] !== 0) return true;
    const buys = triggerBook(symbols.count, symbol << 1);
    return ladder.best(buys) !== 0 || ladder.best(buys ^ 1) !== 0;
  }

  /** What the trades of a command bring about in its symbol: a pause, or stops. */
  function aftermath(symbol: number): void {
    if (!areWatching(symbol)) return;
    while (S[symbol * SYMBOL_INTS + S_STATE] === SymbolState.TRADING) {
      if (protection.pauseIfMoved(symbol)) return;
      const slot = reached(symbol);
      if (slot === 0) return;
      if (!mayTrigger(symbol)) return postpone(symbol);
      trigger(slot << ORDER_SHIFT);
    }
  }

  function reset(): void {
    triggered.fill(0);
    triggeredBy.fill(0);
  }

  /** Counts one more stop of the symbol in the command in hand, unless that has had its share. */
  function mayTrigger(symbol: number): boolean {
    if (triggeredBy[symbol] !== clock[CLOCK_SEQUENCE]) {
      triggeredBy[symbol] = clock[CLOCK_SEQUENCE];
      triggered[symbol] = 0;
    }
    return triggered[symbol]++ < TRIGGERS_PER_COMMAND_MAX;
  }

  /** At the end of a command: goes on with the `count` symbols that were left over before it. */
  function goOn(count: number): void {
    for (let i = 0; i < count; i++) {
      const symbol = market[MARKET_BACKLOG_FIRST];
      market.copyWithin(
        MARKET_BACKLOG_FIRST,
        MARKET_BACKLOG_FIRST + 1,
        MARKET_BACKLOG_FIRST + market[MARKET_BACKLOG],
      );
      market[MARKET_BACKLOG_FIRST + --market[MARKET_BACKLOG]] = 0;
      aftermath(symbol);
    }
  }

  function postpone(symbol: number): void {
    const count = market[MARKET_BACKLOG];
    for (let i = 0; i < count; i++) if (market[MARKET_BACKLOG_FIRST + i] === symbol) return;
    market[MARKET_BACKLOG_FIRST + count] = symbol;
    market[MARKET_BACKLOG] = count + 1;
  }

  /** The next stop that the last price reaches, 0 when there is none. */
  function reached(symbol: number): number {
    const last = S[symbol * SYMBOL_INTS + S_LAST_PRICE];
    if (last === 0) return 0;
    const buys = triggerBook(symbols.count, symbol << 1);
    const lowest = ladder.best(buys);
    if (lowest !== 0 && lowest <= last) return L[ladder.bestLevel(buys) * LEVEL_INTS + L_HEAD];
    const sells = buys ^ 1;
    const highest = ladder.best(sells);
    return highest >= last ? L[ladder.bestLevel(sells) * LEVEL_INTS + L_HEAD] : 0;
  }

  /** Brings a waiting stop in. It is news to its account, not the answer to a command. */
  function trigger(o: number): void {
    resting.withdraw(o);
    const flags = O[o + O_ORDER_FLAGS] & ~PENDING;
    O[o + O_ORDER_FLAGS] = flags;
    const book = O[o + O_BOOK];
    const side = book & 1;
    const isMarket = typeOfFlags(flags) === OrderType.STOP;
    const edge = checks.marketLimit(book >> 1, side);
    const price = O[o + O_PRICE];
    const limit = side === Side.BUY ? Math.min(price, edge) : Math.max(price, edge);
    const notional = OD[(o >> 1) + O_NOTIONAL_F64];
    const isRefused = refuses(o, book, limit, flags, isMarket);
    const outcome = isRefused ? Outcome.SELF_TRADE : matching.match(o, limit);
    const hasFilled = OD[(o >> 1) + O_NOTIONAL_F64] !== notional;
    matching.touch(o);
    if (O[o + O_REMAINING] === 0) {
      emit.order(o, 0, OrderStatus.FILLED);
      resting.finish(o);
    } else if (outcome === Outcome.SELF_TRADE) {
      emit.order(o, EventFlag.NEWS, OrderStatus.CANCELLED);
      resting.finish(o);
    } else if (isMarket || !mayRest((flags >> 4) & 15)) {
      emit.order(o, EventFlag.NEWS, OrderStatus.EXPIRED);
      resting.finish(o);
    } else {
      resting.place(o);
      const isNews = outcome === Outcome.REDUCED || !hasFilled;
      const told = isNews ? EventFlag.NEWS | EventFlag.OPEN : EventFlag.OPEN;
      emit.order(o, told, matching.openStatus(o));
    }
  }

  /** Whether a rule keeps a triggered order out: band, post-only, fill-or-kill, room in the ladder. */
  function refuses(
    o: number,
    book: number,
    limit: number,
    flags: number,
    isMarket: boolean,
  ): boolean {
    const timeInForce = (flags >> 4) & 15;
    const price = O[o + O_PRICE];
    if (!isMarket && checks.isOutsideBand(book >> 1, price)) return true;
    const postOnly = ((flags >> 12) & OrderFlag.POST_ONLY) !== 0;
    if (postOnly && matching.reaches(book & 1, ladder.best(book ^ 1), limit)) return true;
    if (timeInForce === TimeInForce.FOK) {
      const quantity = O[o + O_REMAINING];
      const mode = (flags >> 8) & 15;
      const account = O[o + O_ACCOUNT];
      const fees = O[o + O_FEES];
      return matching.scan(book, limit, quantity, account, mode, fees)[0] < quantity;
    }
    return !isMarket && mayRest(timeInForce) && !ladder.hasRoom(book, price);
  }

  return {
    wait,
    aftermath,
    goOn,
    reset,
  };
}
