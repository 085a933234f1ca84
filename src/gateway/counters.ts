import type { Result } from "../protocol/schemas.ts";
import type { Outcome } from "../trading/outcome.ts";
import { END_REASONS, type EndReason } from "./websocket/end-reason.ts";

/** What the doors counted since the start, for the metrics. */
export class Counters {
  /** Frames received. */
  requests = 0;
  /** Frames that were refused before anybody looked into them. */
  framesRefused = 0;
  /** Connections that are over, by why. */
  readonly ends = Object.fromEntries(END_REASONS.map((why) => [why, 0])) as Record<
    EndReason,
    number
  >;
  /** Connections that are no WebSockets, as last looked at, and those that were ended because there were too many. */
  httpConnections = 0;
  httpConnectionsEnded = 0;
  /** Connections that hear conflated topics, as of the last second. */
  conflated = 0;
  /** Errors answered, by code. */
  readonly errors = new Map<number, number>();

  /** A client was told this error. */
  onError(code: number): void {
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }

  /** A client was told of this batch: what it refuses counts order by order. */
  onBatch(outcome: Outcome<Result<"order.batch">>): void {
    if ("error" in outcome) return;
    for (const each of outcome.result.results) {
      if ("error" in each) this.onError(each.error.code);
    }
  }
}
