/** The operator's commands: accounts, deposits, listings, symbol states and rules, fees. */

import { WHOLE_BPS } from "../lib/basis-points.ts";
import { paysMoreThanItTakes } from "../lib/fee-balance.ts";
import { RECENT_CLIENT_IDS_MAX } from "./client-ids.ts";
import {
  AccountFlag,
  C_ACCOUNT,
  C_ACTOR,
  C_AMOUNT_F64,
  C_OPTIONS,
  C_ORDER_GENERATION,
  C_ORDER_SLOT,
  C_PRICE,
  C_QUANTITY,
  C_STOP_PRICE,
  C_SYMBOL,
  C_TEXT,
  C_TEXT_INTS,
  CASH_MAX,
  ORDER_SLOT_COUNT,
  SymbolState,
} from "./command.ts";
import type { Emit } from "./emit.ts";
import { A_FEES, ACCOUNT_INTS, ACCOUNTS_MAX } from "./ledger/accounts.ts";
import { packFees } from "./ledger/fees.ts";
import { P_AVAILABLE_F64, POSITION_DOUBLES } from "./ledger/positions.ts";
import { type CoreParts, MARKET_FEES } from "./parts.ts";
import { CapacityLimit, InvalidField, Reject } from "./reject.ts";
import { RULES_VERSION } from "./rules.ts";
import { PAGES_MAX, POSITIONS_MAX } from "./rules-state.ts";
import {
  S_AUCTION_MS,
  S_INCREMENT,
  S_MOVE_BPS,
  S_NOTIONAL_MAX_F64,
  S_OPEN_ORDERS_MAX,
  S_PAUSE_MS,
  S_QUANTITY_MAX,
  S_STATE,
  S_WINDOW_MS,
  SYMBOL_DOUBLES,
  SYMBOL_INTS,
} from "./symbols.ts";
import type { Auction } from "./whistle/auction.ts";
import type { PriceBand } from "./whistle/price-band.ts";
import type { Protection } from "./whistle/protection.ts";

export function createAdminCommands(
  parts: CoreParts,
  band: PriceBand,
  protection: Protection,
  auction: Auction,
  emit: Emit,
) {
  const { accounts, positions, symbols, windows, market, rules, clientIds, ladder, shares } = parts;
  const S = symbols.ints;

  const invalid = (account: number, field: number): void =>
    emit.reject(Reject.INVALID_PARAMETER, account, field);

  /** OPEN_ACCOUNT. It names the next free number, so a command repeated after a crash opens no second account. */
  function openAccount(C: Int32Array, c: number): void {
    const account = C[c + C_ACCOUNT];
    if (account !== accounts.next()) return invalid(account, InvalidField.ACCOUNT);
    if (account === ACCOUNTS_MAX) {
      return emit.reject(Reject.CAPACITY, account, CapacityLimit.ACCOUNTS);
    }
    accounts.open(C[c + C_ACTOR]);
    emit.done(account, -1, account, 0);
  }

  /** SET_ACCOUNT */
  function setAccount(C: Int32Array, c: number): void {
    const account = C[c + C_ACCOUNT];
    const flags = C[c + C_OPTIONS] >> 8;
    if (!accounts.exists(account)) return invalid(account, InvalidField.ACCOUNT);
    const field = (flags & AccountFlag.OWN_FEES) === 0 ? 0 : invalidFee(C, c);
    if (field !== 0) return invalid(account, field);
    accounts.setFlags(account, flags);
    accounts.ints[account * ACCOUNT_INTS + A_FEES] = packFees(C[c + C_PRICE], C[c + C_QUANTITY]);
    emit.done(account, -1, 0, 0);
  }

  /** DEPOSIT_CASH. What all accounts hold together must stay a safe integer. */
  function depositCash(C: Int32Array, D: Float64Array, c: number): void {
    const account = C[c + C_ACCOUNT];
    const amount = D[(c >> 1) + C_AMOUNT_F64];
    if (!accounts.exists(account)) return invalid(account, InvalidField.ACCOUNT);
    if (!Number.isSafeInteger(amount)) return invalid(account, InvalidField.AMOUNT);
    if (accounts.totals[0] + amount > CASH_MAX) {
      return emit.reject(Reject.CAPACITY, account, CapacityLimit.CASH);
    }
    if (amount < 0 && accounts.available(account) + amount < 0) {
      emit.because(-amount, accounts.available(account));
      return emit.reject(Reject.INSUFFICIENT_FUNDS, account);
    }
    accounts.cash[account * 2] += amount;
    accounts.totals[0] += amount;
    emit.done(account, -1, 0, accounts.available(account) + accounts.reserved(account));
  }

  /** DEPOSIT_SHARES */
  function depositShares(C: Int32Array, D: Float64Array, c: number): void {
    const account = C[c + C_ACCOUNT];
    const symbol = C[c + C_SYMBOL];
    const amount = D[(c >> 1) + C_AMOUNT_F64];
    if (!accounts.exists(account)) return invalid(account, InvalidField.ACCOUNT);
    if (!symbols.exists(symbol)) return emit.reject(Reject.UNKNOWN_SYMBOL, account);
    if (!Number.isSafeInteger(amount)) return invalid(account, InvalidField.AMOUNT);
    if (positions.totals[symbol] + amount > CASH_MAX) {
      return emit.reject(Reject.CAPACITY, account, CapacityLimit.SHARES);
    }
    if (!positions.hasRoom(account, symbol)) {
      return emit.reject(Reject.CAPACITY, account, CapacityLimit.POSITIONS);
    }
    const available = positions.available(positions.find(account, symbol));
    if (amount < 0 && available + amount < 0) {
      emit.because(-amount, available);
      return emit.reject(Reject.INSUFFICIENT_SHARES, account);
    }
    const position = positions.open(account, symbol);
    positions.doubles[position * POSITION_DOUBLES + P_AVAILABLE_F64] += amount;
    positions.totals[symbol] += amount;
    const total = positions.available(position) + positions.reserved(position);
    emit.done(account, symbol, 0, total);
  }

  /** LIST_SYMBOL */
  function listSymbol(C: Int32Array, c: number): void {
    const symbol = C[c + C_SYMBOL];
    const inRange = symbol >= 0 && symbol < symbols.count;
    if (!inRange || symbols.exists(symbol)) return invalid(0, InvalidField.SYMBOL);
    if (C[c + C_PRICE] <= 0) return invalid(0, InvalidField.PRICE);
    const s = symbol * SYMBOL_INTS;
    S[s + S_STATE] = SymbolState.TRADING;
    symbols.head[0] = Math.max(symbols.head[0], symbol + 1);
    S[s + S_INCREMENT] = C[c + C_PRICE];
    symbols.adoptTemplate(symbol);
    symbols.updateBand(symbol);
    const text = symbol * C_TEXT_INTS;
    for (let i = 0; i < C_TEXT_INTS; i++) symbols.texts[text + i] = C[c + C_TEXT + i];
    emit.symbol(symbol, SymbolState.TRADING);
    emit.done(0, symbol, 0, 0);
  }

  /** SET_SYMBOL_STATE, until it is set again. A change to TRADING first uncrosses the orders that have gathered. */
  function setSymbolState(C: Int32Array, c: number): void {
    const symbol = C[c + C_SYMBOL];
    const state = C[c + C_QUANTITY];
    if (!symbols.exists(symbol)) return emit.reject(Reject.UNKNOWN_SYMBOL, 0);
    if (state < SymbolState.TRADING || state > SymbolState.AUCTION) {
      return invalid(0, InvalidField.STATE);
    }
    if (state === SymbolState.TRADING) auction.open(symbol);
    else protection.setState(symbol, state, 0);
    emit.done(0, symbol, 0, 0);
  }

  /** SET_SYMBOL_RULES: of one symbol, or with SYMBOL -1 of all symbols, also of those listed later. */
  function setSymbolRules(C: Int32Array, D: Float64Array, c: number): void {
    const symbol = C[c + C_SYMBOL];
    const bps = D[(c >> 1) + C_AMOUNT_F64];
    if (C[c + C_PRICE] < 0 || C[c + C_STOP_PRICE] < 0) return invalid(0, InvalidField.PRICE);
    if (C[c + C_QUANTITY] < 0 || C[c + C_ORDER_SLOT] < 0) return invalid(0, InvalidField.QUANTITY);
    if (!Number.isInteger(bps) || bps < 0 || bps > WHOLE_BPS) {
      return invalid(0, InvalidField.AMOUNT);
    }
    return forSymbols(symbol, (each) => setSymbol(each, C, c, bps));
  }

  /** Calls `set` for one symbol, or with -1 for all and for the template, from which later symbols get their rules. */
  function forSymbols(symbol: number, set: (symbol: number) => void): void {
    if (symbol >= 0) {
      if (!symbols.exists(symbol)) return emit.reject(Reject.UNKNOWN_SYMBOL, 0);
      set(symbol);
    } else {
      for (let i = 0; i < symbols.count; i++) if (symbols.exists(i)) set(i);
      set(symbols.template);
    }
    emit.done(0, symbol, 0, 0);
  }

  function setSymbol(symbol: number, C: Int32Array, c: number, bps: number): void {
    const s = symbol * SYMBOL_INTS;
    if (C[c + C_PRICE] !== 0) S[s + S_INCREMENT] = C[c + C_PRICE];
    S[s + S_QUANTITY_MAX] = C[c + C_QUANTITY];
    symbols.updateLimited(symbol);
    band.configure(symbol, bps, C[c + C_ORDER_SLOT], C[c + C_STOP_PRICE]);
  }

  /** SET_SYMBOL_PROTECTION */
  function setProtection(C: Int32Array, D: Float64Array, c: number): void {
    const notional = D[(c >> 1) + C_AMOUNT_F64];
    const fields = [C_QUANTITY, C_PRICE, C_STOP_PRICE, C_ORDER_SLOT, C_ORDER_GENERATION];
    if (fields.some((field) => C[c + field] < 0)) return invalid(0, InvalidField.QUANTITY);
    if (!Number.isSafeInteger(notional) || notional < 0) return invalid(0, InvalidField.AMOUNT);
    return forSymbols(C[c + C_SYMBOL], (symbol) => {
      const s = symbol * SYMBOL_INTS;
      S[s + S_OPEN_ORDERS_MAX] = C[c + C_QUANTITY];
      S[s + S_MOVE_BPS] = C[c + C_PRICE];
      S[s + S_WINDOW_MS] = C[c + C_STOP_PRICE];
      S[s + S_PAUSE_MS] = C[c + C_ORDER_SLOT];
      S[s + S_AUCTION_MS] = C[c + C_ORDER_GENERATION];
      windows.forget(symbol);
      symbols.doubles[symbol * SYMBOL_DOUBLES + S_NOTIONAL_MAX_F64] = notional;
      symbols.updateLimited(symbol);
    });
  }

  /**
   * SET_RULES. Only a higher version is taken. The first version rebuilds what depends on it: the hashes of client
   * order ids, the holders of ladder pages, and the price windows.
   */
  function setRules(C: Int32Array, D: Float64Array, c: number): void {
    const version = C[c + C_QUANTITY];
    const seed = D[(c >> 1) + C_AMOUNT_F64];
    if (version <= rules.version() || version > RULES_VERSION) {
      return invalid(0, InvalidField.QUANTITY);
    }
    if (!Number.isSafeInteger(seed) || seed < 0) return invalid(0, InvalidField.AMOUNT);
    const isFirst = !rules.isAtLeast1();
    rules.set(version, seed);
    if (isFirst) {
      clientIds.shareOut();
      ladder.shareOut();
      for (let symbol = 0; symbol < symbols.count; symbol++) windows.forget(symbol);
    }
    emit.done(0, -1, 0, 0);
  }

  /**
   * SET_SHARES. Sets the shares of an account, where 0 stands for the share of all accounts, or with ACCOUNT -1 the
   * shares of all accounts.
   */
  function setShares(C: Int32Array, D: Float64Array, c: number): void {
    const account = C[c + C_ACCOUNT];
    const isOfAll = account === -1;
    if (!rules.isAtLeast1()) return invalid(account, InvalidField.KIND);
    if (!isOfAll && !accounts.exists(account)) return invalid(account, InvalidField.ACCOUNT);
    const orders = C[c + C_QUANTITY];
    const pages = C[c + C_PRICE];
    const held = C[c + C_STOP_PRICE];
    const ids = D[(c >> 1) + C_AMOUNT_F64];
    const least = isOfAll ? 1 : 0;
    if (orders < least || orders >= ORDER_SLOT_COUNT)
      return invalid(account, InvalidField.QUANTITY);
    if (pages < least || pages >= PAGES_MAX) return invalid(account, InvalidField.PRICE);
    if (held < least || held >= POSITIONS_MAX) return invalid(account, InvalidField.STOP_PRICE);
    const isSound = Number.isSafeInteger(ids) && ids >= least && ids <= RECENT_CLIENT_IDS_MAX;
    if (!isSound) return invalid(account, InvalidField.AMOUNT);
    shares.set(account, orders, pages, held, ids);
    emit.done(isOfAll ? 0 : account, -1, 0, 0);
  }

  /** SET_FEES: of later orders. From version 1 of the rules on, a rebate above the taker's fee is refused. */
  function setFees(C: Int32Array, c: number): void {
    const field = invalidFee(C, c);
    if (field !== 0) return invalid(0, field);
    const isGift = paysMoreThanItTakes(C[c + C_PRICE], C[c + C_QUANTITY]);
    if (isGift && rules.isAtLeast1()) return invalid(0, InvalidField.PRICE);
    market[MARKET_FEES] = packFees(C[c + C_PRICE], C[c + C_QUANTITY]);
    emit.done(0, -1, 0, 0);
  }

  /** 0, or the `InvalidField` of the fee that is out of range. Makers may get a rebate, takers may not. */
  function invalidFee(C: Int32Array, c: number): number {
    const maker = C[c + C_PRICE];
    const taker = C[c + C_QUANTITY];
    if (maker < -WHOLE_BPS || maker > WHOLE_BPS) return InvalidField.PRICE;
    return taker < 0 || taker > WHOLE_BPS ? InvalidField.QUANTITY : 0;
  }

  return {
    openAccount,
    setAccount,
    depositCash,
    depositShares,
    listSymbol,
    setSymbolState,
    setSymbolRules,
    setProtection,
    setRules,
    setShares,
    setFees,
  };
}
