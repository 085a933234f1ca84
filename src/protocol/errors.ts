/**
 * Every error that clients may get: code, name, message, and the HTTP status that it has over REST. Append-only, because
 * clients rely on the codes. `proto/errors.md` is generated from this table.
 */
const TABLE = {
  40000: { name: "MALFORMED_MESSAGE", message: "Malformed message", status: 400 },
  40001: { name: "INVALID_PARAMETER", message: "Invalid order parameters", status: 400 },
  40002: { name: "UNKNOWN_METHOD", message: "Unknown method", status: 404 },
  40003: { name: "UNKNOWN_SYMBOL", message: "Unknown symbol", status: 404 },
  40004: { name: "UNKNOWN_ORDER", message: "Unknown order", status: 404 },
  40100: { name: "NOT_LOGGED_IN", message: "Not logged in", status: 401 },
  40101: { name: "WRONG_CREDENTIALS", message: "Wrong API key or secret", status: 401 },
  40102: { name: "KEY_NOT_VALID", message: "API key expired or revoked", status: 401 },
  40300: { name: "PERMISSION_MISSING", message: "Permission missing", status: 403 },
  40301: { name: "NOT_YOUR_ACCOUNT", message: "Not your account", status: 403 },
  40901: {
    name: "POST_ONLY_WOULD_CROSS",
    message: "Post-only order would cross the book",
    status: 409,
  },
  40902: { name: "FILL_OR_KILL", message: "Fill-or-kill order cannot be filled", status: 409 },
  40903: { name: "NO_LIQUIDITY", message: "No liquidity for a market order", status: 409 },
  40904: { name: "OUTSIDE_BAND", message: "Price outside the band", status: 409 },
  40905: {
    name: "OFF_INCREMENT",
    message: "Price not a multiple of the price increment",
    status: 409,
  },
  40906: { name: "INSUFFICIENT_FUNDS", message: "Insufficient funds", status: 409 },
  40907: { name: "INSUFFICIENT_SHARES", message: "Insufficient shares", status: 409 },
  40908: { name: "SELF_TRADE", message: "Self-trade prevention refused the order", status: 409 },
  40909: { name: "SYMBOL_NOT_TRADING", message: "Symbol halted or cancel-only", status: 409 },
  40910: { name: "CAPACITY", message: "Capacity limit reached", status: 409 },
  40911: {
    name: "CLIENT_ORDER_ID_REUSED",
    message: "client_order_id was used for an order with other content",
    status: 409,
  },
  41001: { name: "REPLAY_UNAVAILABLE", message: "Replay no longer available", status: 409 },
  42901: { name: "ORDER_RATE", message: "Order rate exceeded", status: 429 },
  42902: { name: "MARKET_DATA_RATE", message: "Market data rate exceeded", status: 429 },
  42903: { name: "TOO_MANY_CONNECTIONS", message: "Too many connections", status: 429 },
  42904: { name: "TOO_MANY_LOGINS", message: "Too many login attempts", status: 429 },
  50000: { name: "INTERNAL", message: "Internal error", status: 500 },
  50300: { name: "OVERLOADED", message: "Overloaded, retry", status: 503 },
  50301: { name: "MAINTENANCE", message: "Down for maintenance", status: 503 },
  50302: { name: "SHUTTING_DOWN", message: "Shutting down", status: 503 },
  50700: {
    name: "STORAGE_FAILED",
    message: "Storage failed; the order was not accepted",
    status: 503,
  },
} as const;

type Table = typeof TABLE;
export type ErrorCode = keyof Table;
export type ErrorName = Table[ErrorCode]["name"];

export interface ErrorEntry {
  readonly name: ErrorName;
  readonly message: string;
  /** HTTP status. */
  readonly status: number;
}

/** The table by code. */
export const ERRORS: Readonly<Record<ErrorCode, ErrorEntry>> = TABLE;

/** The codes in ascending order. */
export const ERROR_CODES = Object.keys(TABLE).map(Number) as ErrorCode[];

type CodesByName = { readonly [C in ErrorCode as Table[C]["name"]]: C };

/** Codes by name: `ErrorCode.UNKNOWN_SYMBOL` is 40003. */
export const ErrorCode = Object.fromEntries(
  ERROR_CODES.map((code) => [TABLE[code].name, code]),
) as CodesByName;

/** The member `error` of a message. */
export interface ErrorBody {
  code: number;
  message: string;
  details?: Record<string, unknown>;
}

export function isErrorCode(code: number): code is ErrorCode {
  return Object.hasOwn(TABLE, code);
}

/** The body for `code`. `message` replaces the table's. Throws `RangeError` for a code that is not in the table, which is a bug. */
export function errorBody(
  code: number,
  details?: Record<string, unknown>,
  message?: string,
): ErrorBody {
  if (!isErrorCode(code)) throw new RangeError(`no error has the code ${code}`);
  const body: ErrorBody = { code, message: message ?? TABLE[code].message };
  if (details !== undefined) body.details = details;
  return body;
}

/** HTTP status for `code`; 500 for a code outside the table. */
export function httpStatus(code: number): number {
  return isErrorCode(code) ? TABLE[code].status : 500;
}
