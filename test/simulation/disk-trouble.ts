/** The faults of a simulated disk: operations that fail, and power failures. */
import type { Random } from "../core/fuzz/random.ts";
import type { Story } from "./story.ts";

/** How the disk behaves during the life of one process. */
export interface Temper {
  /** One operation in this many fails; 0 = none. */
  faultOnceIn: number;
  /** The power fails after this many operations; 0 = never. */
  operationsUntilPowerLoss: number;
  /** The most bytes that all files together may have. */
  capacityBytes: number;
  /** After a failed sync, the cache shows what is on the platter and not what was written. */
  dropsPages: boolean;
}

export const GENTLE: Temper = {
  faultOnceIn: 0,
  operationsUntilPowerLoss: 0,
  capacityBytes: Number.POSITIVE_INFINITY,
  dropsPages: false,
};

/** Every blocking operation throws this once the power is off. */
class PowerLoss extends Error {
  override readonly name = "PowerLoss";
}

export class DiskTrouble {
  temper: Temper = GENTLE;
  /** The power has failed. */
  isOff = false;
  /** How many operations were made to fail. */
  faults = 0;
  readonly #random: Random;
  readonly #story: Story;
  #operations = 0;

  constructor(random: Random, story: Story) {
    this.#random = random;
    this.#story = story;
  }

  /** Starts again for the next process. */
  reset(temper: Temper): void {
    this.temper = temper;
    this.#operations = 0;
    this.faults = 0;
  }

  /** Counts an operation. The power fails at one of them. */
  count(name: string, path: string, ...details: (string | number)[]): void {
    if (this.isOff) return;
    this.#story.tell(name, path, ...details);
    this.#pass();
  }

  /** The same for a blocking operation, which does not begin without power. */
  enter(name: string, path: string, ...details: (string | number)[]): void {
    this.count(name, path, ...details);
    this.#requirePower();
  }

  /** The same for an operation that succeeds completely or leaves no trace. */
  operate(name: string, path: string, ...details: (string | number)[]): void {
    this.enter(name, path, ...details);
    this.mayFail(name, path);
  }

  /** The same for an operation that only reads. There are too many of them to write into the story. */
  look(name: string, path: string): void {
    this.#pass();
    this.#requirePower();
    this.mayFail(name, path);
  }

  mayFail(name: string, path: string): void {
    if (this.strikes()) throw this.fault(name, path);
  }

  /** Whether this operation is one that fails. */
  strikes(): boolean {
    const { faultOnceIn } = this.temper;
    return faultOnceIn > 0 && this.#random.once(faultOnceIn);
  }

  fault(name: string, path: string): Error {
    this.faults++;
    this.#story.tell("… fails:", name, path);
    return new Error(`EIO: i/o error, ${name} '${path}'`);
  }

  #pass(): void {
    if (this.isOff) return;
    this.#operations++;
    if (this.#operations !== this.temper.operationsUntilPowerLoss) return;
    this.#story.tell("the power fails");
    this.isOff = true;
  }

  #requirePower(): void {
    if (this.isOff) throw new PowerLoss("the power is gone");
  }
}
