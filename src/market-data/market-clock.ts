/** The time of market data: of the last tick that was published, and of the clocks. */
import type { TickOutput } from "../core/tick-output.ts";
import type { CoreView } from "../core/view.ts";
import type { Clocks } from "../lib/clocks.ts";

export class MarketClock {
  readonly now: () => number;
  readonly monotonic: () => number;
  readonly #view: CoreView;
  /** Of the last durable tick: its number, time and last command. */
  tick: number;
  timestamp: number;
  sequence: number;

  /** It must be made between two ticks, when the state has been recovered. */
  constructor(view: CoreView, { now, monotonic }: Clocks) {
    this.now = now;
    this.monotonic = monotonic;
    this.#view = view;
    this.tick = view.tick();
    this.timestamp = view.timestamp();
    this.sequence = view.sequence();
  }

  onTick({ tick, timestamp, sequence }: TickOutput): void {
    this.tick = tick;
    this.timestamp = timestamp;
    this.sequence = sequence;
  }

  /** Milliseconds since 1970; never before the last tick. */
  time(): number {
    return Math.max(this.now(), this.timestamp);
  }

  /** Whether no tick is in flight, so that no trade from before `time()` can come any more. */
  get isQuiet(): boolean {
    return this.#view.tick() === this.tick;
  }
}
