/** Which errors a method may answer with, for the published documents. */
import type { TObject } from "@sinclair/typebox";
import { ERRORS, ErrorCode } from "../errors.ts";
import { type MethodName, methods } from "../schemas.ts";

/** Errors of every request. */
const ALWAYS = [ErrorCode.INVALID_PARAMETER, ErrorCode.INTERNAL, ErrorCode.MAINTENANCE];
/** Errors of a new or amended order. */
const OF_ORDERS = [
  ErrorCode.POST_ONLY_WOULD_CROSS,
  ErrorCode.FILL_OR_KILL,
  ErrorCode.NO_LIQUIDITY,
  ErrorCode.OUTSIDE_BAND,
  ErrorCode.OFF_INCREMENT,
  ErrorCode.INSUFFICIENT_FUNDS,
  ErrorCode.INSUFFICIENT_SHARES,
  ErrorCode.SELF_TRADE,
  ErrorCode.SYMBOL_NOT_TRADING,
  ErrorCode.CAPACITY,
];
/** Errors of requests that wait for a tick. */
const OF_TICKS = [ErrorCode.OVERLOADED, ErrorCode.SHUTTING_DOWN, ErrorCode.STORAGE_FAILED];
/**
 * Errors of logins. PERMISSION_MISSING: the key may not be used from this address, or does not allow what the login asks for.
 * NOT_YOUR_ACCOUNT: the account that the login names is not the user's.
 */
export const OF_LOGINS = [
  ErrorCode.WRONG_CREDENTIALS,
  ErrorCode.KEY_NOT_VALID,
  ErrorCode.TOO_MANY_LOGINS,
  ErrorCode.PERMISSION_MISSING,
  ErrorCode.NOT_YOUR_ACCOUNT,
];

/** The codes that a method may answer with, in ascending order. */
export function errorsOf(method: MethodName): ErrorCode[] {
  const { permission, cost, params, endpoints } = methods[method];
  const members = Object.keys((params as TObject).properties);
  const codes: ErrorCode[] = [...ALWAYS];
  if (method === "auth.login") codes.push(...OF_LOGINS);
  if (permission !== null) codes.push(ErrorCode.NOT_LOGGED_IN, ErrorCode.PERMISSION_MISSING);
  else if (endpoints.length < 3) codes.push(ErrorCode.NOT_LOGGED_IN);
  if (members.includes("account_id")) codes.push(ErrorCode.NOT_YOUR_ACCOUNT);
  if (members.includes("symbol") || members.includes("symbols"))
    codes.push(ErrorCode.UNKNOWN_SYMBOL);
  if (members.includes("order_id")) codes.push(ErrorCode.UNKNOWN_ORDER);
  if (members.includes("from_seq")) codes.push(ErrorCode.REPLAY_UNAVAILABLE);
  codes.push(typeof cost === "string" ? ErrorCode.ORDER_RATE : ErrorCode.MARKET_DATA_RATE);
  if (endpoints.length < 3) codes.push(...OF_TICKS);
  if (method === "order.place" || method === "order.amend") codes.push(...OF_ORDERS);
  if (method === "order.place") codes.push(ErrorCode.CLIENT_ORDER_ID_REUSED);
  return [...new Set(codes)].sort((a, b) => a - b);
}

/** A code with its message, such as `40003 Unknown symbol`. */
export const errorText = (code: ErrorCode): string => `${code} ${ERRORS[code].message}`;
