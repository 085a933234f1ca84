/**
 * Exchanges that live on a simulated disk. They append ticks, learn that the ticks are durable, die in every
 * way, start again, and are checked against what they promised.
 *
 * Each exchange has its own disk, a seed, and a number of lives. A life is one process (`life.ts`). It ends
 * in order, by a kill, or by a power failure. The power may fail at any operation, so also during a recovery,
 * a new segment or a snapshot.
 */
import { JournalDamagedError } from "../../src/persistence/backend.ts";
import type { Durability, JournalOptions } from "../../src/persistence/wal/journal.ts";
import { Random } from "../core/fuzz/random.ts";
import { checkChain } from "./chain-check.ts";
import { GENTLE, type Temper } from "./disk-trouble.ts";
import { Housekeeping } from "./housekeeping.ts";
import { Life } from "./life.ts";
import { Promises, Violation } from "./promises.ts";
import { SimulatedDisk } from "./simulated-disk.ts";
import { Story } from "./story.ts";
import { PERSISTENCE, type Subject } from "./subject.ts";
import { SNAPSHOT_DIRECTORY, TicksState, WAL_DIRECTORY } from "./ticks-state.ts";

const LIVES = 25;
/** Counts of what was simulated. */
export interface Tally {
  exchanges: number;
  ticks: number;
  /** Processes that were killed while the system lived on. */
  kills: number;
  powerLosses: number;
  /** Starts that failed because of a fault of the disk or the power. */
  startsEnded: number;
  closes: number;
  /** Operations of the disk that were made to fail. */
  faults: number;
  /** Damaged copies that were refused, and damaged copies of which a correct prefix was accepted. */
  damageRefused: number;
  damageCutOff: number;
  snapshots: number;
  /** Starts that began with a snapshot. */
  startsFromSnapshot: number;
}

/** A promise that was broken, and how to repeat it. */
export interface Failure {
  seed: number;
  /** The last tick that was appended before. */
  tick: number;
  reason: string;
  story: string;
  /** How many lines the story had up to that moment. */
  length: number;
}

export class Simulation {
  readonly tally: Tally = {
    exchanges: 0,
    ticks: 0,
    kills: 0,
    powerLosses: 0,
    startsEnded: 0,
    closes: 0,
    faults: 0,
    damageRefused: 0,
    damageCutOff: 0,
    snapshots: 0,
    startsFromSnapshot: 0,
  };
  readonly #subject: Subject;

  constructor(subject: Subject = PERSISTENCE) {
    this.#subject = subject;
  }

  /** Crashes so far. */
  get crashes(): number {
    return this.tally.kills + this.tally.powerLosses;
  }

  /** Runs exchanges with the seeds from `seed` on, until enough ticks were appended or a promise was broken. */
  run(seed: number, ticks: number): Failure | null {
    for (let next = seed; this.tally.ticks < ticks; next++) {
      const failure = this.exchange(next);
      if (failure !== null) return failure;
    }
    return null;
  }

  /** The shortest story among failing exchanges: the one of `failure`, and those found in `tries` more. */
  shortest(failure: Failure, tries: number): Failure {
    let shortest = failure;
    for (let seed = failure.seed + 1; seed <= failure.seed + tries; seed++) {
      const other = this.exchange(seed);
      if (other !== null && other.length < shortest.length) shortest = other;
    }
    return shortest;
  }

  /** Runs all lives of one exchange. */
  exchange(seed: number): Failure | null {
    const story = new Story();
    const exchange = new Exchange(seed, story, this.#subject, this.tally);
    this.tally.exchanges++;
    try {
      exchange.live();
      return null;
    } catch (error) {
      const isViolation = error instanceof Violation;
      const reason = isViolation ? error.message : `a bug: ${(error as Error).stack}`;
      return { seed, tick: exchange.lastTick, reason, story: story.read(), length: story.length };
    }
  }
}

class Exchange {
  readonly #random: Random;
  readonly #story: Story;
  readonly #subject: Subject;
  readonly #tally: Tally;
  readonly #disk: SimulatedDisk;
  readonly #promises = new Promises();
  readonly #segmentBytes: number;
  readonly #durability: Durability;
  readonly #hasSnapshots: boolean;
  /** True if the last process closed in order. */
  #wasClosed = false;

  constructor(seed: number, story: Story, subject: Subject, tally: Tally) {
    this.#random = new Random(seed);
    this.#story = story;
    this.#subject = subject;
    this.#tally = tally;
    this.#disk = new SimulatedDisk(this.#random, story);
    this.#segmentBytes = this.#random.pick([1024, 2048, 4096, 16_384]);
    this.#durability = this.#random.once(6) ? "none" : "fsync";
    this.#hasSnapshots = !this.#random.once(3);
  }

  get lastTick(): number {
    return this.#promises.lastTick;
  }

  live(): void {
    for (let life = 1; life <= LIVES; life++) {
      this.#story.tell(`life ${life}`);
      this.#disk.serve(this.#temper());
      if (this.#random.once(6)) this.#damageCopy();
      this.#liveOnce();
      this.#tally.faults += this.#disk.faults;
    }
    this.#story.tell("the last life");
    this.#disk.serve(GENTLE);
    this.#liveOnce();
  }

  #liveOnce(): void {
    const random = this.#random;
    const housekeeping = this.#hasSnapshots ? this.#newHousekeeping() : null;
    const life = this.#newLife(housekeeping);
    const report = life.start();
    if (report === null) {
      this.#tally.startsEnded++;
    } else {
      if (this.#wasClosed && report.torn !== null) {
        throw new Violation("a torn tail was found after an orderly end");
      }
      this.#checkChain();
      life.work();
      this.#tally.ticks += life.ticks;
      this.#tally.snapshots += housekeeping?.snapshots ?? 0;
      if (report.snapshot !== null) this.#tally.startsFromSnapshot++;
    }
    this.#wasClosed = report !== null && random.once(4) && life.close();
    this.#end();
  }

  /** Ends the process in any of the ways. The power may fail right after an orderly end, too. */
  #end(): void {
    const random = this.#random;
    if (this.#disk.isOff || random.once(2)) {
      this.#story.tell("power loss");
      this.#disk.crash();
      this.#tally.powerLosses++;
    } else {
      if (!this.#wasClosed) this.#tally.kills++;
      this.#story.tell("the process is gone");
      this.#disk.kill();
    }
    if (this.#wasClosed) this.#tally.closes++;
  }

  #newHousekeeping(): Housekeeping {
    return new Housekeeping({
      random: this.#random,
      disk: this.#disk,
      subject: this.#subject,
      promises: this.#promises,
      story: this.#story,
    });
  }

  #newLife(housekeeping: Housekeeping | null): Life {
    return new Life({
      random: this.#random,
      disk: this.#disk,
      journal: this.#subject.journal(this.#journalOptions(), this.#disk),
      promises: this.#promises,
      story: this.#story,
      housekeeping,
      flushIsPromise: this.#durability === "fsync",
    });
  }

  #journalOptions(): JournalOptions {
    return {
      directory: WAL_DIRECTORY,
      segmentBytes: this.#segmentBytes,
      durability: this.#durability,
      flush: this.#random.once(3) ? "blocking" : "overlapped",
      ...(this.#hasSnapshots && { snapshotDirectory: SNAPSHOT_DIRECTORY }),
    };
  }

  #temper(): Temper {
    const random = this.#random;
    const usedBytes = this.#disk.usedBytes();
    return {
      faultOnceIn: random.pick([0, 0, 0, 15, 60, 250]),
      operationsUntilPowerLoss: random.pick([
        0,
        0,
        random.between(1, 25),
        random.between(1, 60),
        random.between(1, 250),
      ]),
      capacityBytes: random.once(8)
        ? usedBytes + random.between(0, 3 * this.#segmentBytes)
        : Number.POSITIVE_INFINITY,
      dropsPages: random.once(2),
    };
  }

  /** A reader that knows only the published format must accept what was recovered. */
  #checkChain(): void {
    if (!this.#random.once(8)) return;
    const lastTick = checkChain(this.#disk.contents());
    if (lastTick === this.lastTick) return;
    throw new Violation(`the chain ends at tick ${lastTick} instead of ${this.lastTick}`);
  }

  /** Recovers from a copy with flipped bits. It may be refused, but wrong data may not be accepted. */
  #damageCopy(): void {
    const copy = this.#disk.copy(this.#random);
    for (let flips = this.#random.between(1, 3); flips > 0; flips--) copy.flipBit();
    const state = new TicksState();
    try {
      const { torn } = this.#subject.journal(this.#journalOptions(), copy).recover(state.target);
      state.check();
      this.#promises.compareDamaged(state.ticks, torn !== null);
      this.#tally.damageCutOff++;
    } catch (error) {
      if (!(error instanceof JournalDamagedError)) throw error;
      this.#tally.damageRefused++;
    }
  }
}
