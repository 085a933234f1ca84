/**
 * The order commands: PLACE, CANCEL, AMEND, CANCEL_ALL.
 *
 * The checks stand in the order of the wire contract, and the first that fails is the answer: account,
 * client order id, symbol, its state, increment, band and limits, funds or shares, post-only,
 * fill-or-kill, liquidity, self-trade. (Shape, login and permission are the gateway's.)
 */
import { CLIENT_ID_INTS, K_GENERATION, K_SLOT } from "../client-ids.ts";
import {
  C_ACCOUNT,
  C_AMOUNT_F64,
  C_HEAD,
  C_OPTIONS,
  C_ORDER_GENERATION,
  C_ORDER_SLOT,
  C_PRICE,
  C_QUANTITY,
  C_STOP_PRICE,
  C_SYMBOL,
  C_TEXT,
  OrderFlag,
  OrderType,
  SelfTrade,
  Side,
  SymbolState,
  TimeInForce,
} from "../command.ts";
import type { Emit } from "../emit.ts";
import {
  EndReason,
  EventFlag,
  OrderStatus,
  PENDING,
  packOrderFlags,
  typeOfFlags,
} from "../event.ts";
import { A_FIRST_ORDER, A_OPEN_ORDERS, ACCOUNT_INTS } from "../ledger/accounts.ts";
import { reservation } from "../ledger/fees.ts";
import { P_OPEN_ORDERS, POSITION_INTS } from "../ledger/positions.ts";
import { CLOCK_TIMESTAMP, type CoreParts, triggerBook } from "../parts.ts";
import { CapacityLimit, InvalidField, Reject } from "../reject.ts";
import { S_BAND_MS, S_IS_LIMITED, S_STATE, SYMBOL_INTS } from "../symbols.ts";
import type { Arrival } from "./arrival.ts";
import { type Checks, isStop, mayRest } from "./checks.ts";
import { reaches } from "./ladder.ts";
import { type Matching, Outcome } from "./matching.ts";
import {
  O_ACCOUNT,
  O_ACCOUNT_NEXT,
  O_BOOK,
  O_CARRIES_F64,
  O_CLIENT_ID,
  O_CREATED_AT_F64,
  O_EXPIRE_AT_F64,
  O_FEE_CARRY,
  O_FEES,
  O_GENERATION,
  O_NOTIONAL_F64,
  O_ORDER_FLAGS,
  O_OWNER,
  O_POSITION,
  O_PRICE,
  O_QUANTITY,
  O_REMAINING,
  O_STOP_PRICE,
  ORDER_SHIFT,
} from "./order-arena.ts";
import type { Overdue } from "./overdue.ts";
import type { PriceBand } from "./price-band.ts";
import type { Resting } from "./resting.ts";
import type { Stops } from "./stops.ts";

const REPLY_NEWS = EventFlag.REPLY | EventFlag.NEWS;
const REPLY_OPEN = EventFlag.REPLY | EventFlag.OPEN;
const REPLY_UNCHANGED = REPLY_OPEN | EventFlag.UNCHANGED;

/** By `CancelCause`. */
const CANCEL_ALL_REASONS: readonly number[] = [
  EndReason.CANCEL_ALL,
  EndReason.DISCONNECT,
  EndReason.DEAD_MANS_SWITCH,
  EndReason.OPERATOR,
];

export function createOrderEntry(
  parts: CoreParts,
  resting: Resting,
  matching: Matching,
  overdue: Overdue,
  checks: Checks,
  band: PriceBand,
  stops: Stops,
  arrival: Arrival,
  emit: Emit,
) {
  const { arena, ladder, accounts, positions, symbols, clientIds, clock, rules } = parts;
  const O = arena.ints;
  const OD = arena.doubles;
  const A = accounts.ints;
  const S = symbols.ints;
  const K = clientIds.ints;

  /**
   * PLACE, the record at `c` of `C`. It is one long function, because every call that the compiler does not inline
   * costs a plain order some nanoseconds.
   */
  function place(C: Int32Array, D: Float64Array, c: number): void {
    const account = C[c + C_ACCOUNT];
    if (account === 0 || !accounts.exists(account)) {
      return emit.reject(Reject.NOT_YOUR_ACCOUNT, account);
    }
    if (C[c + C_TEXT] !== 0) {
      const entry = clientIds.find(account, C, c + C_TEXT);
      if (entry !== 0) return repeat(entry, account, C, c);
    }
    const symbol = C[c + C_SYMBOL];
    const isShapeFirst = rules.isAtLeast1();
    if (isShapeFirst) {
      const field = checks.checkShape(C, D, c);
      if (field !== 0) return emit.reject(Reject.INVALID_PARAMETER, account, field);
    }
    if (!symbols.exists(symbol)) return emit.reject(Reject.UNKNOWN_SYMBOL, account);

    const head = C[c + C_HEAD];
    const options = C[c + C_OPTIONS];
    const side = (head >> 8) & 255;
    const type = (head >> 16) & 255;
    const timeInForce = (head >> 24) & 255;
    const mode = options & 255;
    const flags = options >> 8;
    if (!isShapeFirst && !checks.isWellFormed(side, type, timeInForce, mode, flags)) {
      return emit.reject(Reject.INVALID_PARAMETER, account, InvalidField.ORDER);
    }
    const s = symbol * SYMBOL_INTS;
    if (S[s + S_BAND_MS] !== 0) band.freshen(symbol);
    const isTrading = S[s + S_STATE] === SymbolState.TRADING;
    if (!isTrading && !checks.takesWhileGathering(symbol, type, timeInForce)) {
      return emit.reject(Reject.SYMBOL_NOT_TRADING, account);
    }

    const book = (symbol << 1) | side;
    const quantity = C[c + C_QUANTITY];
    const price = C[c + C_PRICE];
    const stopPrice = C[c + C_STOP_PRICE];
    const isMarket = type === OrderType.MARKET;
    const isWaiting = isStop(type);
    const limit = isMarket || type === OrderType.STOP ? checks.cap(book, type, stopPrice) : price;
    if (limit <= 0 || quantity <= 0 || (isWaiting && stopPrice <= 0)) {
      return emit.reject(Reject.INVALID_PARAMETER, account, InvalidField.ORDER);
    }
    // The price of a stop is compared with the band when it triggers, not now.
    const priceFault = checks.checkPrice(symbol, price, stopPrice, type === OrderType.LIMIT);
    if (priceFault !== 0) return emit.reject(priceFault, account);
    if (timeInForce === TimeInForce.GTD && !(D[(c >> 1) + C_AMOUNT_F64] > clock[CLOCK_TIMESTAMP])) {
      return emit.reject(Reject.INVALID_PARAMETER, account, InvalidField.EXPIRE_AT);
    }

    const rests = isWaiting || (!isMarket && mayRest(timeInForce));
    if (S[s + S_IS_LIMITED] !== 0) {
      const worth = checks.worthOf(symbol, type, price, stopPrice);
      const limitFault = checks.checkLimits(account, symbol, worth, quantity, rests);
      if (limitFault !== 0) return emit.reject(Reject.CAPACITY, account, limitFault);
    }
    if (stops.isBehind(symbol)) return emit.reject(Reject.OVERLOADED, account);
    const matches = isTrading && !isWaiting;
    if (matches && !overdue.clear(book, limit, quantity, account)) {
      return emit.reject(Reject.OVERLOADED, account);
    }
    const lack = isWaiting
      ? checks.checkStopRoom(account, book, stopPrice)
      : checks.checkRoom(account, book, price, rests);
    if (lack !== 0) return emit.reject(Reject.CAPACITY, account, lack);
    const fees = checks.feesOf(account);
    const fundsFault = isMarket
      ? checks.checkMarketFunds(book, limit, quantity, account, mode, fees)
      : checks.checkFunds(book, limit, quantity, account, fees, 0, 0);
    if (fundsFault !== 0) return emit.reject(fundsFault, account, detailOf(fundsFault));
    if (matches) {
      const postOnly = (flags & OrderFlag.POST_ONLY) !== 0;
      const refusal = checks.checkMatch(
        book,
        limit,
        quantity,
        account,
        isMarket,
        timeInForce,
        postOnly,
        mode,
      );
      if (refusal !== 0) return emit.reject(refusal, account, detailOf(refusal));
    }

    const slot = arena.allocate();
    const o = slot << ORDER_SHIFT;
    O[o + O_REMAINING] = quantity;
    O[o + O_PRICE] = isMarket ? price : limit;
    O[o + O_BOOK] = book;
    O[o + O_ACCOUNT] = account;
    O[o + O_OWNER] = accounts.ownerOf(account);
    O[o + O_POSITION] = positions.open(account, symbol);
    O[o + O_QUANTITY] = quantity;
    O[o + O_ORDER_FLAGS] = packOrderFlags(type, timeInForce, mode, flags);
    O[o + O_FEES] = fees;
    O[o + O_STOP_PRICE] = stopPrice;
    OD[(o >> 1) + O_CREATED_AT_F64] = clock[CLOCK_TIMESTAMP];
    OD[(o >> 1) + O_NOTIONAL_F64] = 0;
    if (fees !== 0) OD[(o >> 1) + O_CARRIES_F64] = 0;
    OD[(o >> 1) + O_EXPIRE_AT_F64] =
      timeInForce === TimeInForce.GTD ? D[(c >> 1) + C_AMOUNT_F64] : 0;
    O[o + O_CLIENT_ID] =
      C[c + C_TEXT] === 0 ? 0 : clientIds.add(account, C, c, slot, O[o + O_GENERATION]);
    arena.noteExtras(o);
    if (isWaiting) {
      stops.wait(o);
      return stops.aftermath(symbol);
    }

    arrival.enter(o, limit, matches, rests);
  }

  /** The DETAIL of a refusal by the checks of funds or matching. Their only capacity limit is scanned orders. */
  function detailOf(refusal: number): number {
    return refusal === Reject.CAPACITY ? CapacityLimit.SCANNED_ORDERS : 0;
  }

  /**
   * Answers a PLACE with a known client order id: with the first order of that id, or with a REJECT if this one asks
   * for something else.
   */
  function repeat(entry: number, account: number, C: Int32Array, c: number): void {
    const k = entry * CLIENT_ID_INTS;
    if (!clientIds.sameOrder(entry, C, c)) {
      return emit.reject(Reject.CLIENT_ORDER_ID_REUSED, account);
    }
    const slot = K[k + K_SLOT];
    const generation = K[k + K_GENERATION];
    const o = slot << ORDER_SHIFT;
    if (!arena.isOpen(slot, generation) || overdue.endIf(o)) {
      return emit.duplicate(account, entry, slot, generation);
    }
    emit.order(o, REPLY_UNCHANGED | EventFlag.DUPLICATE, matching.openStatus(o), EndReason.NONE);
  }

  /**
   * The place in the arena of the open order that a CANCEL or AMEND names; 0 when there is none, and then the REJECT
   * has been emitted. The operator (account 0) may name every order, a user the orders of all of his accounts.
   */
  function target(C: Int32Array, c: number): number {
    const account = C[c + C_ACCOUNT];
    let slot = C[c + C_ORDER_SLOT];
    let generation = C[c + C_ORDER_GENERATION];
    if (slot === 0 && C[c + C_TEXT] !== 0) {
      const k = clientIds.find(account, C, c + C_TEXT) * CLIENT_ID_INTS;
      slot = K[k + K_SLOT];
      generation = K[k + K_GENERATION];
    }
    const o = slot << ORDER_SHIFT;
    if (arena.isOpen(slot, generation) && mayTouch(account, o)) {
      const symbol = C[c + C_SYMBOL];
      if ((symbol < 0 || symbol === O[o + O_BOOK] >> 1) && !overdue.endIf(o)) return o;
    }
    emit.reject(Reject.UNKNOWN_ORDER, account, InvalidField.ORDER, slot, generation);
    return 0;
  }

  function mayTouch(account: number, o: number): boolean {
    if (account === 0) return true;
    return accounts.exists(account) && O[o + O_OWNER] === accounts.ownerOf(account);
  }

  /** CANCEL. Orders can be cancelled in every state of the symbol. */
  function cancel(C: Int32Array, c: number): void {
    const o = target(C, c);
    if (o === 0) return;
    const reason = C[c + C_ACCOUNT] === 0 ? EndReason.OPERATOR : EndReason.USER;
    matching.cancelResting(o, REPLY_NEWS, reason);
  }

  /** CANCEL_ALL: the newest order first. */
  function cancelAll(C: Int32Array, c: number): void {
    const account = C[c + C_ACCOUNT];
    const symbol = C[c + C_SYMBOL];
    if (!accounts.exists(account)) return emit.reject(Reject.NOT_YOUR_ACCOUNT, account);
    if (symbol >= 0 && !symbols.exists(symbol)) return emit.reject(Reject.UNKNOWN_SYMBOL, account);
    const reason = CANCEL_ALL_REASONS[C[c + C_OPTIONS] >> 8] ?? EndReason.CANCEL_ALL;
    let count = 0;
    // With a symbol, stop after the last order of that symbol: the account may have very many orders of other symbols.
    const open = symbol < 0 ? A : positions.ints;
    const openOrders =
      symbol < 0
        ? account * ACCOUNT_INTS + A_OPEN_ORDERS
        : positions.find(account, symbol) * POSITION_INTS + P_OPEN_ORDERS;
    let slot = A[account * ACCOUNT_INTS + A_FIRST_ORDER];
    while (open[openOrders] > 0) {
      rules.work[0]++;
      const o = slot << ORDER_SHIFT;
      slot = O[o + O_ACCOUNT_NEXT];
      if (symbol >= 0 && O[o + O_BOOK] >> 1 !== symbol) continue;
      if (overdue.endIf(o)) continue;
      matching.cancelResting(o, EventFlag.NEWS, reason);
      count++;
    }
    emit.done(account, -1, count, 0);
  }

  /**
   * AMEND: a new price, a new total quantity, a new stop price of a stop that waits, or several of these.
   *
   * - Less quantity at the same price keeps the place in the queue. Otherwise the order is taken out and comes in again
   *   as the newest, and may trade.
   * - If the first order that it would then meet is the user's own, and self-trade prevention would end or reduce the
   *   amended order, the amendment is refused and the order stays as it was. After a first fill, prevention treats it
   *   like a new order.
   * - A total at or below what is filled cancels the rest, in every state of the symbol.
   * - An amended stop goes on waiting, unless the last price triggers it at its new stop price.
   */
  function amend(C: Int32Array, c: number): void {
    const o = target(C, c);
    if (o === 0) return;
    const account = O[o + O_ACCOUNT];
    const book = O[o + O_BOOK];
    const before = O[o + O_QUANTITY];
    const flags = O[o + O_ORDER_FLAGS];
    const asked = C[c + C_PRICE];
    const askedStop = C[c + C_STOP_PRICE];
    const isPending = (flags & PENDING) !== 0;
    // A waiting STOP has no price to amend: its PRICE is the cap up to which it will buy.
    const hasNoPrice = isPending && typeOfFlags(flags) === OrderType.STOP;
    const stopPrice = askedStop || O[o + O_STOP_PRICE];
    band.freshen(book >> 1);
    const isMoved = stopPrice !== O[o + O_STOP_PRICE];
    const price =
      hasNoPrice && isMoved ? checks.cap(book, OrderType.STOP, stopPrice) : asked || O[o + O_PRICE];
    const quantity = C[c + C_QUANTITY] || before;
    const keepsPlace = price === O[o + O_PRICE] && quantity <= before && !isMoved;
    const remaining = quantity - (before - O[o + O_REMAINING]);
    const endsIt = remaining <= 0 && quantity > 0 && rules.isAtLeast1();

    let fault = 0;
    let detail = 0;
    if (remaining <= 0 && !endsIt) {
      fault = Reject.INVALID_PARAMETER;
      detail = InvalidField.QUANTITY;
    } else if (asked < 0 || (hasNoPrice && asked !== 0)) {
      fault = Reject.INVALID_PARAMETER;
      detail = InvalidField.PRICE;
    } else if (askedStop < 0 || (askedStop !== 0 && !isPending)) {
      fault = Reject.INVALID_PARAMETER;
      detail = InvalidField.STOP_PRICE;
    } else if (endsIt) {
      const reason = C[c + C_ACCOUNT] === 0 ? EndReason.OPERATOR : EndReason.USER;
      return matching.cancelResting(o, REPLY_NEWS, reason);
    } else if (!keepsPlace) {
      detail = checkAmendedRoom(o, price, quantity, stopPrice);
      fault = checkReplacement(o, price, askedStop, remaining, detail);
      if (fault !== Reject.CAPACITY) detail = 0;
    } else if (S[(book >> 1) * SYMBOL_INTS + S_STATE] === SymbolState.HALTED) {
      fault = Reject.SYMBOL_NOT_TRADING;
    }
    if (fault !== 0) {
      return emit.reject(fault, account, detail, o >> ORDER_SHIFT, O[o + O_GENERATION]);
    }
    if (!keepsPlace) return replace(o, price, quantity, remaining, stopPrice);
    if (quantity < before) return matching.reduceResting(o, before - quantity, REPLY_NEWS);
    emit.order(o, REPLY_UNCHANGED, matching.openStatus(o), EndReason.NONE);
  }

  /**
   * Checks state, increment, band, limits, funds, post-only and self-trade of an amended order, in this order. `lack`:
   * the `CapacityLimit` that the order would reach, 0 = none. `askedStop`: the new stop price, 0 = the present one
   * stays.
   */
  function checkReplacement(
    o: number,
    price: number,
    askedStop: number,
    remaining: number,
    lack: number,
  ): number {
    const book = O[o + O_BOOK];
    const symbol = book >> 1;
    const account = O[o + O_ACCOUNT];
    const fees = O[o + O_FEES];
    const flags = O[o + O_ORDER_FLAGS];
    const type = typeOfFlags(flags);
    const isPending = (flags & PENDING) !== 0;
    const isTrading = S[symbol * SYMBOL_INTS + S_STATE] === SymbolState.TRADING;
    if (!isTrading && !checks.takesWhileGathering(symbol, type, (flags >> 4) & 15)) {
      return Reject.SYMBOL_NOT_TRADING;
    }
    const hasPrice = !isPending || type === OrderType.STOP_LIMIT;
    const priceFault = checks.checkPrice(symbol, hasPrice ? price : 0, askedStop, !isPending);
    if (priceFault !== 0) return priceFault;
    if (lack === CapacityLimit.TRIGGERED_STOPS) return Reject.OVERLOADED;
    if (lack !== 0) return Reject.CAPACITY;
    const matches = isTrading && !isPending;
    if (matches && !overdue.clear(book, price, remaining, account)) return Reject.OVERLOADED;
    const carry = O[o + O_FEE_CARRY];
    const held =
      (book & 1) === Side.BUY
        ? reservation(O[o + O_PRICE], O[o + O_REMAINING], fees, carry)
        : O[o + O_REMAINING];
    const fundsFault = checks.checkFunds(book, price, remaining, account, fees, held, carry);
    if (fundsFault !== 0) return fundsFault;
    if (!matches) return 0;
    const postOnly = ((flags >> 12) & OrderFlag.POST_ONLY) !== 0;
    if (postOnly && reaches(book & 1, ladder.best(book ^ 1), price)) {
      return Reject.POST_ONLY_WOULD_CROSS;
    }
    const mode = (flags >> 8) & 15;
    const prevents = mode !== SelfTrade.NONE && mode !== SelfTrade.CANCEL_OLDEST;
    return prevents && matching.meetsOwn(book, price, account) ? Reject.SELF_TRADE : 0;
  }

  /** Checks the limits of an amended order, and the room for it: 0 or the `CapacityLimit`. */
  function checkAmendedRoom(o: number, price: number, quantity: number, stopPrice: number): number {
    const book = O[o + O_BOOK];
    const flags = O[o + O_ORDER_FLAGS];
    const isPending = (flags & PENDING) !== 0;
    const isStopMarket = isPending && typeOfFlags(flags) === OrderType.STOP;
    const worth = isStopMarket ? stopPrice : price;
    const account = O[o + O_ACCOUNT];
    const lack = checks.checkLimits(account, book >> 1, worth, quantity, false);
    if (lack !== 0) return lack;
    if (stops.isBehind(book >> 1)) return CapacityLimit.TRIGGERED_STOPS;
    const place = isPending ? triggerBook(symbols.count, book) : book;
    return ladder.lackOfMoved(place, isPending ? stopPrice : price, o);
  }

  /** Takes the order at `o` out of its queue and lets it come in again with other price, stop price or quantity. */
  function replace(
    o: number,
    price: number,
    quantity: number,
    remaining: number,
    stopPrice: number,
  ): void {
    const symbol = O[o + O_BOOK] >> 1;
    const priceBefore = O[o + O_PRICE];
    resting.withdraw(o);
    O[o + O_PRICE] = price;
    O[o + O_QUANTITY] = quantity;
    O[o + O_REMAINING] = remaining;
    if ((O[o + O_ORDER_FLAGS] & PENDING) !== 0) {
      const isMoved = O[o + O_STOP_PRICE] !== stopPrice;
      O[o + O_STOP_PRICE] = stopPrice;
      stops.wait(o);
      if (isMoved) stops.aftermath(symbol);
      return;
    }
    const isTrading = S[symbol * SYMBOL_INTS + S_STATE] === SymbolState.TRADING;
    const notional = OD[(o >> 1) + O_NOTIONAL_F64];
    const outcome = isTrading ? matching.match(o, price) : Outcome.MATCHED;
    const hasFilled = OD[(o >> 1) + O_NOTIONAL_F64] !== notional;
    // At the same price the order only goes to the end of its level, whose LEVEL is emitted below.
    if (price !== priceBefore) resting.tellLevel(o, priceBefore);
    matching.touch(o);
    if (O[o + O_REMAINING] === 0) {
      emit.order(o, EventFlag.REPLY, OrderStatus.FILLED, EndReason.NONE);
      resting.finish(o);
    } else if (outcome === Outcome.SELF_TRADE) {
      emit.order(o, REPLY_NEWS, OrderStatus.CANCELLED, EndReason.SELF_TRADE);
      resting.finish(o);
    } else {
      arrival.rest(o, outcome === Outcome.REDUCED || !hasFilled);
    }
    if (hasFilled) stops.aftermath(symbol);
  }

  return { place, cancel, amend, cancelAll };
}
