/** What a request came to, whatever door it came through. */
import { type ErrorBody, ErrorCode, errorBody } from "../protocol/errors.ts";

export type Outcome<Result> = { result: Result } | { error: ErrorBody };

/** How long a client should wait before it tries an exchange that takes no requests just now. */
export const RETRY_AFTER_MS = 1000;

export function failure(
  code: number,
  details?: Record<string, unknown>,
  message?: string,
): { error: ErrorBody } {
  return { error: errorBody(code, details, message) };
}

export function overloaded(): ErrorBody {
  return errorBody(ErrorCode.OVERLOADED, { retry_after_ms: RETRY_AFTER_MS });
}

export function shuttingDown(): ErrorBody {
  return errorBody(ErrorCode.SHUTTING_DOWN, { retry_after_ms: RETRY_AFTER_MS });
}
