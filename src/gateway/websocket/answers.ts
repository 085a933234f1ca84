/** Answers requests on their connection, in the encoding they came in. */
import { errorBytes, errorText, resultBytes, resultText } from "../../protocol/envelope.ts";
import type { Outcome } from "../../trading/outcome.ts";
import type { Counters } from "../counters.ts";
import type { RequestMark } from "./request-ids.ts";
import type { Session } from "./session.ts";

export class Answers {
  readonly #counters: Counters;

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  send(session: Session, { id, isBinary }: RequestMark, outcome: Outcome<object>): void {
    if ("error" in outcome) {
      const { error } = outcome;
      this.#counters.onError(error.code);
      session.send(isBinary ? errorBytes(id, error) : errorText(id, error));
    } else {
      session.send(isBinary ? resultBytes(id, outcome.result) : resultText(id, outcome.result));
    }
  }

  /** As `send`, where the result is what everybody may know. */
  sendPublic(session: Session, request: RequestMark, outcome: Outcome<object>): void {
    if ("error" in outcome) return this.send(session, request, outcome);
    const { id, isBinary } = request;
    const { result } = outcome;
    session.sendPublic(isBinary ? resultBytes(id, result) : resultText(id, result));
  }
}
