/**
 * The tick loop: the heart of the exchange.
 *
 * ```
 *  commands arrive ──► gathering half
 *                          │ turn, stamp
 *                          ▼
 *            journal: append ─► flush ─┐   the disk works …
 *            core: apply each command ─┤   … while the core does
 *                          ▼           ▼
 *                       both done: the tick is durable
 *                          │
 *            fan out: replies, account events, market data; then deferred reads
 *                          │
 *                          └──► next tick, if anything has gathered meanwhile
 * ```
 *
 * One tick is in flight at a time, so between two ticks the core's state is durable to the last bit: that
 * is when reads run.
 */
import type { Core } from "../core/core.ts";
import { E_COMMAND, E_HEAD, EventFlag, EventKind, eventInts } from "../core/event.ts";
import { assert } from "../lib/assert.ts";
import type { BatchInfo, PersistenceBackend, StorageFailedError } from "../persistence/backend.ts";
import type { InboundBatch, InboundRing } from "../router/inbound-ring.ts";
import type { Sequencer } from "../router/sequencer.ts";
import type { StateCheck } from "./state-check.ts";

/** Takes in a durable tick, or a replayed one, whose events are in the core's buffer. */
export interface TickListener {
  tick(info: BatchInfo): void;
}

export interface TickLoopParts {
  core: Core;
  ring: InboundRing;
  sequencer: Sequencer;
  check: StateCheck;
  backend: PersistenceBackend;
  /** Keep what replies are made from: told before them. */
  records: readonly TickListener[];
  /** Tell the world: told after the replies. */
  listeners: readonly TickListener[];
  metrics: TickMetrics;
  /** The storage failed: from now on nothing is accepted. */
  onFailure(error: StorageFailedError): void;
  /** Somebody who was told threw. The others are told all the same. */
  onBug(error: unknown): void;
}

/** Reads that may wait for their tick; more are refused. */
const READS_MAX = 65_536;

/** Where the times of a tick go, in seconds. */
export interface TickMetrics {
  readonly tickSeconds: Observer;
  readonly durableSeconds: Observer;
  readonly tickCommands: Observer;
}

interface Observer {
  observe(value: number): void;
}

export class TickLoop {
  readonly #parts: TickLoopParts;
  readonly #replies: { at: Int32Array };
  /** Reads that wait for the tick in flight, and those that wait for the one that gathers. */
  readonly #reads: (() => void)[] = [];
  readonly #readsGathering: (() => void)[] = [];
  #batch: InboundBatch | null = null;
  #info: BatchInfo | null = null;
  #flushed = false;
  #applied = false;
  #scheduled = false;
  #startedAt = 0;
  #idle: (() => void)[] = [];
  /** Why nothing is accepted any more; null while all is well. */
  failed: StorageFailedError | null = null;
  /** The core has applied a tick that could not be made durable: what it holds must not be told. */
  isAhead = false;

  constructor(parts: TickLoopParts) {
    this.#parts = parts;
    this.#replies = { at: new Int32Array(parts.ring.gathering.capacity) };
  }

  /** Something has been claimed in the ring: a tick starts when this turn of the event loop is over. */
  wake(): void {
    if (this.#scheduled || this.#batch !== null) return;
    this.#scheduled = true;
    setImmediate(this.#start);
  }

  /**
   * Runs `read` when all that has been gathered before is durable: at once, if nothing has. False when
   * too many wait already.
   */
  read(read: () => void): boolean {
    if (this.#reads.length + this.#readsGathering.length >= READS_MAX) return false;
    if (this.#parts.ring.gathering.count !== 0) this.#readsGathering.push(read);
    else if (this.#batch !== null) this.#reads.push(read);
    else this.#run(read);
    return true;
  }

  /** Resolves when nothing is gathered or in flight. */
  async drained(): Promise<void> {
    if (this.#batch === null && this.#parts.ring.gathering.count === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #start = (): void => {
    this.#scheduled = false;
    const { ring, sequencer, check, backend } = this.#parts;
    if (this.#batch !== null || ring.gathering.count === 0) return;
    const batch = ring.turn();
    this.#batch = batch;
    this.#startedAt = performance.now();
    for (const read of this.#readsGathering.splice(0)) this.#reads.push(read);
    if (this.failed !== null) return this.#refuse(batch);
    const info = sequencer.stamp(batch);
    check.stamp(info);
    this.#info = info;
    this.#flushed = false;
    this.#applied = false;
    try {
      backend.append(batch.written(), info);
      backend.flush(this.#onFlushed);
    } catch (error) {
      return this.#fail(error as StorageFailedError);
    }
    if (this.failed === null) this.#apply(batch, info);
  };

  #apply(batch: InboundBatch, info: BatchInfo): void {
    const { core } = this.#parts;
    core.beginTick(info.tick);
    for (let i = 1; i <= info.count; i++) core.apply(batch.ints, batch.doubles, i);
    this.#applied = true;
    if (this.#flushed) this.#finish();
  }

  #onFlushed = (error: StorageFailedError | null): void => {
    if (error !== null) return this.#fail(error);
    this.#flushed = true;
    if (this.#applied) this.#finish();
  };

  /** The tick is durable: everybody may know. */
  #finish(): void {
    const { records, listeners, metrics } = this.#parts;
    const batch = this.#batch as InboundBatch;
    const info = this.#info as BatchInfo;
    metrics.durableSeconds.observe((performance.now() - this.#startedAt) / 1000);
    this.#findReplies();
    this.#tell(records, info);
    this.#reply(batch);
    this.#tell(listeners, info);
    metrics.tickSeconds.observe((performance.now() - this.#startedAt) / 1000);
    metrics.tickCommands.observe(info.count);
    this.#next();
  }

  /** Whoever throws is reported, and keeps nobody else from being told. */
  #tell(listeners: readonly TickListener[], info: BatchInfo): void {
    for (const listener of listeners) {
      try {
        listener.tick(info);
      } catch (error) {
        this.#parts.onBug(error);
      }
    }
  }

  #reply(batch: InboundBatch): void {
    for (let i = 0; i < batch.origins.length; i++) {
      try {
        batch.origins[i].deliver(batch, batch.firsts[i], this.#replies);
      } catch (error) {
        this.#parts.onBug(error);
      }
    }
  }

  #run(read: () => void): void {
    try {
      read();
    } catch (error) {
      this.#parts.onBug(error);
    }
  }

  #findReplies(): void {
    const { ints: E } = this.#parts.core.events;
    const end = this.#parts.core.events.end();
    const at = this.#replies.at;
    let count = 0;
    for (let e = 0; e < end; e += eventInts(E[e])) {
      const head = E[e + E_HEAD];
      if ((head & 255) !== EventKind.TRADE && ((head >> 8) & EventFlag.REPLY) !== 0) {
        at[E[e + E_COMMAND]] = e;
        count++;
      }
    }
    assert(count === this.#info?.count, "every command has one reply");
  }

  /** Between two ticks: reads see durable state; then on with what has gathered. */
  #next(): void {
    this.#batch = null;
    const reads = this.#reads.splice(0);
    for (const read of reads) this.#run(read);
    if (this.#parts.ring.gathering.count !== 0) return this.wake();
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #fail(error: StorageFailedError): void {
    this.failed = error;
    this.isAhead = this.#applied;
    this.#parts.onFailure(error);
    this.#refuse(this.#batch as InboundBatch);
  }

  #refuse(batch: InboundBatch): void {
    for (let i = 0; i < batch.origins.length; i++) {
      try {
        batch.origins[i].fail(batch, batch.firsts[i]);
      } catch (error) {
        this.#parts.onBug(error);
      }
    }
    this.#next();
  }
}
