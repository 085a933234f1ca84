/** What an account of the demo stops doing after a refusal, and for how long. */
import type { ExchangeError } from "@waiver/client";
import { ErrorCode } from "../protocol/errors.ts";

/**
 * "symbol": nothing new in that book; "buying": no buying of any symbol, as there is no cash; "selling": no
 * selling of that symbol, as there are no shares.
 */
export type RestedPart = "symbol" | "buying" | "selling";

export type Rest = { from: "everything" | RestedPart; forMs: number };

const RETRY_MS = 1_000;
const STORAGE_MS = 10_000;
const MEANS_MS = 30_000;
const SYMBOL_MS = 60_000;

/**
 * What to stop doing after `error`; undefined when another try makes sense at once, because the order was gone
 * or the market has moved. After an unexpected code the symbol rests: one order every minute does no harm.
 */
export function restAfter(error: ExchangeError): Rest | undefined {
  switch (error.code) {
    case ErrorCode.UNKNOWN_ORDER:
    case ErrorCode.POST_ONLY_WOULD_CROSS:
    case ErrorCode.FILL_OR_KILL:
    case ErrorCode.NO_LIQUIDITY:
    case ErrorCode.SELF_TRADE:
      return undefined;
    case ErrorCode.INSUFFICIENT_FUNDS:
      return { from: "buying", forMs: MEANS_MS };
    case ErrorCode.INSUFFICIENT_SHARES:
      return { from: "selling", forMs: MEANS_MS };
    case ErrorCode.ORDER_RATE:
    case ErrorCode.OVERLOADED:
    case ErrorCode.MAINTENANCE:
    case ErrorCode.SHUTTING_DOWN:
      return { from: "everything", forMs: error.retryAfterMs ?? RETRY_MS };
    case ErrorCode.STORAGE_FAILED:
      return { from: "everything", forMs: STORAGE_MS };
    default:
      return { from: "symbol", forMs: SYMBOL_MS };
  }
}
