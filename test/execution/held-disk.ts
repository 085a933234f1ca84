import { MemoryFileSystem } from "../../src/persistence/wal/memory-file-system.ts";

/** A disk whose flushes the test lets go of, one by one, or makes fail. */
export class HeldDisk extends MemoryFileSystem {
  /** Whether flushes wait for `letGo`. */
  isHolding = false;
  /** Makes every flush fail. */
  fault: Error | null = null;
  #flush: (() => void) | null = null;

  /** A flush waits. */
  get isWaiting(): boolean {
    return this.#flush !== null;
  }

  override fdatasync(file: number, done: (error: Error | null) => void): void {
    const flush = (): void => {
      if (this.fault !== null) return done(this.fault);
      this.fdatasyncAndWait(file);
      done(null);
    };
    if (this.isHolding) this.#flush = flush;
    else queueMicrotask(flush);
  }

  override fdatasyncAndWait(file: number): void {
    if (this.fault !== null) throw this.fault;
    super.fdatasyncAndWait(file);
  }

  /** Does the flush that waits, before it returns. */
  letGo(): void {
    const flush = this.#flush;
    if (flush === null) throw new Error("no flush waits");
    this.#flush = null;
    flush();
  }
}
