/** Refusals of the exchange in words, for any request. */
import { ConnectionError, ExchangeError, isExchangeError } from "@waiver/client";

/** An error in one sentence. */
export function refusalText(error: unknown): string {
  if (isExchangeError(error, "NO_LIQUIDITY")) return "Nobody is on the other side of the book now";
  if (isExchangeError(error, "SELF_TRADE")) {
    return "It would trade with an order of your own: cancel that one first";
  }
  if (isExchangeError(error, "SYMBOL_NOT_TRADING")) {
    return "Trading in this player is stopped; orders can only be cancelled";
  }
  if (isExchangeError(error, "CAPACITY")) return "You have as many open orders as you may have";
  if (isExchangeError(error, "UNKNOWN_ORDER")) return "The order is done already";
  if (isExchangeError(error, "ORDER_RATE", "MARKET_DATA_RATE", "TOO_MANY_LOGINS")) {
    return `Too many at once: try again in ${waitText(error.retryAfterMs)}`;
  }
  if (isExchangeError(error, "MAINTENANCE")) return "The exchange is closed for maintenance";
  if (isExchangeError(error, "OVERLOADED", "SHUTTING_DOWN")) {
    return `The exchange is busy: try again in ${waitText(error.retryAfterMs)}`;
  }
  // Other messages of this code say what was done nevertheless.
  if (isExchangeError(error, "STORAGE_FAILED") && error.message.startsWith("Storage failed")) {
    return "The exchange cannot store anything now; nothing was changed";
  }
  if (isExchangeError(error, "NOT_LOGGED_IN", "KEY_NOT_VALID")) return "Log in again";
  if (error instanceof ExchangeError) return error.message;
  if (error instanceof ConnectionError) return "The exchange does not answer";
  return error instanceof Error ? error.message : String(error);
}

function waitText(ms: number | undefined): string {
  const seconds = Math.max(1, Math.ceil((ms ?? 1000) / 1000));
  return seconds === 1 ? "a second" : `${seconds} seconds`;
}

/** The faults that the exchange finds in a form, by field; `form` has any other. Null for another refusal. */
export function fieldFaults<Field extends string>(
  error: unknown,
  fields: readonly Field[],
): Partial<Record<Field | "form", string>> | null {
  if (!isExchangeError(error, "INVALID_PARAMETER")) return null;
  const names: readonly string[] = fields;
  const { issues = [error.details] } = error.details;
  const texts = issues.map(({ field, issue }) =>
    names.includes(field) ? [field, issue] : ["form", `${field}: ${issue}`],
  );
  return Object.fromEntries(texts);
}
