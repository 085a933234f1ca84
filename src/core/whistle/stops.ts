/**
 * Stop orders. They wait in the ladder, by their stop price, until a trade triggers them. A trade triggers a stop to
 * buy at its stop price or above, and a stop to sell at its stop price or below.
 *
 * - **Order.** After each command (`aftermath`) the triggered stops come in one by one: first buys from the lowest stop
 *   price up, then sells from the highest down; at the same price the oldest first. Each may trade and so trigger
 *   others, which is a cascade.
 * - **Prices.** All trades of a command count, not only the last one: the lowest and the highest price since the
 *   cascade began trigger stops. A cascade begins with the symbol's last price, which may trigger stops that were
 *   placed while the symbol was not trading. When a volatility pause ends a cascade, both prices are forgotten, and
 *   when the symbol trades again, only its last price counts.
 * - **Limit.** A cascade does a limited amount of work in one command. If more is left, the symbol goes into the
 *   backlog. Each later command first does more of that work. Until it is done the symbol takes no new orders
 *   (`isBehind`), so no order overtakes a triggered stop.
 *
 * A triggered STOP takes what the book offers up to its cap, and the rest expires. A triggered STOP_LIMIT is a limit
 * order like any other. Both reserve cash or shares while they wait.
 *
 * Under rules before version 2 a cascade does not begin with the last price, only with the prices of trades. Under
 * rules before version 1 only a command's last price counts, and at most TRIGGERS_PER_COMMAND_MAX stops come in after a
 * command; the others follow after the next one.
 */
import { OrderFlag, OrderType, Side, SymbolState, TimeInForce } from "../command.ts";
import type { Emit } from "../emit.ts";
import { EndReason, EventFlag, OrderStatus, PENDING, typeOfFlags } from "../event.ts";
import {
  CLOCK_SEQUENCE,
  CLOCK_TRADES,
  type CoreParts,
  MARKET_BACKLOG,
  MARKET_BACKLOG_FIRST,
  triggerBook,
} from "../parts.ts";
import {
  S_ELECTED_HIGH,
  S_ELECTED_LOW,
  S_LAST_PRICE,
  S_MOVE_BPS,
  S_STATE,
  SYMBOL_INTS,
} from "../symbols.ts";
import { type Checks, mayRest } from "./checks.ts";
import { L_HEAD, LEVEL_INTS, reaches } from "./ladder.ts";
import { type Matching, Outcome } from "./matching.ts";
import {
  O_ACCOUNT,
  O_BOOK,
  O_NOTIONAL_F64,
  O_ORDER_FLAGS,
  O_PRICE,
  O_REMAINING,
  O_STOP_PRICE,
  ORDER_SHIFT,
} from "./order-arena.ts";
import type { Overdue } from "./overdue.ts";
import type { PriceBand } from "./price-band.ts";
import type { Protection } from "./protection.ts";
import type { Resting } from "./resting.ts";

const TRIGGERS_PER_COMMAND_MAX = 1000;

export type Stops = ReturnType<typeof createStops>;

export function createStops(
  parts: CoreParts,
  resting: Resting,
  matching: Matching,
  overdue: Overdue,
  checks: Checks,
  band: PriceBand,
  protection: Protection,
  emit: Emit,
) {
  const { arena, ladder, symbols, market, clock, rules } = parts;
  const { traded } = matching;
  const { work } = rules;
  const O = arena.ints;
  const OD = arena.doubles;
  const L = ladder.levels;
  const S = symbols.ints;
  /** By symbol: work of its cascade in the last command in which it ran, and that command's sequence number. */
  const triggered = new Int32Array(symbols.count);
  const triggeredBy = new Float64Array(symbols.count);
  /** Work that a cascade may do in the present command. */
  let workMax = rules.cascadeWorkMax;

  /** Puts a new or amended stop into its trigger book, and emits the reply to its command. */
  function wait(o: number): void {
    O[o + O_ORDER_FLAGS] |= PENDING;
    resting.reserve(o);
    resting.enqueue(o, triggerBook(symbols.count, O[o + O_BOOK]), O[o + O_STOP_PRICE]);
    resting.link(o);
    matching.touch(o);
    const flags = EventFlag.REPLY | EventFlag.NEWS | EventFlag.OPEN;
    emit.order(o, flags, OrderStatus.PENDING_TRIGGER, EndReason.NONE);
  }

  /** Whether a trade of the symbol can cause a volatility pause or trigger a stop. Most often it cannot. */
  function areWatching(symbol: number): boolean {
    if (S[symbol * SYMBOL_INTS + S_MOVE_BPS] !== 0) return true;
    const buys = triggerBook(symbols.count, symbol << 1);
    return ladder.best(buys) !== 0 || ladder.best(buys ^ 1) !== 0;
  }

  /** Does what the trades of a command cause in their symbol: halts it, or lets triggered stops come in. */
  function aftermath(symbol: number): void {
    if (rules.isAtLeast1()) return aftermathOfEach(symbol);
    if (!areWatching(symbol)) return;
    while (S[symbol * SYMBOL_INTS + S_STATE] === SymbolState.TRADING) {
      if (protection.pauseIfMoved(symbol)) return;
      const slot = reached(symbol);
      if (slot === 0) return;
      if (!hasWorkLeft(symbol, TRIGGERS_PER_COMMAND_MAX)) return postpone(symbol);
      triggered[symbol]++;
      trigger(slot << ORDER_SHIFT);
    }
  }

  /** `aftermath` from version 1 of the rules on, where every trade counts. */
  function aftermathOfEach(symbol: number): void {
    if (areWatching(symbol)) {
      if (rules.isAtLeast2()) begin(symbol);
      elect(symbol);
      while (S[symbol * SYMBOL_INTS + S_STATE] === SymbolState.TRADING) {
        if (protection.pauseIfMoved(symbol)) break;
        const slot = reached(symbol);
        if (slot === 0) break;
        if (!hasWorkLeft(symbol, workMax)) return postpone(symbol);
        const before = work[0] + clock[CLOCK_TRADES];
        const hasComeIn = comeIn(slot << ORDER_SHIFT);
        triggered[symbol] += 1 + work[0] + clock[CLOCK_TRADES] - before;
        if (!hasComeIn) return postpone(symbol);
        elect(symbol);
      }
    }
    const s = symbol * SYMBOL_INTS;
    S[s + S_ELECTED_LOW] = 0;
    S[s + S_ELECTED_HIGH] = 0;
    traded[0] = 0;
    traded[1] = 0;
  }

  /** A cascade begins with the last price, which then triggers stops wherever the first of them move the price. */
  function begin(symbol: number): void {
    const s = symbol * SYMBOL_INTS;
    if (S[s + S_ELECTED_LOW] !== 0) return;
    S[s + S_ELECTED_LOW] = S[s + S_LAST_PRICE];
    S[s + S_ELECTED_HIGH] = S[s + S_LAST_PRICE];
  }

  /**
   * Lets a triggered stop come in, or ends it if it has expired. False when too many expired orders are in its way:
   * then it has to wait.
   */
  function comeIn(o: number): boolean {
    if (overdue.endIf(o)) return true;
    if (!overdue.clear(O[o + O_BOOK], O[o + O_PRICE], O[o + O_REMAINING], O[o + O_ACCOUNT]))
      return false;
    trigger(o);
    return true;
  }

  /** Adds the prices of the last trades to the lowest and highest price of the cascade. */
  function elect(symbol: number): void {
    const s = symbol * SYMBOL_INTS;
    const low = traded[0];
    const high = traded[1];
    if (low === 0) return;
    if (S[s + S_ELECTED_LOW] === 0 || low < S[s + S_ELECTED_LOW]) S[s + S_ELECTED_LOW] = low;
    if (high > S[s + S_ELECTED_HIGH]) S[s + S_ELECTED_HIGH] = high;
    traded[0] = 0;
    traded[1] = 0;
  }

  /** Whether the symbol's cascade has done less than `most` work in the present command. */
  function hasWorkLeft(symbol: number, most: number): boolean {
    if (triggeredBy[symbol] !== clock[CLOCK_SEQUENCE]) {
      triggeredBy[symbol] = clock[CLOCK_SEQUENCE];
      triggered[symbol] = 0;
    }
    return triggered[symbol] < most;
  }

  function reset(): void {
    traded.fill(0);
    triggered.fill(0);
    triggeredBy.fill(0);
  }

  /** Rules before version 1, after a command: goes on with the `count` symbols that were in the backlog before. */
  function goOn(count: number): void {
    for (let i = 0; i < count; i++) aftermath(takeOut(0));
  }

  /**
   * Before a command: goes on with the `count` symbols in the backlog. First comes the symbol of the command, if it is
   * one of them, then come the others, the longest waiting first, until together they have done `cascadeWorkMax` work.
   * `isOrder`: the command is a new or amended order. It is refused if its symbol stays in the backlog, so that symbol
   * may do more work.
   */
  function catchUp(count: number, symbol: number, isOrder: boolean): void {
    let left = count;
    let done = 0;
    const place = placeOf(symbol);
    if (place >= 0 && place < count) {
      if (isOrder) workMax = rules.orderCascadeWorkMax;
      done += workOf(takeOut(place));
      workMax = rules.cascadeWorkMax;
      left--;
    }
    for (; left > 0 && done < rules.cascadeWorkMax; left--) done += workOf(takeOut(0));
  }

  /** Goes on with the cascade of a symbol. Returns the work that this cascade has done in the present command. */
  function workOf(symbol: number): number {
    aftermath(symbol);
    return triggeredBy[symbol] === clock[CLOCK_SEQUENCE] ? triggered[symbol] : 0;
  }

  /** Takes the symbol at `place` out of the backlog, and returns it. */
  function takeOut(place: number): number {
    const at = MARKET_BACKLOG_FIRST + place;
    const symbol = market[at];
    market.copyWithin(at, at + 1, MARKET_BACKLOG_FIRST + market[MARKET_BACKLOG]);
    market[MARKET_BACKLOG_FIRST + --market[MARKET_BACKLOG]] = 0;
    return symbol;
  }

  /** The symbol's place in the backlog, -1 = it is not there. */
  function placeOf(symbol: number): number {
    for (let i = 0; i < market[MARKET_BACKLOG]; i++) {
      if (market[MARKET_BACKLOG_FIRST + i] === symbol) return i;
    }
    return -1;
  }

  /** Whether earlier commands triggered stops of the symbol that have not come in yet. */
  function isBehind(symbol: number): boolean {
    return market[MARKET_BACKLOG] !== 0 && rules.isAtLeast1() && placeOf(symbol) >= 0;
  }

  function postpone(symbol: number): void {
    if (placeOf(symbol) >= 0) return;
    const count = market[MARKET_BACKLOG];
    market[MARKET_BACKLOG_FIRST + count] = symbol;
    market[MARKET_BACKLOG] = count + 1;
  }

  /** The slot of the stop that comes in next, 0 when none is triggered. */
  function reached(symbol: number): number {
    const s = symbol * SYMBOL_INTS;
    const last = S[s + S_LAST_PRICE];
    if (last === 0) return 0;
    const high = Math.max(last, S[s + S_ELECTED_HIGH]);
    const low = Math.min(last, S[s + S_ELECTED_LOW] || last);
    const buys = triggerBook(symbols.count, symbol << 1);
    const lowest = ladder.best(buys);
    if (lowest !== 0 && lowest <= high) return L[ladder.bestLevel(buys) * LEVEL_INTS + L_HEAD];
    const sells = buys ^ 1;
    const highest = ladder.best(sells);
    return highest >= low ? L[ladder.bestLevel(sells) * LEVEL_INTS + L_HEAD] : 0;
  }

  /** Lets a waiting stop come in. Its account is told of this in its stream, not as the reply to a command. */
  function trigger(o: number): void {
    resting.withdraw(o);
    const flags = O[o + O_ORDER_FLAGS] & ~PENDING;
    O[o + O_ORDER_FLAGS] = flags;
    const book = O[o + O_BOOK];
    const side = book & 1;
    const isMarket = typeOfFlags(flags) === OrderType.STOP;
    band.freshen(book >> 1);
    const edge = checks.marketLimit(book >> 1, side);
    const price = O[o + O_PRICE];
    const limit = side === Side.BUY ? Math.min(price, edge) : Math.max(price, edge);
    const notional = OD[(o >> 1) + O_NOTIONAL_F64];
    const refusal = refuses(o, book, limit, flags, isMarket);
    const outcome = refusal === EndReason.NONE ? matching.match(o, limit) : Outcome.SELF_TRADE;
    const hasFilled = OD[(o >> 1) + O_NOTIONAL_F64] !== notional;
    matching.touch(o);
    if (O[o + O_REMAINING] === 0) return end(o, 0, OrderStatus.FILLED, EndReason.NONE);
    if (outcome === Outcome.SELF_TRADE) {
      return end(o, EventFlag.NEWS, OrderStatus.CANCELLED, refusal || EndReason.SELF_TRADE);
    }
    if (isMarket || !mayRest((flags >> 4) & 15)) {
      return end(o, EventFlag.NEWS, OrderStatus.EXPIRED, EndReason.TIME_IN_FORCE);
    }
    if (rules.isAtLeast1() && ladder.lack(book, price, O[o + O_ACCOUNT]) !== 0) {
      return end(o, EventFlag.NEWS, OrderStatus.CANCELLED, EndReason.FUNDS);
    }
    resting.place(o);
    const isNews = outcome === Outcome.REDUCED || !hasFilled;
    const told = isNews ? EventFlag.NEWS | EventFlag.OPEN : EventFlag.OPEN;
    emit.order(o, told, matching.openStatus(o), EndReason.NONE);
  }

  function end(o: number, flags: number, status: number, reason: number): void {
    emit.order(o, flags, status, reason);
    resting.finish(o);
  }

  /**
   * Why a triggered order may not come in, an `EndReason`: the band, post-only, fill-or-kill, or under rules before
   * version 1 a full ladder, even if the order would fill. NONE when it may.
   */
  function refuses(
    o: number,
    book: number,
    limit: number,
    flags: number,
    isMarket: boolean,
  ): number {
    const timeInForce = (flags >> 4) & 15;
    const price = O[o + O_PRICE];
    if (!isMarket && checks.isOutsideBand(book >> 1, price)) return EndReason.PRICE_BAND;
    const postOnly = ((flags >> 12) & OrderFlag.POST_ONLY) !== 0;
    if (postOnly && reaches(book & 1, ladder.best(book ^ 1), limit)) {
      return EndReason.POST_ONLY;
    }
    if (timeInForce === TimeInForce.FOK) {
      const quantity = O[o + O_REMAINING];
      const mode = (flags >> 8) & 15;
      const account = O[o + O_ACCOUNT];
      const fillFault = checks.checkFill(book, limit, quantity, account, mode);
      return fillFault !== 0 ? EndReason.FILL_OR_KILL : EndReason.NONE;
    }
    const rests = !isMarket && mayRest(timeInForce) && !rules.isAtLeast1();
    return rests && ladder.lack(book, price, O[o + O_ACCOUNT]) !== 0
      ? EndReason.FUNDS
      : EndReason.NONE;
  }

  return {
    wait,
    aftermath,
    goOn,
    catchUp,
    isBehind,
    reset,
  };
}
