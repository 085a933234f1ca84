/** The work beside the ticks: a separate process writes snapshots, and old files are removed. */
import type { FileSystem } from "../../src/persistence/wal/file-system.ts";
import type { Random } from "../core/fuzz/random.ts";
import { type Promises, Violation } from "./promises.ts";
import type { SimulatedDisk } from "./simulated-disk.ts";
import type { Story } from "./story.ts";
import type { Subject } from "./subject.ts";
import { takeSnapshot } from "./ticks-state.ts";

/** A worker is killed after at most this many operations. */
const WORKER_OPERATIONS_MAX = 30;

export interface HousekeepingParts {
  random: Random;
  disk: SimulatedDisk;
  subject: Subject;
  promises: Promises;
  story: Story;
}

export class Housekeeping {
  /** Snapshots written. */
  snapshots = 0;
  readonly #with: HousekeepingParts;
  #snapshotOf = 0;
  #isRetaining = false;
  #failure: unknown = null;

  constructor(parts: HousekeepingParts) {
    this.#with = parts;
  }

  /** A worker takes a snapshot of the end of segment `sealed`. Sometimes it is killed while it works. */
  snapshot(sealed: number): void {
    const { random, disk, subject, story, promises } = this.#with;
    if (sealed <= this.#snapshotOf) return;
    const isKilled = random.once(3);
    const workerDisk = subject.workerDisk(disk);
    story.tell("snapshot of segment", sealed, isKilled ? "by a worker that dies" : "");
    const faults = disk.faults;
    try {
      const seen = takeSnapshot(isKilled ? mortal(workerDisk, random) : workerDisk, sealed);
      promises.compareDurable(seen);
    } catch (error) {
      if (error instanceof Violation) throw error;
      if (isKilled || disk.isOff || disk.faults > faults) return;
      throw new Violation(`a snapshot failed without a fault: ${error}`, { cause: error });
    }
    this.#snapshotOf = sealed;
    this.snapshots++;
  }

  /** Begins to remove the files that are no longer needed. */
  retain(sealed: number): void {
    const { random, disk, subject, story } = this.#with;
    if (this.#isRetaining || disk.isOff) return;
    this.#isRetaining = true;
    const archived = random.once(2) ? Number.POSITIVE_INFINITY : random.between(0, sealed);
    const rules = {
      walFilesMax: random.between(1, 4),
      snapshotsMax: random.between(1, 3),
      sealedThrough: sealed,
      isSegmentArchived: (number: number) => number <= archived,
      isSnapshotArchived: () => archived > 0,
    };
    story.tell("retention", `of ${rules.walFilesMax} segments, ${rules.snapshotsMax} snapshots`);
    // A removal that a fault ended is tried again later. What it left must still be a valid journal.
    const end = (error: unknown): void => {
      this.#isRetaining = false;
      if (error !== null && !disk.isOff && disk.faults === 0) this.#failure = error;
    };
    subject.retain(rules, disk).then(() => end(null), end);
  }

  /** Throws `Violation` if something failed here that no fault explains. */
  check(): void {
    if (this.#failure === null) return;
    throw new Violation(`retention failed without a fault: ${this.#failure}`);
  }
}

/** The disk as seen by a process that is killed at some operation, often when it syncs a directory. */
function mortal(disk: FileSystem, random: Random): FileSystem {
  const diesAtFlush = random.once(2);
  let left = random.between(1, WORKER_OPERATIONS_MAX);
  let isDead = false;
  return new Proxy(disk, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return (...values: unknown[]): unknown => {
        left--;
        isDead ||= diesAtFlush ? name === "syncDirectoryAndWait" : left <= 0;
        if (isDead) throw new Error("the worker is dead");
        return Reflect.apply(value, target, values);
      };
    },
  });
}
