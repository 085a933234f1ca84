/** The commands of the house: accounts, deposits, listings, symbol states and rules, fees. */
import {
  C_ACCOUNT,
  C_ACTOR,
  C_AMOUNT_F64,
  C_OPTIONS,
  C_PRICE,
  C_QUANTITY,
  C_STOP_PRICE,
  C_SYMBOL,
  C_TEXT,
  C_TEXT_INTS,
  CASH_MAX,
  SymbolState,
} from "./command.ts";
import type { Emit } from "./emit.ts";
import { ACCOUNTS_MAX } from "./ledger/accounts.ts";
import { packFees } from "./ledger/fees.ts";
import { P_AVAILABLE_F64, POSITION_DOUBLES } from "./ledger/positions.ts";
import { type CoreParts, DEFAULT_BAND_BPS, DEFAULT_FEES, DEFAULT_QUANTITY_MAX } from "./parts.ts";
import { CapacityLimit, InvalidField, Reject } from "./reject.ts";
import {
  S_BAND_BPS,
  S_INCREMENT,
  S_QUANTITY_MAX,
  S_REFERENCE,
  S_STATE,
  SYMBOL_INTS,
} from "./symbols.ts";

const BPS_MAX = 10_000;

export function createAdminCommands(parts: CoreParts, emit: Emit) {
  const { accounts, positions, symbols, defaults } = parts;
  const S = symbols.ints;

  const invalid = (account: number, field: number): void =>
    emit.reject(Reject.INVALID_PARAMETER, account, field);

  /** OPEN_ACCOUNT: numbers are given in order, so a repeat after a crash cannot open two. */
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
    if (!accounts.exists(account)) return invalid(account, InvalidField.ACCOUNT);
    accounts.setFlags(account, C[c + C_OPTIONS] >> 8);
    emit.done(account, -1, 0, 0);
  }

  /** DEPOSIT_CASH: what all accounts hold together stays a safe integer. */
  function depositCash(C: Int32Array, D: Float64Array, c: number): void {
    const account = C[c + C_ACCOUNT];
    const amount = D[(c >> 1) + C_AMOUNT_F64];
    if (!accounts.exists(account)) return invalid(account, InvalidField.ACCOUNT);
    if (!Number.isSafeInteger(amount)) return invalid(account, InvalidField.AMOUNT);
    if (accounts.totals[0] + amount > CASH_MAX) {
      return emit.reject(Reject.CAPACITY, account, CapacityLimit.CASH);
    }
    if (accounts.available(account) + amount < 0) {
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
    if (amount < 0 && positions.available(positions.find(account, symbol)) + amount < 0) {
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
    S[s + S_INCREMENT] = C[c + C_PRICE];
    S[s + S_QUANTITY_MAX] = defaults[DEFAULT_QUANTITY_MAX];
    S[s + S_BAND_BPS] = defaults[DEFAULT_BAND_BPS];
    symbols.updateBand(symbol);
    const text = symbol * C_TEXT_INTS;
    for (let i = 0; i < C_TEXT_INTS; i++) symbols.texts[text + i] = C[c + C_TEXT + i];
    emit.symbol(symbol, SymbolState.TRADING);
    emit.done(0, symbol, 0, 0);
  }

  /** SET_SYMBOL_STATE */
  function setSymbolState(C: Int32Array, c: number): void {
    const symbol = C[c + C_SYMBOL];
    const state = C[c + C_QUANTITY];
    if (!symbols.exists(symbol)) return emit.reject(Reject.UNKNOWN_SYMBOL, 0);
    if (state < SymbolState.TRADING || state > SymbolState.HALTED) {
      return invalid(0, InvalidField.STATE);
    }
    if (symbols.state(symbol) !== state) {
      S[symbol * SYMBOL_INTS + S_STATE] = state;
      emit.symbol(symbol, state);
    }
    emit.done(0, symbol, 0, 0);
  }

  /** SET_SYMBOL_RULES, of one symbol, or (SYMBOL -1) of all and of those listed later. */
  function setSymbolRules(C: Int32Array, D: Float64Array, c: number): void {
    const symbol = C[c + C_SYMBOL];
    const bps = D[(c >> 1) + C_AMOUNT_F64];
    if (C[c + C_PRICE] < 0 || C[c + C_STOP_PRICE] < 0) return invalid(0, InvalidField.PRICE);
    if (C[c + C_QUANTITY] < 0) return invalid(0, InvalidField.QUANTITY);
    if (!Number.isInteger(bps) || bps < 0 || bps > BPS_MAX) {
      return invalid(0, InvalidField.AMOUNT);
    }
    if (symbol >= 0) {
      if (!symbols.exists(symbol)) return emit.reject(Reject.UNKNOWN_SYMBOL, 0);
      setRules(symbol, C, D, c);
    } else {
      defaults[DEFAULT_QUANTITY_MAX] = C[c + C_QUANTITY];
      defaults[DEFAULT_BAND_BPS] = bps;
      for (let i = 0; i < symbols.count; i++) if (symbols.exists(i)) setRules(i, C, D, c);
    }
    emit.done(0, symbol, 0, 0);
  }

  function setRules(symbol: number, C: Int32Array, D: Float64Array, c: number): void {
    const s = symbol * SYMBOL_INTS;
    if (C[c + C_PRICE] !== 0) S[s + S_INCREMENT] = C[c + C_PRICE];
    if (C[c + C_STOP_PRICE] !== 0) S[s + S_REFERENCE] = C[c + C_STOP_PRICE];
    S[s + S_QUANTITY_MAX] = C[c + C_QUANTITY];
    S[s + S_BAND_BPS] = D[(c >> 1) + C_AMOUNT_F64];
    symbols.updateBand(symbol);
  }

  /** SET_FEES, of orders that enter from now on. */
  function setFees(C: Int32Array, c: number): void {
    const maker = C[c + C_PRICE];
    const taker = C[c + C_QUANTITY];
    if (maker < 0 || maker > BPS_MAX) return invalid(0, InvalidField.PRICE);
    if (taker < 0 || taker > BPS_MAX) return invalid(0, InvalidField.QUANTITY);
    defaults[DEFAULT_FEES] = packFees(maker, taker);
    emit.done(0, -1, 0, 0);
  }

  return {
    openAccount,
    setAccount,
    depositCash,
    depositShares,
    listSymbol,
    setSymbolState,
    setSymbolRules,
    setFees,
  };
}
