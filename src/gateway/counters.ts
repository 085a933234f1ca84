import type { Result } from "../protocol/schemas.ts";
import type { Outcome } from "../trading/outcome.ts";
import { END_REASONS, type EndReason } from "./websocket/end-reason.ts";

/** What the gateway has counted since the start, for the metrics. */
export class Counters {
  /** Frames received. */
  requests = 0;
  /** Frames and REST requests beyond the limits of their user or address. */
  framesRefused = 0;
  /** WebSockets that have ended, by reason. */
  readonly ends = Object.fromEntries(END_REASONS.map((why) => [why, 0])) as Record<
    EndReason,
    number
  >;
  /** Open connections that are not WebSockets, as of the last look; and how many were ended because there were too many. */
  httpConnections = 0;
  httpConnectionsEnded = 0;
  /** Connections on conflated topics, as of the last second. */
  conflated = 0;
  /** Errors answered, by code. */
  readonly errors = new Map<number, number>();

  /** Counts an error that a client was sent. */
  onError(code: number): void {
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }

  /** Counts the errors in a batch's answer, one for each refused order. */
  onBatch(outcome: Outcome<Result<"order.batch">>): void {
    if ("error" in outcome) return;
    for (const each of outcome.result.results) {
      if ("error" in each) this.onError(each.error.code);
    }
  }
}
