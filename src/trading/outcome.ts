/** Outcomes of requests, whatever protocol they came over. */
import { type ErrorBody, ErrorCode, errorBody } from "../protocol/errors.ts";
import type { TokenBucket } from "./token-bucket.ts";

/** A result or an error. `told`: for a query, the number of rows or the like that its weight depends on (`weight.ts`). */
export type Outcome<Result> = { result: Result; told?: number } | { error: ErrorBody };

/** How long a client should wait when the exchange accepts no requests at the moment. */
export const RETRY_AFTER_MS = 1000;

export function failure(
  code: number,
  details?: Record<string, unknown>,
  message?: string,
): { error: ErrorBody } {
  return { error: errorBody(code, details, message) };
}

export function overloaded(message?: string): ErrorBody {
  return errorBody(ErrorCode.OVERLOADED, { retry_after_ms: RETRY_AFTER_MS }, message);
}

/** Takes `weight` from a bucket. Returns the error 42902 when it is empty, otherwise null. `now`: by the bucket's clock. */
export function weightRefusal(bucket: TokenBucket, now: number, weight: number): ErrorBody | null {
  const retry_after_ms = bucket.take(now, weight);
  return retry_after_ms === 0 ? null : errorBody(ErrorCode.MARKET_DATA_RATE, { retry_after_ms });
}

export function shuttingDown(): ErrorBody {
  return errorBody(ErrorCode.SHUTTING_DOWN, { retry_after_ms: RETRY_AFTER_MS });
}
