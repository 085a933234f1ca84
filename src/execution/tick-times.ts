/**
 * Measures where the time of a tick goes. The clock is read seven times a tick, however many commands it has.
 *
 * ```
 *  order taken in ─ queue ─► begun ─ journal ─► written ─ wait ─► waited ─ match ─► matched ─┐
 *                                       told ◄─────────── tell ─ durable ◄─────────── flush ─┘
 *                                     answered ◄───────────────────┘
 * ```
 *
 * A tick is begun and written while clients are told of the one before, and then waits until that is done.
 */
import type { Observer } from "../analytics/histogram.ts";
import type { TracedMoments } from "../analytics/order-traces.ts";
import { elapsed } from "../lib/elapsed.ts";
import type { CommandBatch } from "../persistence/backend.ts";
import type { InboundBatch } from "../router/inbound-ring.ts";

/** Takes the measurements, in seconds. */
export interface TickMetrics {
  readonly tickSeconds: Observer;
  readonly durableSeconds: Observer;
  readonly tickCommands: Observer;
  /** For each order of a client. */
  readonly orderSeconds: Observer;
  readonly stageSeconds: Readonly<
    Record<"queue" | "journal" | "wait" | "match" | "flush" | "tell", Observer>
  >;
}

/** When each stage of a tick ended, milliseconds of a clock that never goes back. */
export interface TickMoments extends TracedMoments {
  readonly told: number;
}

/** Called once a tick: when its stages ended, its number, and its commands. */
export type OnTick = (moments: TickMoments, tick: number, commands: InboundBatch) => void;

interface Options {
  /** Milliseconds of a clock that never goes back. */
  now?: () => number;
  onTick?: OnTick;
}

export class TickTimes implements TickMoments {
  begun = 0;
  written = 0;
  waited = 0;
  matched = 0;
  durable = 0;
  answered = 0;
  told = 0;
  /** Of the tick that was begun last. All other times are those of the tick that was matched last. */
  #begun = 0;
  #written = 0;
  readonly #metrics: TickMetrics;
  readonly #now: () => number;
  readonly #onTick: OnTick;

  constructor(metrics: TickMetrics, { now = elapsed, onTick = () => undefined }: Options) {
    this.#metrics = metrics;
    this.#now = now;
    this.#onTick = onTick;
  }

  onBegun(): void {
    this.#begun = this.#now();
  }

  onWritten(): void {
    this.#written = this.#now();
  }

  onWaited(): void {
    this.begun = this.#begun;
    this.written = this.#written;
    this.waited = this.#now();
  }

  onMatched(): void {
    this.matched = this.#now();
  }

  onDurable(): void {
    this.durable = this.#now();
  }

  onAnswered(): void {
    this.answered = this.#now();
  }

  /**
   * The tick is over: takes its times into the metrics. `commands`: null for a batch of another process, for which no
   * client waited here.
   */
  onTold(
    { tick, count }: Pick<CommandBatch, "tick" | "count">,
    commands: InboundBatch | null,
  ): void {
    this.#metrics.tickCommands.observe(count);
    if (commands === null) return;
    this.told = this.#now();
    const { begun, written, waited, matched, durable, told } = this;
    const { stageSeconds, durableSeconds, tickSeconds } = this.#metrics;
    stageSeconds.journal.observe((written - begun) / 1000);
    stageSeconds.wait.observe((waited - written) / 1000);
    stageSeconds.match.observe((matched - waited) / 1000);
    stageSeconds.flush.observe((durable - matched) / 1000);
    stageSeconds.tell.observe((told - durable) / 1000);
    durableSeconds.observe((durable - begun) / 1000);
    tickSeconds.observe((told - begun) / 1000);
    this.#observeOrders(commands);
    this.#onTick(this, tick, commands);
  }

  /** Orders of one turn of the event loop are neighbours and have the same time, so they are observed together. */
  #observeOrders({ count, takenAt }: InboundBatch): void {
    let from = 0;
    for (let i = 1; i <= count; i++) {
      if (i < count && takenAt[i] === takenAt[from]) continue;
      if (takenAt[from] !== 0) this.#observeOrder(takenAt[from], i - from);
      from = i;
    }
  }

  #observeOrder(takenAt: number, orders: number): void {
    this.#metrics.stageSeconds.queue.observe((this.begun - takenAt) / 1000, orders);
    this.#metrics.orderSeconds.observe((this.answered - takenAt) / 1000, orders);
  }
}
