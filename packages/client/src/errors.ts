/** The errors with which requests reject. */
import { type ErrorBody, ErrorCode, type ErrorName, type OrderState } from "./messages.ts";

interface Field {
  field: string;
  issue: string;
  /** The value that was sent, as text. */
  got?: string;
}

type Wait = { retry_after_ms: number };

/** The details of a refusal, by its name. Names that are not listed may have no details. */
export interface ErrorDetails extends Record<ErrorName, object> {
  /** The first fault. `issues` has all of them when there are several. */
  INVALID_PARAMETER: Field & { issues?: Field[] };
  /** `status`: how the order ended, of an order that is done. */
  UNKNOWN_ORDER: { status?: OrderState["status"] };
  /** `server_time`: the exchange's time, when the timestamp of a signature is too far from it. */
  WRONG_CREDENTIALS: { field?: string; server_time?: number };
  /** The lowest and the highest price that the exchange takes, in cents. */
  OUTSIDE_BAND: { low: number; high: number };
  OFF_INCREMENT: { price_increment: number };
  INSUFFICIENT_FUNDS: { needed: number; available: number };
  INSUFFICIENT_SHARES: { needed: number; available: number };
  CAPACITY: { limit: string };
  /** The first change or event that can still be asked for. */
  REPLAY_UNAVAILABLE: { oldest_seq: number };
  ORDER_RATE: Wait;
  MARKET_DATA_RATE: Wait;
  TOO_MANY_CONNECTIONS: Wait;
  TOO_MANY_LOGINS: Wait;
  OVERLOADED: Wait;
  MAINTENANCE: Wait;
  SHUTTING_DOWN: Wait;
}

/** The exchange refused a request. */
export class ExchangeError extends Error {
  override readonly name = "ExchangeError";
  /** One of `ErrorCode`, or a code of a later version of the exchange. */
  readonly code: number;
  /** Details of the refusal, as in `ErrorDetails`; empty when there are none. */
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

/** A refusal of one kind, with the details of that kind. */
export type RefusalOf<N extends ErrorName> = N extends ErrorName
  ? ExchangeError & {
      readonly code: (typeof ErrorCode)[N];
      readonly details: Readonly<ErrorDetails[N]>;
    }
  : never;

/** Whether the exchange refused for one of the named reasons; for any when none is named. */
export function isExchangeError<N extends ErrorName = ErrorName>(
  error: unknown,
  ...names: readonly N[]
): error is RefusalOf<N> {
  if (!(error instanceof ExchangeError)) return false;
  return names.length === 0 || names.some((name) => ErrorCode[name] === error.code);
}

/** There is no line to the exchange, or no answer came in time. */
export class ConnectionError extends Error {
  override readonly name: string = "ConnectionError";
}

/**
 * It is unknown whether orders were placed: the line was lost, and did not come back in time to ask. Ask with
 * `orderStatus`, or place them again with the same ids, which places nothing twice.
 */
export class OutcomeUnknownError extends ConnectionError {
  override readonly name = "OutcomeUnknownError";
  readonly clientOrderIds: readonly string[];

  constructor(clientOrderIds: readonly string[], cause: unknown) {
    super(`It is not known what became of ${clientOrderIds.join(", ")}`, { cause });
    this.clientOrderIds = clientOrderIds;
  }
}

/** A stream filled faster than it was read. Its reader got the items in the buffer; later ones are lost. */
export class SlowConsumerError extends Error {
  override readonly name = "SlowConsumerError";
}

/** Whether the refusal is temporary, such as for a limit a second: the same request may succeed later. */
export function isPassing(error: unknown): error is ExchangeError {
  return isExchangeError(error, ...PASSING);
}

const PASSING = [
  "ORDER_RATE",
  "MARKET_DATA_RATE",
  "TOO_MANY_CONNECTIONS",
  "TOO_MANY_LOGINS",
  "OVERLOADED",
  "MAINTENANCE",
  "SHUTTING_DOWN",
  "INTERNAL",
  "STORAGE_FAILED",
] as const;

/** The key, the session or the password is wrong, or there is none. */
export const LOGIN_REFUSALS = ["NOT_LOGGED_IN", "WRONG_CREDENTIALS", "KEY_NOT_VALID"] as const;
