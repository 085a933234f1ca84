/**
 * Words of the protocol. Records, events and encoders use the index of a word in its list. The order is that of the core's
 * constants, which a test checks, and must never change.
 */
export const SIDES = ["BUY", "SELL"] as const;
export const ORDER_TYPES = ["LIMIT", "MARKET", "STOP", "STOP_LIMIT"] as const;
export const TIMES_IN_FORCE = ["GTC", "IOC", "FOK", "GTD"] as const;
export const SELF_TRADE_MODES = [
  "CANCEL_NEWEST",
  "CANCEL_OLDEST",
  "CANCEL_BOTH",
  "DECREMENT",
  "NONE",
] as const;
export const ORDER_STATUSES = [
  "ACCEPTED",
  "PARTIALLY_FILLED",
  "FILLED",
  "CANCELLED",
  "EXPIRED",
  "PENDING_TRIGGER",
] as const;
/** Why an order ended; index 0 is no reason. Append-only, because journals and snapshots have the index. */
export const ORDER_REASONS = [
  "",
  "USER",
  "CANCEL_ALL",
  "DISCONNECT",
  "DEAD_MANS_SWITCH",
  "SELF_TRADE",
  "OPERATOR",
  "TIME_IN_FORCE",
  "EXPIRE_AT",
  "PRICE_BAND",
  "POST_ONLY",
  "FILL_OR_KILL",
  "FUNDS",
  "SYMBOL_CLOSED",
] as const;
export const LIQUIDITIES = ["MAKER", "TAKER"] as const;
export const CANDLE_INTERVALS = ["1m", "5m", "15m", "1h", "1d"] as const;

export const SYMBOL_PREFIX = "SYMBOL_";
export const ORDER_PREFIX = "ord_";
export const ACCOUNT_PREFIX = "acc_";

/** Numbers of symbols and accounts have 31 bits; those of orders have 53. */
export const NUMBER_MAX = 0x7fff_ffff;
export const ORDER_NUMBER_MAX = Number.MAX_SAFE_INTEGER;

/** In place of a number: the name was not given. */
export const ABSENT = -1;
/** In place of a number: the name does not have the form of the exchange's names, so it names nothing. */
export const NOT_OF_FORM = -2;

/** Digits of ORDER_NUMBER_MAX. */
const DIGITS_MAX = 16;
const ZERO = 48;

export const symbolName = (symbol: number): string => SYMBOL_PREFIX + symbol;
export const orderName = (order: number): string => ORDER_PREFIX + order;
export const accountName = (account: number): string => ACCOUNT_PREFIX + account;

/** The number n of `SYMBOL_<n>`, or NOT_OF_FORM. */
export function symbolNumber(name: string): number {
  return numberAfter(SYMBOL_PREFIX, name, NUMBER_MAX);
}

/** The number n of `acc_<n>`, or NOT_OF_FORM. */
export function accountNumber(name: string): number {
  return numberAfter(ACCOUNT_PREFIX, name, NUMBER_MAX);
}

/** The number n of `ord_<n>`, n from 1, or NOT_OF_FORM. */
export function orderNumberOf(name: string): number {
  const order = numberAfter(ORDER_PREFIX, name, ORDER_NUMBER_MAX);
  return order === 0 ? NOT_OF_FORM : order;
}

/** The number after `prefix`: plain digits without a sign or leading zero, at most `max`; NOT_OF_FORM for anything else. */
function numberAfter(prefix: string, name: string, max: number): number {
  const start = prefix.length;
  const digits = name.length - start;
  if (digits < 1 || digits > DIGITS_MAX || !name.startsWith(prefix)) return NOT_OF_FORM;
  if (digits > 1 && name.charCodeAt(start) === ZERO) return NOT_OF_FORM;
  let value = 0;
  for (let i = start; i < name.length; i++) {
    const digit = name.charCodeAt(i) - ZERO;
    if (digit < 0 || digit > 9) return NOT_OF_FORM;
    value = value * 10 + digit;
  }
  return value > max ? NOT_OF_FORM : value;
}
