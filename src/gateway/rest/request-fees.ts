/** What a request costs before anybody looks into it: as much as a frame. */
import { ErrorCode, errorBody } from "../../protocol/errors.ts";
import type { Cost } from "../../protocol/weight.ts";
import type { Caller } from "../../trading/caller.ts";
import type { Counters } from "../counters.ts";
import { HttpError } from "../http/responses.ts";

export interface RequestFeesParts {
  counters: Counters;
  /** Milliseconds since whenever, never set back. */
  monotonic(): number;
}

/** Bytes of a body that the request itself has paid for. */
const FREE_BYTES = 4096;

export class RequestFees {
  readonly #parts: RequestFeesParts;

  constructor(parts: RequestFeesParts) {
    this.#parts = parts;
  }

  /** Pays for a request of such a cost. Throws `HttpError` 42901 or 42902 when the caller has nothing left. */
  forRequest(caller: Caller, cost: Cost): void {
    this.#parts.counters.requests++;
    this.#take(caller, cost, 0);
  }

  /** Pays for its body. Throws as `forRequest`. */
  forBody(caller: Caller, cost: Cost, bytes: number): void {
    if (bytes > FREE_BYTES) this.#take(caller, cost, bytes);
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
