/** One process on a simulated disk: it recovers, is checked against what was promised, works, and ends. */
import { drainMicrotasks } from "bun:jsc";
import type { RecoveryReport } from "../../src/persistence/backend.ts";
import { StorageFailedError } from "../../src/persistence/backend.ts";
import type { Journal } from "../../src/persistence/wal/journal.ts";
import type { Random } from "../core/fuzz/random.ts";
import type { Housekeeping } from "./housekeeping.ts";
import { type Promises, Violation } from "./promises.ts";
import type { SimulatedDisk } from "./simulated-disk.ts";
import type { Story } from "./story.ts";
import { fingerprint, TickSource } from "./tick-source.ts";
import { TicksState } from "./ticks-state.ts";

/** The most actions of one life. */
const ACTIONS_MAX = 100;

const ACTIONS = {
  append: 80,
  flush: 80,
  step: 120,
  rest: 10,
  rotate: 5,
  snapshot: 6,
  retain: 12,
} as const;

/** What a life needs. */
export interface Circumstances {
  random: Random;
  disk: SimulatedDisk;
  journal: Journal;
  promises: Promises;
  story: Story;
  /** Null if no snapshots are taken. */
  housekeeping: Housekeeping | null;
  /** True if a flush that calls back means that the ticks before it are on the platter. */
  flushIsPromise: boolean;
}

export class Life {
  readonly #with: Circumstances;
  #source: TickSource | null = null;
  #flushing = false;
  #hasFailed = false;
  /** Ticks appended. */
  ticks = 0;

  constructor(circumstances: Circumstances) {
    this.#with = circumstances;
  }

  /**
   * Recovers and compares with the promises. Returns null if a fault of the disk prevented the start; any
   * other failure is a violation.
   */
  start(): RecoveryReport | null {
    const { journal, promises, random, story } = this.#with;
    const state = new TicksState();
    let report: RecoveryReport;
    try {
      report = journal.recover(state.target);
      state.check();
      promises.compare(state.ticks);
      journal.open();
    } catch (error) {
      if (error instanceof Violation) throw error;
      if (this.#isExcused()) return null;
      throw new Violation(`the start was refused: ${error}`, { cause: error });
    }
    const [unusable] = this.#isExcused() ? [] : report.unusable;
    if (unusable !== undefined) {
      throw new Violation(`a crash spoiled ${unusable.file}: ${unusable.reason}`);
    }
    story.tell(
      `recovered ${report.lastTick} ticks`,
      report.snapshot === null ? "" : `from the snapshot of tick ${report.snapshot.tick}`,
      report.torn === null ? "" : "and a torn tail",
    );
    promises.resume(state.ticks);
    this.#source = new TickSource(random, report.lastTick, report.lastSequence);
    return report;
  }

  /** Performs a random number of actions, or stops when the power fails. */
  work(): void {
    const { disk, housekeeping, journal, random } = this.#with;
    for (let left = random.between(0, ACTIONS_MAX); left > 0 && !disk.isOff; left--) {
      const action = random.weighted(ACTIONS);
      if (action === "append") this.#append();
      else if (action === "flush") this.#flush();
      else if (action === "rotate") this.#rotate();
      else if (action === "snapshot") housekeeping?.snapshot(journal.sealedThrough());
      else if (action === "retain") housekeeping?.retain(journal.sealedThrough());
      else this.#step(action === "step" ? 1 : Number.POSITIVE_INFINITY);
      housekeeping?.check();
    }
  }

  /**
   * Closes the journal in order, or begins to. Returns true if the close finished: then every tick is
   * durable, unless the storage had failed.
   */
  close(): boolean {
    const { disk, journal, promises, random, story } = this.#with;
    const lastTick = promises.lastTick;
    const close = { isSettled: false, error: null as unknown };
    story.tell("close");
    const settle = (error: unknown): void => {
      close.isSettled = true;
      close.error = error;
    };
    journal.close().then(() => settle(null), settle);
    drainMicrotasks();
    const patience = random.once(4) ? random.between(0, 4) : Number.POSITIVE_INFINITY;
    for (let left = patience; left > 0 && !close.isSettled && disk.step(); left--) {
      drainMicrotasks();
    }
    if (disk.isOff || !close.isSettled) {
      if (disk.isOff || patience !== Number.POSITIVE_INFINITY) return false;
      throw new Violation("closing does not come to an end");
    }
    if (close.error !== null) {
      this.#storageFailed(close.error);
      return false;
    }
    if (this.#hasFailed) throw new Violation("it closed without a word after a failure");
    promises.acknowledge(lastTick);
    story.tell("closed");
    return true;
  }

  #append(): void {
    const { journal, promises, story } = this.#with;
    if (this.#hasFailed) return this.#expectRefusals();
    const tick = this.#source?.next();
    if (tick === undefined) throw new Error("a life begins with its start");
    promises.handOver(fingerprint(tick));
    story.tell("append tick", tick.info.tick, "records", tick.info.count);
    try {
      journal.append(tick.batch, tick.info);
      this.ticks++;
    } catch (error) {
      this.#storageFailed(error);
    }
    drainMicrotasks();
  }

  #flush(): void {
    const { journal, promises, story, flushIsPromise } = this.#with;
    if (this.#flushing) return;
    this.#flushing = true;
    const tick = promises.lastTick;
    story.tell("flush");
    journal.flush((error) => {
      this.#flushing = false;
      if (error !== null) return this.#storageFailed(error);
      story.tell(`acknowledged up to tick ${tick}`);
      if (flushIsPromise) promises.acknowledge(tick);
    });
    drainMicrotasks();
  }

  /** Ends the segment between two ticks, as before a snapshot. */
  #rotate(): void {
    const { journal, story } = this.#with;
    if (this.#flushing) return;
    story.tell("rotate");
    try {
      journal.rotate();
    } catch (error) {
      // A full disk refuses a new segment. The current one is then continued.
      if (journal.failure !== null) this.#storageFailed(error);
    }
    drainMicrotasks();
  }

  #step(count: number): void {
    const { disk } = this.#with;
    for (let left = count; left > 0 && !disk.isOff && disk.step(); left--) drainMicrotasks();
  }

  /** After a failure the journal accepts nothing more. */
  #expectRefusals(): void {
    const { journal } = this.#with;
    const tick = this.#source?.next();
    try {
      if (tick !== undefined) journal.append(tick.batch, tick.info);
    } catch (error) {
      return this.#storageFailed(error);
    }
    throw new Violation("a tick was taken after a failure");
  }

  #storageFailed(error: unknown): void {
    if (!(error instanceof StorageFailedError)) throw error;
    if (!this.#isExcused()) throw new Violation(`failed without a fault: ${error.message}`);
    this.#hasFailed = true;
    this.#with.promises.fail();
    this.#with.story.tell("the storage is given up");
  }

  /** Whether a fault of the disk explains a failure. */
  #isExcused(): boolean {
    return this.#with.disk.isOff || this.#with.disk.faults > 0;
  }
}
