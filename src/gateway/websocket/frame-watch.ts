/**
 * Measures how long decoding takes, for one in so many frames on `/orders`. Some of these orders are traced to their
 * acknowledgement.
 */
import type { OrderTraces } from "../../analytics/order-traces.ts";
import { elapsed } from "../../lib/elapsed.ts";

/** At least one in so many frames is measured. */
export const FRAMES_PER_LOOK = 64;

export interface FrameWatchParts {
  /** Receives the time of decoding, in seconds. */
  decoded: { observe(seconds: number): void };
  /** Null: no order is traced. */
  traces: Pick<OrderTraces, "every" | "note"> | null;
  /** Milliseconds of a clock that never goes back. */
  now?: () => number;
}

export class FrameWatch {
  /** Whether the present frame is measured. */
  isOn = false;
  /** One in `#framesPerLook` frames is measured, and one in `#looksPerTrace` measured frames is traced. */
  readonly #framesPerLook: number;
  readonly #looksPerTrace: number;
  #framesLeft: number;
  #looksLeft: number;
  #frame = 0;
  #decoded = 0;
  readonly #parts: FrameWatchParts;
  readonly #now: () => number;

  constructor(parts: FrameWatchParts) {
    const every = parts.traces?.every ?? Number.POSITIVE_INFINITY;
    this.#parts = parts;
    this.#now = parts.now ?? elapsed;
    this.#framesPerLook = Math.min(FRAMES_PER_LOOK, every);
    this.#looksPerTrace = Math.round(every / this.#framesPerLook);
    this.#framesLeft = this.#framesPerLook;
    this.#looksLeft = this.#looksPerTrace;
  }

  /** Called when a frame has come. */
  onFrame(): void {
    this.isOn = --this.#framesLeft === 0;
    if (!this.isOn) return;
    this.#framesLeft = this.#framesPerLook;
    this.#frame = this.#now();
  }

  /** Called when the present frame is measured, is an order and has been decoded. */
  onDecoded(): void {
    this.#decoded = this.#now();
    this.#parts.decoded.observe((this.#decoded - this.#frame) / 1000);
  }

  /** Called when the measured order has been put into the ring, as this record of this part. */
  onTaken(part: number, record: number, account: number): void {
    if (--this.#looksLeft > 0) return;
    this.#looksLeft = this.#looksPerTrace;
    const frame = this.#frame;
    this.#parts.traces?.note({ part, record, frame, decoded: this.#decoded, account });
  }
}
