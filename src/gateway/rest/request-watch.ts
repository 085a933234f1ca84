/**
 * Traces one in so many of the REST requests that place, change or cancel orders. Of a batch, the first order is
 * traced.
 */
import type { OrderTraces } from "../../analytics/order-traces.ts";
import { elapsed } from "../../lib/elapsed.ts";

export class RequestWatch {
  readonly #traces: Pick<OrderTraces, "every" | "note"> | null;
  #left: number;

  /** `traces` null: none is followed. */
  constructor(traces: Pick<OrderTraces, "every" | "note"> | null) {
    this.#traces = traces;
    this.#left = traces?.every ?? 0;
  }

  /** When a request begins, for `onTaken`; 0 if nothing is traced. */
  begun(): number {
    return this.#traces === null ? 0 : elapsed();
  }

  /** The request that began at `frame` has been taken in, from this record of the ring's part on. */
  onTaken(frame: number, part: number, record: number, account: number): void {
    if (this.#traces === null || --this.#left > 0) return;
    this.#left = this.#traces.every;
    this.#traces.note({ part, record, frame, decoded: elapsed(), account });
  }
}
