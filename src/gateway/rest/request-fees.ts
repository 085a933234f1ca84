/** Charges for requests before anybody looks into them, as much as for a frame. */
import type { MonotonicClock } from "../../lib/clocks.ts";
import { ErrorCode, errorBody } from "../../protocol/errors.ts";
import type { Cost } from "../../protocol/weight.ts";
import type { Caller } from "../../trading/caller.ts";
import type { Counters } from "../counters.ts";
import { FREE_BYTES } from "../http/request-body.ts";
import { HttpError } from "../http/responses.ts";

export interface RequestFeesParts extends MonotonicClock {
  counters: Counters;
}

export class RequestFees {
  readonly #parts: RequestFeesParts;

  constructor(parts: RequestFeesParts) {
    this.#parts = parts;
  }

  /** Charges the caller for a request with this cost. Throws `HttpError` 42901 or 42902 when he has nothing left. */
  forRequest(caller: Caller, cost: Cost): void {
    this.#parts.counters.requests++;
    this.#take(caller, cost, 0);
  }

  /** Charges for bytes of its body beyond those that are free. Throws as `forRequest`. */
  forBody(caller: Caller, cost: Cost, bytes: number): void {
    this.#take(caller, cost, FREE_BYTES + bytes);
  }

  #take({ limits }: Caller, cost: Cost, bytes: number): void {
    const { monotonic, counters } = this.#parts;
    if (limits.frames.take(bytes, monotonic)) return;
    counters.framesRefused++;
    const code = typeof cost === "string" ? ErrorCode.ORDER_RATE : ErrorCode.MARKET_DATA_RATE;
    const retry_after_ms = Math.max(1, limits.frames.wait(monotonic()));
    throw new HttpError(errorBody(code, { retry_after_ms }, "Too many requests"));
  }
}
