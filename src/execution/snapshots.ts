/**
 * Snapshots while the exchange runs: when the next one is due, and what it takes. The exchange only ends the
 * journal's segment; a process of its own replays it (`snapshot-worker.ts`).
 *
 * ```
 *  orders enough, time enough ──► rotate (between two ticks) ──► sealed ──► process ──► onTaken
 * ```
 */
import type { Core } from "../core/core.ts";
import { CLOCK_ORDERS } from "../core/parts.ts";
import type { Log } from "../lib/log.ts";
import type { BatchInfo, PersistenceBackend } from "../persistence/backend.ts";
import { type ControlPort, UnavailableError } from "../router/control.ts";
import { Sealing } from "./sealing.ts";
import type { SnapshotRequest, SnapshotTaken } from "./snapshot-request.ts";
import type { TickListener } from "./tick-loop.ts";

export interface SnapshotsParts {
  core: Core;
  control: ControlPort;
  backend: PersistenceBackend;
  directories: Pick<SnapshotRequest, "walDir" | "snapshotDir">;
  /** Orders from one snapshot to the next, and the least time between them. */
  intervalOrders: number;
  spacingMs: number;
  run(request: SnapshotRequest, signal: AbortSignal): Promise<SnapshotTaken>;
  /** A new one is there. */
  onTaken(): void;
  log: Log;
}

/** The newest snapshot that is known: its tick, and the orders placed by then. */
export interface SnapshotMark {
  tick: number;
  orders: number;
}

/**
 * While the exchange trades, the snapshot has the disk one part of the time in ten: with a million resting
 * orders the 99th percentile of an order's latency stays below 1.5 times of what it is without.
 */
const PAUSE_MS = 25;

/** Where a snapshot is taken: after the segment `through`, when so many orders had been placed. */
interface Cut extends Pick<SnapshotRequest, "through" | "stateHash" | "pauseMs"> {
  orders: number;
}

export class Snapshots implements TickListener {
  readonly counters = { taken: 0, failed: 0, lastBytes: 0, lastMilliseconds: 0 };
  /** Why the last one failed; null when it did not. */
  failure: Error | null = null;
  readonly #parts: SnapshotsParts;
  readonly #sealing: Sealing;
  #last: SnapshotMark;
  /** Milliseconds since 1970, of the last try. */
  #triedAt = 0;
  #running: { taken: Promise<SnapshotTaken>; end: AbortController } | null = null;
  /** Why no more are taken; null while they are. */
  #over: Error | null = null;

  constructor(parts: SnapshotsParts, last: SnapshotMark) {
    this.#parts = parts;
    this.#last = last;
    this.#sealing = new Sealing(parts.control, parts.backend);
  }

  tick({ timestamp }: BatchInfo): void {
    const { core, intervalOrders, spacingMs } = this.#parts;
    if (core.clock[CLOCK_ORDERS] - this.#last.orders < intervalOrders) return;
    if (timestamp - this.#triedAt < spacingMs || this.#running !== null) return;
    if (this.#over !== null) return;
    this.#triedAt = timestamp;
    this.take().catch(() => undefined); // noted in `failure`
  }

  /** Takes one now, or joins the one under way. Rejects with why there is none. */
  take(): Promise<SnapshotTaken> {
    if (this.#over !== null) return Promise.reject(this.#over);
    if (this.#parts.core.tick() === 0) return Promise.reject(new Error("nothing has happened yet"));
    return this.#running?.taken ?? this.#begin((signal) => this.#takeOne(signal));
  }

  /** Nothing more will be sealed: takes no more snapshots, and ends the one under way. */
  fail(error: Error): void {
    this.#over = error;
    this.#sealing.fail(error);
    this.#running?.end.abort(error);
  }

  /** Takes no more snapshots but the last. */
  end(): void {
    this.#over ??= new Error("the exchange is shutting down");
  }

  /**
   * The last one, of the journal that has just been closed. Ends what is under way, and gives up after
   * `timeoutMs`: the next start has the journal all the same.
   */
  async takeLast(timeoutMs: number): Promise<void> {
    this.end();
    this.#running?.end.abort(new Error("ended before it was done"));
    await this.#running?.taken.catch(() => undefined);
    const { core, backend } = this.#parts;
    if (core.tick() === this.#last.tick || backend.sealedThrough() === 0) return;
    const stateHash = core.stateHash().toString(16).padStart(16, "0");
    const through = backend.sealedThrough();
    const orders = core.clock[CLOCK_ORDERS];
    const taken = this.#begin((signal) =>
      this.#run({ through, orders, stateHash, pauseMs: 0 }, signal),
    );
    const timer = setTimeout(() => this.#running?.end.abort(), timeoutMs);
    await taken.catch(() => undefined);
    clearTimeout(timer);
  }

  #begin(work: (signal: AbortSignal) => Promise<SnapshotTaken>): Promise<SnapshotTaken> {
    const end = new AbortController();
    const taken = work(end.signal)
      .then((result) => this.#succeeded(result))
      .catch((error: Error) => this.#failed(error))
      .finally(() => {
        this.#running = null;
      });
    this.#running = { taken, end };
    return taken;
  }

  async #takeOne(signal: AbortSignal): Promise<SnapshotTaken> {
    const { core } = this.#parts;
    const sealed = this.#sealing.seal(() => core.clock[CLOCK_ORDERS]);
    const { through, seen: orders } = await Promise.race([sealed, aborted(signal)]);
    return this.#run({ through, orders, pauseMs: PAUSE_MS }, signal);
  }

  async #run({ orders, ...cut }: Cut, signal: AbortSignal): Promise<SnapshotTaken> {
    const { run, directories, core } = this.#parts;
    const taken = await run({ ...directories, ...cut, symbolsMax: core.symbols.count }, signal);
    this.#last = { tick: taken.tick, orders };
    return taken;
  }

  #succeeded(taken: SnapshotTaken): SnapshotTaken {
    this.failure = null;
    this.counters.taken++;
    this.counters.lastBytes = taken.bytes;
    this.counters.lastMilliseconds = taken.milliseconds;
    this.#parts.log.info({ ...taken }, "snapshot taken");
    this.#parts.onTaken();
    return taken;
  }

  #failed(error: Error): never {
    // Too much to do just now is no fault of the snapshots.
    if (error instanceof UnavailableError) throw error;
    this.failure = error;
    this.counters.failed++;
    this.#parts.log.error({ error: error.message }, "no snapshot; the ones before are kept");
    throw error;
  }
}

/** Rejects when `signal` says so. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}
