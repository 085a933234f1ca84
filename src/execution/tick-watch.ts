/**
 * The watchdog of the tick. It says when commands wait and no tick ends. The cause may be a disk that does not answer a
 * flush, or a fault in the loop itself.
 *
 * ```
 *   looks:   1   2   3   4   …   20
 *            └── commands wait, the tick is the same ──┘
 *                        │        └► stuck, until it moves on: the exchange has failed
 *                        └► late, until it moves on: the exchange takes no new orders
 * ```
 *
 * It counts looks and does not measure time, so a process that was stopped, or a clock that jumps, is no stuck tick.
 */
const LOOK_MS = 500;

/** 2 seconds. Who sends an order then would not expect it to be carried out whenever the disk answers again. */
const LATE_LOOKS = 4;

/** 10 seconds. A disk that has a hiccup takes a few. */
const STUCK_LOOKS = 20;

export interface TickWatchParts {
  loop: {
    /** Nothing is gathered or in flight. */
    readonly isIdle: boolean;
  };
  /** The number of the last tick that the core has applied. */
  tick(): number;
}

export class TickWatch {
  readonly #parts: TickWatchParts;
  #tick = 0;
  /** Looks in a row at which commands waited and the tick was the same. */
  #looks = 0;
  #timer: Timer | null = null;

  constructor(parts: TickWatchParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), LOOK_MS);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  look(): void {
    const tick = this.#parts.tick();
    const hasMoved = this.#parts.loop.isIdle || tick !== this.#tick;
    this.#tick = tick;
    this.#looks = hasMoved ? 0 : this.#looks + 1;
  }

  get isLate(): boolean {
    return this.#looks >= LATE_LOOKS;
  }

  get isStuck(): boolean {
    return this.#looks >= STUCK_LOOKS;
  }

  /** Why nothing that waits is answered; null while the tick is not late. */
  reason(): string | null {
    if (!this.isLate) return null;
    const seconds = Math.floor((this.#looks * LOOK_MS) / 1000);
    const what = `tick ${this.#tick} has not ended for ${seconds} s although commands wait`;
    if (!this.isStuck) return `${what}: new orders are refused`;
    return `${what}: look whether the journal's disk answers, and restart the exchange`;
  }
}
