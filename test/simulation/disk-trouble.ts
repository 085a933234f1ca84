/** What goes wrong with a simulated disk: operations that fail, and the power. */
import type { Random } from "../core/fuzz/random.ts";
import type { Story } from "./story.ts";

/** How a disk treats one process. */
export interface Temper {
  /** One operation in so many fails; 0 = none. */
  faultOnceIn: number;
  /** Operations until the power fails; 0 = it does not. */
  operationsUntilPowerLoss: number;
  /** Bytes that all files together may have. */
  capacityBytes: number;
  /** After a failed sync the cache shows what the platter has, and not what was written. */
  dropsPages: boolean;
}

export const GENTLE: Temper = {
  faultOnceIn: 0,
  operationsUntilPowerLoss: 0,
  capacityBytes: Number.POSITIVE_INFINITY,
  dropsPages: false,
};

/** Thrown by every operation that waits once the power is gone. */
class PowerLoss extends Error {
  override readonly name = "PowerLoss";
}

export class DiskTrouble {
  temper: Temper = GENTLE;
  /** The power has failed. */
  isOff = false;
  /** Operations that were made to fail. */
  faults = 0;
  readonly #random: Random;
  readonly #story: Story;
  #operations = 0;

  constructor(random: Random, story: Story) {
    this.#random = random;
    this.#story = story;
  }

  /** Begins anew for the next process. */
  reset(temper: Temper): void {
    this.temper = temper;
    this.#operations = 0;
    this.faults = 0;
  }

  /** An operation is asked for: the power fails at one of them. */
  count(name: string, path: string, ...details: (string | number)[]): void {
    if (this.isOff) return;
    this.#story.tell(name, path, ...details);
    this.#pass();
  }

  /** The same for one that waits: it does not begin without power. */
  enter(name: string, path: string, ...details: (string | number)[]): void {
    this.count(name, path, ...details);
    this.#requirePower();
  }

  /** The same for one that is whole or fails without a trace. */
  operate(name: string, path: string, ...details: (string | number)[]): void {
    this.enter(name, path, ...details);
    this.mayFail(name, path);
  }

  /** The same for one that only looks: too many to be told of. */
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
