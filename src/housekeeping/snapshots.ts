/**
 * Snapshots while the exchange runs: when the next one is due, and what it takes. The exchange only ends the
 * journal's segment; a process of its own replays it (`snapshot-worker.ts`).
 *
 * ```
 *  commands enough, time enough, change enough ──► rotate (between two ticks) ──► sealed ──► process ──► onTaken
 * ```
 */
import { COMMAND_BYTES } from "../core/command.ts";
import type { Core } from "../core/create.ts";
import { hashText } from "../core/state-hash.ts";
import type { TickOutput, TickStage } from "../core/tick-output.ts";
import { elapsed } from "../lib/elapsed.ts";
import type { Log } from "../lib/log.ts";
import type { PersistenceBackend } from "../persistence/backend.ts";
import { BATCH_HEADER_BYTES } from "../persistence/wal/layout.ts";
import { type ControlPort, UnavailableError } from "../router/control.ts";
import { Sealing } from "./sealing.ts";
import type { SnapshotRequest, SnapshotTaken } from "./snapshot-request.ts";

export interface SnapshotsParts {
  core: Core;
  control: ControlPort;
  backend: PersistenceBackend;
  directories: Pick<SnapshotRequest, "walDir" | "snapshotDir">;
  /** Commands from one snapshot to the next, and the least time between them. */
  intervalCommands: number;
  spacingMs: number;
  /** Percent of the last snapshot's length that the journal has to have grown by. */
  changePercent: number;
  run(request: SnapshotRequest, signal: AbortSignal): Promise<SnapshotTaken>;
  /** A new one is there. */
  onTaken(): void;
  log: Log;
  /** Milliseconds. The journal's time may stand still for long, when the wall clock was set back. */
  monotonic?: () => number;
}

/** The newest known snapshot: its tick, the tick's time in milliseconds since 1970, its last command, its length. */
export interface NewestSnapshot {
  tick: number;
  sequence: number;
  timestamp: number;
  bytes: number;
}

/** After so many commands a snapshot is worth it whatever its length: a start has to replay no more than about these. */
const COMMANDS_MAX = 1_000_000;

/**
 * While the exchange trades, the snapshot has the disk one part of the time in ten: with a million resting
 * orders the 99th percentile of an order's latency stays below 1.5 times of what it is without.
 */
const PAUSE_MS = 25;

/** A snapshot that takes longer is told of. */
const SLOW_MS = 600_000;

/** Up to this extent the whole state is hashed when a snapshot is begun: 16 MiB, about 4 ms. */
const HASHED_WORDS_MAX = 4 * 1024 * 1024;

/** Why the one under way is ended at a stop: the last one takes its place. */
const LAST_COMES = new Error("ended before it was done");

/** Where a snapshot is taken: after the segment `through`, with number and time of its last command. */
interface Cut extends Pick<SnapshotRequest, "through" | "stateHash" | "pauseMs"> {
  sequence: number;
  timestamp: number;
}

export class Snapshots implements TickStage {
  readonly counters = { taken: 0, failed: 0, lastMilliseconds: 0 };
  /** Why the last one failed; null when it did not. */
  failure: Error | null = null;
  readonly #parts: SnapshotsParts;
  readonly #sealing: Sealing;
  readonly #monotonic: () => number;
  #last: NewestSnapshot;
  /** Of the last try, by the monotonic clock. */
  #triedAt = Number.NEGATIVE_INFINITY;
  /** The one under way; `since`: by the monotonic clock. */
  #running: { taken: Promise<SnapshotTaken>; end: AbortController; since: number } | null = null;
  /** Why no more are taken; null while they are. */
  #over: Error | null = null;

  constructor(parts: SnapshotsParts, last: NewestSnapshot) {
    this.#parts = parts;
    this.#last = last;
    this.#monotonic = parts.monotonic ?? elapsed;
    this.#sealing = new Sealing(parts.control, parts.backend);
  }

  onTick({ tick, sequence }: TickOutput): void {
    const { intervalCommands, spacingMs } = this.#parts;
    const commands = sequence - this.#last.sequence;
    if (commands < intervalCommands || !this.#isWorthwhile(commands, tick - this.#last.tick))
      return;
    const now = this.#monotonic();
    if (now - this.#triedAt < spacingMs || this.#running !== null) return;
    if (this.#over !== null) return;
    this.#triedAt = now;
    this.take().catch(() => undefined); // noted in `failure`
  }

  /** Whether to replay what has come since the last one costs more than to write another. */
  #isWorthwhile(commands: number, ticks: number): boolean {
    // As they are replayed; packed, in the journal, they are fewer.
    const replayedBytes = commands * COMMAND_BYTES + ticks * BATCH_HEADER_BYTES;
    const { changePercent } = this.#parts;
    return replayedBytes * 100 >= this.#last.bytes * changePercent || commands >= COMMANDS_MAX;
  }

  /** Takes one now, or joins the one under way. Rejects with why there is none. */
  take(): Promise<SnapshotTaken> {
    if (this.#over !== null) return Promise.reject(this.#over);
    if (this.#parts.core.view.tick() === 0)
      return Promise.reject(new Error("nothing has happened yet"));
    return this.#running?.taken ?? this.#begin((signal) => this.#takeOne(signal));
  }

  /** Why the one under way is late; null when none is. */
  slowness(): string | null {
    if (this.#running === null || this.#monotonic() - this.#running.since < SLOW_MS) return null;
    return `a snapshot has taken longer than ${SLOW_MS / 60_000} minutes and goes on`;
  }

  /** The newest one; tick 0: there is none. */
  get newest(): NewestSnapshot {
    return this.#last;
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
    this.#running?.end.abort(LAST_COMES);
    await this.#running?.taken.catch(() => undefined);
    const { core, backend } = this.#parts;
    if (core.view.tick() === this.#last.tick || backend.sealedThrough() === 0) return;
    const stateHash = hashText(core.stateHash());
    const through = backend.sealedThrough();
    const sequence = core.view.sequence();
    const timestamp = core.view.timestamp();
    const taken = this.#begin((signal) =>
      this.#run({ through, sequence, timestamp, stateHash, pauseMs: 0 }, signal),
    );
    const late = new Error(
      `it was not done ${timeoutMs / 1000} s after the stop; the journal has it all`,
    );
    const timer = setTimeout(() => this.#running?.end.abort(late), timeoutMs);
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
    this.#running = { taken, end, since: this.#monotonic() };
    return taken;
  }

  async #takeOne(signal: AbortSignal): Promise<SnapshotTaken> {
    const { core } = this.#parts;
    const sealed = this.#sealing.seal(() => {
      const { view } = core;
      return { sequence: view.sequence(), timestamp: view.timestamp(), ...hashIfSmall(core) };
    });
    const { through, seen } = await Promise.race([sealed, aborted(signal)]);
    return this.#run({ through, ...seen, pauseMs: PAUSE_MS }, signal);
  }

  async #run({ sequence, timestamp, ...cut }: Cut, signal: AbortSignal): Promise<SnapshotTaken> {
    const { run, directories, core } = this.#parts;
    const taken = await run({ ...directories, ...cut, symbolsMax: core.view.symbolsMax }, signal);
    this.#last = { tick: taken.tick, sequence, timestamp, bytes: taken.bytes };
    return taken;
  }

  #succeeded(taken: SnapshotTaken): SnapshotTaken {
    this.failure = null;
    this.counters.taken++;
    this.counters.lastMilliseconds = taken.milliseconds;
    this.#parts.log.info({ ...taken }, "snapshot taken");
    this.#parts.onTaken();
    return taken;
  }

  #failed(error: Error): never {
    // Too much to do just now is no fault of the snapshots.
    if (error instanceof UnavailableError || error === LAST_COMES) throw error;
    this.failure = error;
    this.counters.failed++;
    this.#parts.log.error({ error: error.message }, "no snapshot; the ones before are kept");
    throw error;
  }
}

/** The state's hash at this moment, unless it would keep a tick waiting for more than a few milliseconds. */
function hashIfSmall(core: Core): { stateHash?: string } {
  return core.stateWords() > HASHED_WORDS_MAX ? {} : { stateHash: hashText(core.stateHash()) };
}

/** Rejects when `signal` says so. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}
