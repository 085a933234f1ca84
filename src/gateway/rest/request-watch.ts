/** Follows one in so many of the requests over REST that place, change or cancel orders; of a batch its first order. */
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

  /** A request is looked at: when, 0 where none is followed. */
  begun(): number {
    return this.#traces === null ? 0 : elapsed();
  }

  /** What began then has been taken in, from this record of the ring's half on. */
  onTaken(frame: number, half: number, record: number, account: number): void {
    if (this.#traces === null || --this.#left > 0) return;
    this.#left = this.#traces.every;
    this.#traces.note({ half, record, frame, decoded: elapsed(), account });
  }
}
