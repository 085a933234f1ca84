/**
 * File descriptors that are kept for what has to go on when the process has used up all others: one is closed
 * when it is needed, and taken back later.
 */

import { closeSync, openSync } from "node:fs";

/** How the spare ones are had; tests put others in their place. */
export interface DescriptorSource {
  /** Throws the system's error when there is none. */
  open(): number;
  close(descriptor: number): void;
}

const nullDevice: DescriptorSource = {
  open: () => openSync("/dev/null", "r"),
  close: closeSync,
};

export class DescriptorReserve {
  readonly #source: DescriptorSource;
  readonly #spare: number[] = [];
  #wanted = 0;

  constructor(source: DescriptorSource = nullDevice) {
    this.#source = source;
  }

  /** How many are kept just now. */
  get size(): number {
    return this.#spare.length;
  }

  /** Keeps so many from now on, as far as there are any; 0 gives all back. */
  keep(count: number): void {
    this.#wanted = count;
    for (const descriptor of this.#spare.splice(count)) this.#source.close(descriptor);
    this.#fill();
  }

  /** Takes back what is missing; to be called where a file was closed, before others take its descriptor. */
  refill(): void {
    this.#fill();
  }

  /**
   * Does what opens files. When the process has no descriptor left it gives up spare ones and does it again. Throws
   * what `open` does: `isOutOfDescriptors` when the spare ones do not help either.
   */
  use<T>(open: () => T): T {
    for (;;) {
      try {
        const opened = open();
        this.#fill();
        return opened;
      } catch (error) {
        if (!this.#giveUpFor(error)) throw error;
      }
    }
  }

  /** The same for what opens beside the ticks. */
  async useBeside<T>(open: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const opened = await open();
        this.#fill();
        return opened;
      } catch (error) {
        if (!this.#giveUpFor(error)) throw error;
      }
    }
  }

  #giveUpFor(error: unknown): boolean {
    const spare = isOutOfDescriptors(error) ? this.#spare.pop() : undefined;
    if (spare === undefined) return false;
    this.#source.close(spare);
    return true;
  }

  #fill(): void {
    while (this.#spare.length < this.#wanted) {
      try {
        this.#spare.push(this.#source.open());
      } catch {
        // Others have used them up: the next one who opens tries again.
        return;
      }
    }
  }
}

/** The process's, or the machine's, descriptors are used up. It passes when others close theirs. */
export function isOutOfDescriptors(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && (cause.code === "EMFILE" || cause.code === "ENFILE")) return true;
  }
  return false;
}

/** What the journal and the processes behind it draw on. */
export const journalDescriptors: DescriptorReserve = new DescriptorReserve();
