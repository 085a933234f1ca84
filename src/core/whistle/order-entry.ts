/**
 * The order commands: PLACE, CANCEL, AMEND, CANCEL_ALL.
 *
 * The checks stand in the order of the wire contract, and the first that fails is the answer: account,
 * client order id, symbol, its state, increment, band and limits, funds or shares, post-only,
 * fill-or-kill, liquidity, self-trade. (Shape, login and permission are the gateway's.)
 */

import { CLIENT_ID_INTS, K_GENERATION, K_SLOT } from "../client-ids.ts";
import {
  AccountFlag,
  C_ACCOUNT,
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
import { EventFlag, OrderStatus, packOrderFlags } from "../event.ts";
import { A_FIRST_ORDER, ACCOUNT_INTS } from "../ledger/accounts.ts";
import { reservation } from "../ledger/fees.ts";
import { type CoreParts, DEFAULT_FEES } from "../parts.ts";
import { CapacityLimit, InvalidField, Reject } from "../reject.ts";
import { S_HIGH, S_INCREMENT, S_LOW, S_QUANTITY_MAX, S_STATE, SYMBOL_INTS } from "../symbols.ts";
import { type Matching, Outcome } from "./matching.ts";
import {
  O_ACCOUNT,
  O_ACCOUNT_NEXT,
  O_BOOK,
  O_CLIENT_ID,
  O_FEES,
  O_GENERATION,
  O_NOTIONAL_F64,
  O_ORDER_FLAGS,
  O_POSITION,
  O_PRICE,
  O_QUANTITY,
  O_REMAINING,
  O_STOP_PRICE,
  ORDER_SHIFT,
} from "./order-arena.ts";
import type { Resting } from "./resting.ts";

const REPLY_NEWS = EventFlag.REPLY | EventFlag.NEWS;

export function createOrderEntry(
  parts: CoreParts,
  resting: Resting,
  matching: Matching,
  emit: Emit,
) {
  const { arena, ladder, accounts, positions, symbols, clientIds, defaults } = parts;
  const O = arena.ints;
  const OD = arena.doubles;
  const A = accounts.ints;
  const S = symbols.ints;
  const K = clientIds.ints;
  const { reaches } = matching;

  /** PLACE, the record at `c` of `C`. */
  function place(C: Int32Array, c: number): void {
    const account = C[c + C_ACCOUNT];
    if (account === 0 || !accounts.exists(account)) {
      return emit.reject(Reject.NOT_YOUR_ACCOUNT, account);
    }
    if (C[c + C_TEXT] !== 0) {
      const entry = clientIds.find(account, C, c + C_TEXT);
      if (entry !== 0) return repeat(entry, account, C, c);
    }
    const symbol = C[c + C_SYMBOL];
    if (!symbols.exists(symbol)) return emit.reject(Reject.UNKNOWN_SYMBOL, account);

    const head = C[c + C_HEAD];
    const options = C[c + C_OPTIONS];
    const side = (head >> 8) & 255;
    const type = (head >> 16) & 255;
    const timeInForce = (head >> 24) & 255;
    const mode = options & 255;
    const postOnly = ((options >> 8) & OrderFlag.POST_ONLY) !== 0;
    const price = C[c + C_PRICE];
    const quantity = C[c + C_QUANTITY];
    const book = (symbol << 1) | side;
    const market = type === OrderType.MARKET;
    const limit = market ? marketLimit(symbol, side) : price;
    if (!isWellFormed(side, type, timeInForce, mode, options >> 8, limit, quantity)) {
      return emit.reject(Reject.INVALID_PARAMETER, account, InvalidField.ORDER);
    }

    const fault = checkRules(symbol, market ? 0 : price, quantity);
    if (fault !== 0) return emit.reject(fault, account, detailOf(fault));
    const lack = checkRoom(account, book, price, market || timeInForce !== TimeInForce.GTC);
    if (lack !== 0) return emit.reject(Reject.CAPACITY, account, lack);

    const fees = defaults[DEFAULT_FEES];
    const refusal =
      checkFunds(book, market, limit, quantity, account, mode, fees) ||
      checkMatch(book, limit, quantity, account, market, timeInForce, postOnly, mode, fees);
    if (refusal !== 0) return emit.reject(refusal, account);

    const slot = arena.allocate();
    const o = slot << ORDER_SHIFT;
    O[o + O_REMAINING] = quantity;
    O[o + O_PRICE] = price;
    O[o + O_BOOK] = book;
    O[o + O_ACCOUNT] = account;
    O[o + O_POSITION] = positions.open(account, symbol);
    O[o + O_QUANTITY] = quantity;
    O[o + O_ORDER_FLAGS] = packOrderFlags(type, timeInForce, mode, options >> 8);
    O[o + O_FEES] = fees;
    O[o + O_STOP_PRICE] = C[c + C_STOP_PRICE];
    OD[(o >> 1) + O_NOTIONAL_F64] = 0;
    O[o + O_CLIENT_ID] =
      C[c + C_TEXT] === 0 ? 0 : clientIds.add(account, C, c, slot, O[o + O_GENERATION]);

    const outcome = reaches(side, ladder.best(book ^ 1), limit)
      ? matching.match(o, limit)
      : Outcome.MATCHED;
    matching.touch(o);
    if (O[o + O_REMAINING] === 0) {
      emit.order(o, EventFlag.REPLY, OrderStatus.FILLED);
      resting.finish(o);
    } else if (outcome === Outcome.SELF_TRADE || (market && !hasFills(o))) {
      stopAtSelfTrade(o, account);
    } else if (market || timeInForce !== TimeInForce.GTC) {
      emit.order(o, REPLY_NEWS, OrderStatus.EXPIRED);
      resting.finish(o);
    } else {
      // After fills the last TRADE has already told the account this very state.
      rest(o, outcome === Outcome.REDUCED || !hasFills(o));
    }
  }

  /** The gateway sends nothing else; a journal from elsewhere might. */
  function isWellFormed(
    side: number,
    type: number,
    timeInForce: number,
    mode: number,
    flags: number,
    limit: number,
    quantity: number,
  ): boolean {
    if (side > Side.SELL || type > OrderType.MARKET || timeInForce > TimeInForce.FOK) return false;
    if (mode > SelfTrade.NONE || flags > OrderFlag.POST_ONLY || flags < 0) return false;
    return limit > 0 && quantity > 0;
  }

  function hasFills(o: number): boolean {
    return OD[(o >> 1) + O_NOTIONAL_F64] !== 0;
  }

  /** A client order id came again: the first order, or an error when it asks for something else. */
  function repeat(entry: number, account: number, C: Int32Array, c: number): void {
    const k = entry * CLIENT_ID_INTS;
    if (!clientIds.sameOrder(entry, C, c)) {
      return emit.reject(Reject.INVALID_PARAMETER, account, InvalidField.CLIENT_ORDER_ID);
    }
    const slot = K[k + K_SLOT];
    const generation = K[k + K_GENERATION];
    if (!arena.isOpen(slot, generation)) return emit.duplicate(account, slot, generation);
    const o = slot << ORDER_SHIFT;
    const flags = EventFlag.REPLY | EventFlag.DUPLICATE | EventFlag.OPEN;
    emit.order(o, flags, matching.openStatus(o));
  }

  /** State, increment, band and quantity limit; 0 when all hold. `price` 0 = a market order. */
  function checkRules(symbol: number, price: number, quantity: number): number {
    const s = symbol * SYMBOL_INTS;
    if (S[s + S_STATE] !== SymbolState.TRADING) return Reject.SYMBOL_NOT_TRADING;
    if (price !== 0) {
      if (price % S[s + S_INCREMENT] !== 0) return Reject.OFF_INCREMENT;
      if (price < S[s + S_LOW] || price > S[s + S_HIGH]) return Reject.OUTSIDE_BAND;
    }
    const most = S[s + S_QUANTITY_MAX];
    return most !== 0 && quantity > most ? Reject.CAPACITY : 0;
  }

  function detailOf(fault: number): number {
    return fault === Reject.CAPACITY ? CapacityLimit.ORDER_QUANTITY : 0;
  }

  /** Room for the order, its position and its level; 0 or the `CapacityLimit` reached. */
  function checkRoom(account: number, book: number, price: number, immediate: boolean): number {
    if (!arena.hasRoom()) return CapacityLimit.ORDERS;
    if (!positions.hasRoom(account, book >> 1)) return CapacityLimit.POSITIONS;
    return immediate || ladder.hasRoom(book, price) ? 0 : CapacityLimit.LADDER_PAGES;
  }

  /** Whether the account can pay for the order or deliver it; 0 or the reject. */
  function checkFunds(
    book: number,
    market: boolean,
    limit: number,
    quantity: number,
    account: number,
    mode: number,
    fees: number,
  ): number {
    if ((book & 1) === Side.BUY) {
      // A market order costs what it would take from the book now; nothing can come in between.
      const cost = market
        ? matching.scan(book, limit, quantity, account, mode, fees)[1]
        : reservation(limit, quantity, fees);
      return cost > accounts.available(account) ? Reject.INSUFFICIENT_FUNDS : 0;
    }
    if (positions.available(positions.find(account, book >> 1)) >= quantity) return 0;
    return (accounts.flags(account) & AccountFlag.MAY_SHORT) !== 0 ? 0 : Reject.INSUFFICIENT_SHARES;
  }

  /** Post-only, fill-or-kill, liquidity and self-trade; 0 or the reject. */
  function checkMatch(
    book: number,
    limit: number,
    quantity: number,
    account: number,
    market: boolean,
    timeInForce: number,
    postOnly: boolean,
    mode: number,
    fees: number,
  ): number {
    const crosses = reaches(book & 1, ladder.best(book ^ 1), limit);
    if (postOnly && crosses) return Reject.POST_ONLY_WOULD_CROSS;
    if (timeInForce === TimeInForce.FOK) {
      const fillable = matching.scan(book, limit, quantity, account, mode, fees)[0];
      if (fillable < quantity) return Reject.FILL_OR_KILL;
    }
    if (!crosses) return market ? Reject.NO_LIQUIDITY : 0;
    if (market && mode === SelfTrade.CANCEL_OLDEST) {
      const fillable = matching.scan(book, limit, quantity, account, mode, fees)[0];
      if (fillable === 0) return Reject.NO_LIQUIDITY;
    }
    if (mode !== SelfTrade.CANCEL_NEWEST) return 0;
    return matching.meetsOwn(book, limit, account) ? Reject.SELF_TRADE : 0;
  }

  /** The price at which a market order stops: the band's edge. */
  function marketLimit(symbol: number, side: number): number {
    return S[symbol * SYMBOL_INTS + (side === Side.BUY ? S_HIGH : S_LOW)];
  }

  /** Self-trade prevention ended the incoming order: an error before any fill, else a cancellation. */
  function stopAtSelfTrade(o: number, account: number): void {
    if (hasFills(o)) {
      emit.order(o, REPLY_NEWS, OrderStatus.CANCELLED);
      resting.finish(o);
      return;
    }
    emit.reject(Reject.SELF_TRADE, account);
    const entry = O[o + O_CLIENT_ID];
    if (entry !== 0) clientIds.remove(entry);
    arena.release(o >> ORDER_SHIFT);
  }

  /** Puts what is left of an incoming order into the book. */
  function rest(o: number, isNews: boolean): void {
    resting.reserve(o);
    resting.enqueue(o);
    resting.link(o);
    const flags = EventFlag.REPLY | EventFlag.OPEN;
    emit.order(o, isNews ? flags | EventFlag.NEWS : flags, matching.openStatus(o));
  }

  /**
   * The open order that a CANCEL or AMEND names, as its arena index; 0 when there is none, and then the
   * reject has been emitted. The house (account 0) may name anybody's; a user, those of all his accounts.
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
    if (arena.isOpen(slot, generation) && mayTouch(account, O[o + O_ACCOUNT])) {
      const symbol = C[c + C_SYMBOL];
      if (symbol < 0 || symbol === O[o + O_BOOK] >> 1) return o;
    }
    emit.reject(Reject.UNKNOWN_ORDER, account, InvalidField.ORDER, slot, generation);
    return 0;
  }

  function mayTouch(account: number, owner: number): boolean {
    if (account === owner || account === 0) return true;
    const user = accounts.exists(account) ? accounts.userOf(account) : 0;
    return user !== 0 && user === accounts.userOf(owner);
  }

  /** CANCEL. Orders can be cancelled in every state of the symbol. */
  function cancel(C: Int32Array, c: number): void {
    const o = target(C, c);
    if (o !== 0) matching.cancelResting(o, REPLY_NEWS);
  }

  /** CANCEL_ALL: newest first. */
  function cancelAll(C: Int32Array, c: number): void {
    const account = C[c + C_ACCOUNT];
    const symbol = C[c + C_SYMBOL];
    if (!accounts.exists(account)) return emit.reject(Reject.NOT_YOUR_ACCOUNT, account);
    if (symbol >= 0 && !symbols.exists(symbol)) return emit.reject(Reject.UNKNOWN_SYMBOL, account);
    let count = 0;
    let slot = A[account * ACCOUNT_INTS + A_FIRST_ORDER];
    while (slot !== 0) {
      const o = slot << ORDER_SHIFT;
      slot = O[o + O_ACCOUNT_NEXT];
      if (symbol >= 0 && O[o + O_BOOK] >> 1 !== symbol) continue;
      matching.cancelResting(o, EventFlag.NEWS);
      count++;
    }
    emit.done(account, -1, count, 0);
  }

  /**
   * AMEND: a new price, a new total quantity, or both. Less quantity at the same price keeps the place in
   * the queue; anything else is taken out and comes in again as the newest order, and may trade. One that
   * self-trade prevention would not let pass unharmed is refused and stays as it was.
   */
  function amend(C: Int32Array, c: number): void {
    const o = target(C, c);
    if (o === 0) return;
    const account = O[o + O_ACCOUNT];
    const quantityBefore = O[o + O_QUANTITY];
    const price = C[c + C_PRICE] || O[o + O_PRICE];
    const quantity = C[c + C_QUANTITY] || quantityBefore;
    const keepsPlace = price === O[o + O_PRICE] && quantity <= quantityBefore;
    const remaining = quantity - (quantityBefore - O[o + O_REMAINING]);

    const fault = checkAmendment(o, price, quantity, remaining, keepsPlace);
    if (fault !== 0) {
      const detail = fault === Reject.INVALID_PARAMETER ? InvalidField.QUANTITY : detailOf(fault);
      return emit.reject(fault, account, detail, o >> ORDER_SHIFT, O[o + O_GENERATION]);
    }
    if (!keepsPlace) return replace(o, price, quantity, remaining);
    if (quantity < quantityBefore) {
      matching.reduceResting(o, quantityBefore - quantity, REPLY_NEWS);
    } else {
      emit.order(o, EventFlag.REPLY | EventFlag.OPEN, matching.openStatus(o));
    }
  }

  function checkAmendment(
    o: number,
    price: number,
    quantity: number,
    remaining: number,
    keepsPlace: boolean,
  ): number {
    const symbol = O[o + O_BOOK] >> 1;
    const state = S[symbol * SYMBOL_INTS + S_STATE];
    if (remaining <= 0 || price < 0) return Reject.INVALID_PARAMETER;
    if (keepsPlace) return state === SymbolState.HALTED ? Reject.SYMBOL_NOT_TRADING : 0;
    return checkRules(symbol, price, quantity);
  }

  /** Takes the order at `o` out and brings it in again with another price or more quantity. */
  function replace(o: number, price: number, quantity: number, remaining: number): void {
    const account = O[o + O_ACCOUNT];
    const refusal = checkReplacement(o, price, remaining);
    if (refusal !== 0) {
      const detail = refusal === Reject.CAPACITY ? CapacityLimit.LADDER_PAGES : 0;
      return emit.reject(refusal, account, detail, o >> ORDER_SHIFT, O[o + O_GENERATION]);
    }
    resting.withdraw(o);
    O[o + O_PRICE] = price;
    O[o + O_QUANTITY] = quantity;
    O[o + O_REMAINING] = remaining;
    const notional = OD[(o >> 1) + O_NOTIONAL_F64];
    const outcome = matching.match(o, price);
    const hasFilled = OD[(o >> 1) + O_NOTIONAL_F64] !== notional;
    matching.touch(o);
    if (O[o + O_REMAINING] === 0) {
      emit.order(o, EventFlag.REPLY, OrderStatus.FILLED);
      resting.finish(o);
    } else if (outcome === Outcome.SELF_TRADE) {
      emit.order(o, REPLY_NEWS, OrderStatus.CANCELLED);
      resting.finish(o);
    } else {
      rest(o, outcome === Outcome.REDUCED || !hasFilled);
    }
  }

  /** Funds, room, post-only and self-trade of an amended order; 0 or the reject. It stays as it was. */
  function checkReplacement(o: number, price: number, remaining: number): number {
    const book = O[o + O_BOOK];
    const account = O[o + O_ACCOUNT];
    const fees = O[o + O_FEES];
    const flags = O[o + O_ORDER_FLAGS];
    const mode = (flags >> 8) & 15;
    if (!ladder.hasRoom(book, price)) return Reject.CAPACITY;
    if ((book & 1) === Side.BUY) {
      const held = reservation(O[o + O_PRICE], O[o + O_REMAINING], fees);
      const needed = reservation(price, remaining, fees);
      if (needed > accounts.available(account) + held) return Reject.INSUFFICIENT_FUNDS;
    } else {
      const sellable = positions.available(O[o + O_POSITION]) + O[o + O_REMAINING];
      const mayShort = (accounts.flags(account) & AccountFlag.MAY_SHORT) !== 0;
      if (remaining > sellable && !mayShort) return Reject.INSUFFICIENT_SHARES;
    }
    const postOnly = ((flags >> 12) & OrderFlag.POST_ONLY) !== 0;
    if (postOnly && reaches(book & 1, ladder.best(book ^ 1), price)) {
      return Reject.POST_ONLY_WOULD_CROSS;
    }
    const prevents = mode !== SelfTrade.NONE && mode !== SelfTrade.CANCEL_OLDEST;
    return prevents && matching.meetsOwn(book, price, account) ? Reject.SELF_TRADE : 0;
  }

  return { place, cancel, amend, cancelAll };
}
