import type { ErrorBody } from "../protocol/errors.ts";

/** The exchange refused a request; `code` is one of `protocol/errors.ts`. */
export class ExchangeError extends Error {
  override readonly name = "ExchangeError";
  readonly code: number;
  /** What the code has to say, such as `field` and `issue`; empty when nothing. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(body: ErrorBody) {
    super(body.message);
    this.code = body.code;
    this.details = body.details ?? {};
  }

  /** How long the exchange asks to wait before the next try, in milliseconds; undefined if it does not. */
  get retryAfterMs(): number | undefined {
    const { retry_after_ms: delay } = this.details;
    return typeof delay === "number" ? delay : undefined;
  }
}

/**
 * The connection was lost, or no answer came in time. Whether a request under way was carried out is
 * not known: ask with `order.status` and the `client_order_id`.
 */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
}
