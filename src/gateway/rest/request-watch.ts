/** Traces one in so many of the REST requests that place, amend or cancel orders. Of a batch, the first order is traced. */
import type { OrderTraces } from "../../analytics/order-traces.ts";
import { elapsed } from "../../lib/elapsed.ts";

export class RequestWatch {
  readonly #traces: Pick<OrderTraces, "every" | "note"> | null;
  #left: number;

  /** `traces` null: no order is traced. */
  constructor(traces: Pick<OrderTraces, "every" | "note"> | null) {
    this.#traces = traces;
    this.#left = traces?.every ?? 0;
  }

  /** Returns the time, for `onTaken`, when a request begins; 0 if nothing is traced. */
  begun(): number {
    return this.#traces === null ? 0 : elapsed();
  }

  /** Called when the request that began at `frame` has been put into the ring: into this part, from this record on. */
  onTaken(frame: number, part: number, record: number, account: number): void {
    if (this.#traces === null || --this.#left > 0) return;
    this.#left = this.#traces.every;
    this.#traces.note({ part, record, frame, decoded: elapsed(), account });
  }
}
