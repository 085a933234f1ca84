/** Refusals of the exchange, in words for the field that they are about. */
import { ConnectionError, ExchangeError, isExchangeError } from "@waiver/client";
import { counted, dollars, shares } from "../lib/money.ts";
import type { Faults, Field } from "./order-form.ts";

const FIELDS: readonly string[] = [
  "price",
  "stop_price",
  "quantity",
  "expire_at",
  "time_in_force",
  "post_only",
] satisfies Field[];

export function faultsOf(error: unknown): Faults {
  if (isExchangeError(error, "INVALID_PARAMETER")) {
    const { issues = [error.details] } = error.details;
    const texts = issues.map(({ field, issue }) =>
      FIELDS.includes(field) ? [field, issue] : ["form", `${field}: ${issue}`],
    );
    return Object.fromEntries(texts);
  }
  if (isExchangeError(error, "OUTSIDE_BAND")) {
    const { low, high } = error.details;
    return { price: `Enter a price from ${dollars(low)} to ${dollars(high)}` };
  }
  if (isExchangeError(error, "OFF_INCREMENT")) {
    return { price: `Enter a multiple of ${dollars(error.details.price_increment)}` };
  }
  if (isExchangeError(error, "INSUFFICIENT_FUNDS")) {
    const { needed, available } = error.details;
    return { quantity: `This takes ${dollars(needed)}, and you have ${dollars(available)}` };
  }
  if (isExchangeError(error, "INSUFFICIENT_SHARES")) {
    const { needed, available } = error.details;
    return {
      quantity: `This takes ${counted(needed, "share")}, and you have ${shares(available)}`,
    };
  }
  if (isExchangeError(error, "POST_ONLY_WOULD_CROSS")) {
    return { price: "At this price it would trade at once, which a post-only order may not" };
  }
  if (isExchangeError(error, "FILL_OR_KILL")) {
    return { quantity: "Not all of it can be filled now, and the order is all or nothing" };
  }
  return { form: refusalText(error) };
}

/** For anything that was asked of the exchange, in one sentence. */
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
  if (isExchangeError(error, "STORAGE_FAILED")) {
    return "The exchange cannot store orders now; nothing was placed";
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
