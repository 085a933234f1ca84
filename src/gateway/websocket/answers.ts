/** Answers requests on their connection, in the encoding in which they came. */
import { errorBytes, errorText, resultBytes, resultText } from "../../protocol/envelope.ts";
import { type ErrorBody, ErrorCode } from "../../protocol/errors.ts";
import { failure, type Outcome } from "../../trading/outcome.ts";
import type { Counters } from "../counters.ts";
import type { Patience } from "./patience.ts";
import type { RequestMark } from "./request-ids.ts";
import type { Session } from "./session.ts";

/** The error for a client that asks for more without reading what it was answered. */
const UNREAD = failure(
  ErrorCode.MARKET_DATA_RATE,
  { retry_after_ms: 1000 },
  "Too many bytes of earlier answers are not read yet",
);

/** The weight of a refused query: its frame was decoded for nothing. */
const QUERY_WEIGHT = 2;

export class Answers {
  readonly #counters: Counters;
  readonly #patience: Patience;
  readonly #unreadMax: number;

  /** `unreadMax`: a client with more unread bytes gets no answers to queries. */
  constructor(counters: Counters, patience: Patience, unreadMax: number) {
    this.#counters = counters;
    this.#patience = patience;
    this.#unreadMax = unreadMax;
  }

  /**
   * Sends the answer to a request. Refused queries count: a client that goes on asking is closed. Refused orders do not
   * count, because the limit of frames bounds them.
   */
  send(session: Session, request: RequestMark, outcome: Outcome<object>): void {
    if ("error" in outcome) {
      this.sendError(session, request, outcome.error);
      if (outcome.error.code === ErrorCode.MARKET_DATA_RATE)
        this.#patience.spend(session, QUERY_WEIGHT);
      return;
    }
    const { id, isBinary } = request;
    session.send(isBinary ? resultBytes(id, outcome.result) : resultText(id, outcome.result));
  }

  /** Sends an error that does not count as a refusal, or has been counted. */
  sendError(session: Session, { id, isBinary }: RequestMark, error: ErrorBody): void {
    this.#counters.onError(error.code);
    session.send(isBinary ? errorBytes(id, error) : errorText(id, error));
  }

  /** The outcome of a query, or an error for a client that does not read its earlier answers. */
  unlessUnread(session: Session, outcome: Outcome<object>): Outcome<object> {
    return session.buffered() > this.#unreadMax ? UNREAD : outcome;
  }

  /** As `send`, for a result that everybody may know. */
  sendPublic(session: Session, { id, isBinary }: RequestMark, result: object): void {
    session.sendPublic(isBinary ? resultBytes(id, result) : resultText(id, result));
  }
}
