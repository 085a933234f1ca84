/**
 * Decides when the next snapshot of the running exchange is due, and has it taken. The exchange only ends the
 * journal's segment; a process of its own replays the journal (`snapshot-worker.ts`).
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
  /** Called when a new snapshot is there. */
  onTaken(): void;
  log: Log;
  /**
   * A monotonic clock, in milliseconds. The journal's time may stand still for long when the wall clock was set
   * back.
   */
  monotonic?: () => number;
}

/** The newest known snapshot: its tick, the tick's time in milliseconds since 1970, its last command, its length. */
export interface NewestSnapshot {
  tick: number;
  sequence: number;
  timestamp: number;
  bytes: number;
}

/**
 * After so many commands a snapshot is taken whatever its length, so that a start replays no more than about as
 * many.
 */
const COMMANDS_MAX = 1_000_000;

/**
 * While the exchange trades, the snapshot has the disk one part of the time in ten: with a million resting
 * orders the 99th percentile of an order's latency stays below 1.5 times of what it is without.
 */
const PAUSE_MS = 25;

/** A snapshot that takes longer makes the exchange's health degraded. */
const SLOW_MS = 600_000;

/** A state of up to so many words is hashed when a snapshot is begun: 16 MiB take about 4 ms. */
const HASHED_WORDS_MAX = 4 * 1024 * 1024;

/** The reason with which a stop ends the snapshot under way: the last one takes its place. */
const LAST_COMES = new Error("ended before it was done");

/**
 * Where a snapshot is taken: after the segment `through`, with the sequence number and the time of its last
 * command.
 */
interface Cut extends Pick<SnapshotRequest, "through" | "stateHash" | "pauseMs"> {
  sequence: number;
  timestamp: number;
}

export class Snapshots implements TickStage {
  readonly counters = { taken: 0, failed: 0, lastMilliseconds: 0 };
  /** Why the last snapshot failed; null when it did not. */
  failure: Error | null = null;
  readonly #parts: SnapshotsParts;
  readonly #sealing: Sealing;
  readonly #monotonic: () => number;
  #last: NewestSnapshot;
  /** When the last snapshot was begun, by the monotonic clock. */
  #triedAt = Number.NEGATIVE_INFINITY;
  /** The snapshot under way. `since`: when it was begun, by the monotonic clock. */
  #running: { taken: Promise<SnapshotTaken>; end: AbortController; since: number } | null = null;
  /** Why no more snapshots are taken; null while they are. */
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

  /** Whether replaying what has come since the last snapshot costs more than writing a new one. */
  #isWorthwhile(commands: number, ticks: number): boolean {
    // The bytes that a replay reads. In the journal they are packed and fewer.
    const replayedBytes = commands * COMMAND_BYTES + ticks * BATCH_HEADER_BYTES;
    const { changePercent } = this.#parts;
    return replayedBytes * 100 >= this.#last.bytes * changePercent || commands >= COMMANDS_MAX;
  }

  /** Takes a snapshot now, or waits for the one under way. Rejects with the reason when there is none. */
  take(): Promise<SnapshotTaken> {
    if (this.#over !== null) return Promise.reject(this.#over);
    if (this.#parts.core.view.tick() === 0)
      return Promise.reject(new Error("there has been no tick yet"));
    return this.#running?.taken ?? this.#begin((signal) => this.#takeOne(signal));
  }

  /** Says that the snapshot under way takes too long; null when it does not, or none is under way. */
  slowness(): string | null {
    if (this.#running === null || this.#monotonic() - this.#running.since < SLOW_MS) return null;
    return `a snapshot has taken longer than ${SLOW_MS / 60_000} minutes and goes on`;
  }

  /** The newest snapshot; tick 0 = there is none. */
  get newest(): NewestSnapshot {
    return this.#last;
  }

  /** Called when nothing more will be sealed: takes no more snapshots, and ends the one under way. */
  fail(error: Error): void {
    this.#over = error;
    this.#sealing.fail(error);
    this.#running?.end.abort(error);
  }

  /** From now on only the last snapshot is taken. */
  end(): void {
    this.#over ??= new Error("the exchange is shutting down");
  }

  /**
   * Takes the last snapshot, of the journal that has just been closed. Ends the one under way, and gives up
   * after `timeoutMs`: the next start then replays the journal.
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
      `it was not done ${timeoutMs / 1000} s after the stop; the next start replays the journal`,
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
    // A control port that is full is no fault of the snapshots.
    if (error instanceof UnavailableError || error === LAST_COMES) throw error;
    this.failure = error;
    this.counters.failed++;
    this.#parts.log.error({ error: error.message }, "snapshot failed; earlier snapshots are kept");
    throw error;
  }
}

/** The state's hash, unless computing it would delay a tick by more than a few milliseconds. */
function hashIfSmall(core: Core): { stateHash?: string } {
  return core.stateWords() > HASHED_WORDS_MAX ? {} : { stateHash: hashText(core.stateHash()) };
}

/** Rejects with the signal's reason when `signal` is aborted. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}
