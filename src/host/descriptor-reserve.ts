/**
 * Spare file descriptors for what has to go on when the process has used up all others. A spare one is closed to make room,
 * and opened again later.
 */

import { closeSync, openSync } from "node:fs";

/** Opens and closes spare descriptors. Tests replace it. */
export interface DescriptorSource {
  /** Throws the system's error when there is no descriptor left. */
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

  /** How many spare descriptors are open now. */
  get size(): number {
    return this.#spare.length;
  }

  /** Keeps `count` spare descriptors from now on, or as many as can be had. 0 closes all. */
  keep(count: number): void {
    this.#wanted = count;
    for (const descriptor of this.#spare.splice(count)) this.#source.close(descriptor);
    this.refill();
  }

  /**
   * Opens the spare descriptors that are missing, or as many as can be had. Call it right after a file was closed, before
   * somebody else takes its descriptor.
   */
  refill(): void {
    while (this.#spare.length < this.#wanted) {
      try {
        this.#spare.push(this.#source.open());
      } catch {
        // Others have used them up. The next call tries again.
        return;
      }
    }
  }

  /**
   * Calls `open`, which opens files. When the process has no descriptor left, closes a spare one and calls `open` again.
   * Throws what `open` throws; when the spare descriptors did not suffice, that is an error for which `isOutOfDescriptors`
   * is true.
   */
  use<T>(open: () => T): T {
    for (;;) {
      try {
        const opened = open();
        this.refill();
        return opened;
      } catch (error) {
        if (!this.#giveUpFor(error)) throw error;
      }
    }
  }

  /** As `use`, for files that are opened beside the event loop. */
  async useBeside<T>(open: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const opened = await open();
        this.refill();
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
}

/** Whether an error says that the process or the machine has no descriptor left. That ends when others close theirs. */
export function isOutOfDescriptors(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && (cause.code === "EMFILE" || cause.code === "ENFILE")) return true;
  }
  return false;
}

/** The reserve of the journal, and of the background processes that work on its files. */
export const journalDescriptors: DescriptorReserve = new DescriptorReserve();
