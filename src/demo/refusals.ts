/** How the demo takes a refusal: what it leaves alone, and for how long. */
import type { ExchangeError } from "@waiver/client";
import { ErrorCode } from "../protocol/errors.ts";

/** "symbol": that book; "buying": everywhere, for want of cash; "selling": that symbol, for want of shares. */
export type RestedPart = "symbol" | "buying" | "selling";

export type Rest = { from: "everything" | RestedPart; forMs: number };

const RETRY_MS = 1_000;
const STORAGE_MS = 10_000;
const MEANS_MS = 30_000;
const SYMBOL_MS = 60_000;

/**
 * What to rest from after `error`; undefined when the next try is as good as any: the order was gone, or
 * the market has moved meanwhile. A code that nobody expects rests the symbol: one order every
 * minute does no harm.
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
