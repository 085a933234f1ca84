/** Looks closely at the frame of one order in so many: how long it takes until the order is decoded. */
import { elapsed } from "../../lib/elapsed.ts";

/** Frames on `/orders` of which one is looked at. */
export const FRAMES_PER_LOOK = 64;

export class FrameWatch {
  /** The frame in hand is looked at. */
  isOn = false;
  #left = FRAMES_PER_LOOK;
  #since = 0;
  readonly #decodeSeconds: { observe(seconds: number): void };
  readonly #now: () => number;

  /** `now`: milliseconds of a clock that never goes back. */
  constructor(decodeSeconds: { observe(seconds: number): void }, now: () => number = elapsed) {
    this.#decodeSeconds = decodeSeconds;
    this.#now = now;
  }

  /** A frame has come. */
  onFrame(): void {
    this.isOn = --this.#left === 0;
    if (!this.isOn) return;
    this.#left = FRAMES_PER_LOOK;
    this.#since = this.#now();
  }

  /** The frame in hand, which is looked at, is an order, and has been read. */
  onDecoded(): void {
    this.#decodeSeconds.observe((this.#now() - this.#since) / 1000);
  }
}
