/**
 * Measures the frame of one order in so many: how long decoding takes. Some of these orders are traced to their
 * acknowledgement.
 */
import type { OrderTraces } from "../../analytics/order-traces.ts";
import { elapsed } from "../../lib/elapsed.ts";

/** At least one in so many frames on `/orders` is looked at. */
export const FRAMES_PER_LOOK = 64;

export interface FrameWatchParts {
  /** Takes how long decoding took, in seconds. */
  decoded: { observe(seconds: number): void };
  /** Null: no order is followed. */
  traces: Pick<OrderTraces, "every" | "note"> | null;
  /** Milliseconds of a clock that never goes back. */
  now?: () => number;
}

export class FrameWatch {
  /** The present frame is measured. */
  isOn = false;
  /** One in so many frames is measured, and one in so many measured frames traced. */
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

  /** A frame has come. */
  onFrame(): void {
    this.isOn = --this.#framesLeft === 0;
    if (!this.isOn) return;
    this.#framesLeft = this.#framesPerLook;
    this.#frame = this.#now();
  }

  /** The present frame, which is measured, is an order and has been decoded. */
  onDecoded(): void {
    this.#decoded = this.#now();
    this.#parts.decoded.observe((this.#decoded - this.#frame) / 1000);
  }

  /** It has been taken in, as this record of the ring's part. */
  onTaken(part: number, record: number, account: number): void {
    if (--this.#looksLeft > 0) return;
    this.#looksLeft = this.#looksPerTrace;
    const frame = this.#frame;
    this.#parts.traces?.note({ part, record, frame, decoded: this.#decoded, account });
  }
}
