/**
 * The tick loop: the heart of the exchange.
 *
 * ```
 *  commands arrive ──► gathering part
 *                          │ turn
 *                          ▼
 *            command log: append ──► ordered: the core applies, while the disk works
 *                          │
 *                          ▼
 *            committed: what has gathered meanwhile is appended as the next tick, and the disk has it while
 *                          │    the execution manager tells this one to replies, records and streams
 *                          ▼
 *            told: the core applies the next tick
 * ```
 *
 * At most one batch is appended and not committed, and at most one is applied and not told of, because telling reads
 * the core. Where reads wait, they come first: between two batches, when all of the core's state is durable. A batch of
 * another process (`command-log.ts`) goes the same way, but nobody waits for its replies.
 */
import type { TickOutput } from "../core/tick-output.ts";
import type { CommandBatch, StorageFailedError } from "../persistence/backend.ts";
import type { InboundBatch, InboundRing } from "../router/inbound-ring.ts";
import type { CommandLog, CommandLogFollower } from "./command-log.ts";
import type { ExecutionManager } from "./execution-manager.ts";
import type { TickTimes } from "./tick-times.ts";

export interface TickLoopParts {
  ring: InboundRing;
  manager: ExecutionManager;
  /** Makes the log whose batches come back to the loop. */
  createLog(follower: CommandLogFollower): CommandLog;
  times: TickTimes;
  /** The storage failed: from now on no command is accepted. */
  onFailure(error: StorageFailedError): void;
  /** A read, a waiter for replies or a listener threw. The others still run, and so does the next tick. */
  onBug(error: unknown): void;
}

/** Reads that may wait for their tick; more are refused. */
const READS_MAX = 65_536;

export class TickLoop implements CommandLogFollower {
  readonly #parts: TickLoopParts;
  readonly #log: CommandLog;
  /** Reads that wait for the tick in flight, and those that wait for the one that gathers. */
  readonly #reads: (() => void)[] = [];
  readonly #readsGathering: (() => void)[] = [];
  /** Commands have been appended to the log, and are not committed. */
  #isFlying = false;
  /** The core has applied a batch whose effects the stages have not been told. */
  #isApplied = false;
  /** A batch that is ordered, and is applied when the stages have been told of the one before. */
  #ordered: CommandBatch | null = null;
  #isScheduled = false;
  #idle: (() => void)[] = [];
  /** Why no command is accepted any more; null while the storage works. */
  failed: StorageFailedError | null = null;
  /** The core has applied a tick that could not be made durable, so nobody may be told its state. */
  isAhead = false;

  constructor(parts: TickLoopParts) {
    this.#parts = parts;
    this.#log = parts.createLog(this);
  }

  /** Call this when a record has been claimed in the ring: a tick starts when this turn of the event loop is over. */
  wake(): void {
    if (this.#isScheduled || this.#isFlying) return;
    this.#isScheduled = true;
    setImmediate(this.#start);
  }

  /**
   * Runs `read` when all commands that came before it are durable: at once, if no command is gathered or in flight.
   * False when too many reads wait already: then it never runs.
   */
  read(read: () => void): boolean {
    if (this.#reads.length + this.#readsGathering.length >= READS_MAX) return false;
    if (this.#parts.ring.gathering.count !== 0) this.#readsGathering.push(read);
    else if (this.#isBusy) this.#reads.push(read);
    else this.#run(read);
    return true;
  }

  /** Resolves when nothing is gathered or in flight. */
  async drained(): Promise<void> {
    if (this.isIdle) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Nothing is gathered or in flight. */
  get isIdle(): boolean {
    return !this.#isBusy && this.#parts.ring.gathering.count === 0;
  }

  get #isBusy(): boolean {
    return this.#isFlying || this.#isApplied;
  }

  #start = (): void => {
    this.#isScheduled = false;
    this.#begin();
  };

  #begin(): void {
    const { ring, times } = this.#parts;
    if (this.#isFlying || ring.gathering.count === 0) return;
    const commands = ring.turn();
    this.#isFlying = true;
    times.onBegun();
    for (const read of this.#readsGathering.splice(0)) this.#reads.push(read);
    this.#log.append(commands);
  }

  onOrdered(batch: CommandBatch): void {
    this.#parts.times.onWritten();
    if (this.#isApplied) this.#ordered = batch;
    else this.#apply(batch);
  }

  #apply(batch: CommandBatch): void {
    const { manager, times } = this.#parts;
    times.onWaited();
    manager.apply(batch);
    times.onMatched();
    this.#isApplied = true;
  }

  /** The tick is durable, so everybody may be told of it. */
  onCommitted(batch: CommandBatch, commands: InboundBatch | null): void {
    const { manager, times } = this.#parts;
    if (commands === null) {
      manager.tell(batch, () => undefined);
    } else {
      times.onDurable();
      this.#isFlying = false;
      // The next tick is written now: telling of this one takes about as long as the disk. But if reads wait, they come
      // first, as they would have to wait for that tick too.
      if (this.#reads.length === 0) this.#begin();
      manager.tell(batch, (output) => this.#reply(commands, output));
    }
    this.#run(() => times.onTold(batch, commands));
    this.#isApplied = false;
    const next = this.#ordered;
    this.#ordered = null;
    if (next !== null) this.#apply(next);
    this.#next();
  }

  onFailed(error: StorageFailedError, commands: InboundBatch | null): void {
    if (this.failed === null) {
      this.failed = error;
      this.isAhead = this.#isApplied;
      this.#run(() => this.#parts.onFailure(error));
    }
    if (commands !== null) this.#fail(commands);
    this.#isFlying = false;
    this.#isApplied = false;
    this.#next();
  }

  #fail(commands: InboundBatch): void {
    for (let i = 0; i < commands.waiting.length; i++) {
      this.#run(() => commands.waiting[i].onFailed(commands, commands.firsts[i]));
    }
  }

  #reply(commands: InboundBatch, output: TickOutput): void {
    for (let i = 0; i < commands.waiting.length; i++) {
      this.#run(() => commands.waiting[i].onReplies(commands, commands.firsts[i], output));
    }
    this.#parts.times.onAnswered();
  }

  #run(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#parts.onBug(error);
    }
  }

  /** Between two ticks: runs the reads, then starts the next tick if anything has gathered. */
  #next(): void {
    // Commands of this process are not committed yet, and reads wait for them.
    if (this.#isFlying) return;
    for (const read of this.#reads.splice(0)) this.#run(read);
    if (this.#parts.ring.gathering.count !== 0) return this.wake();
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
