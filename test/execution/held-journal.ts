import type { StorageFailedError } from "../../src/persistence/backend.ts";
import { MemoryPersistence } from "../persistence/memory-persistence.ts";
import { MemoryFileSystem } from "../persistence/wal/memory-file-system.ts";

/** A disk whose flushes and writes a test can make fail. */
export class FaultyDisk extends MemoryFileSystem {
  flushFault: Error | null = null;
  writeFault: Error | null = null;

  override fdatasync(file: number, done: (error: Error | null) => void): void {
    if (this.flushFault === null) super.fdatasync(file, done);
    else queueMicrotask(() => done(this.flushFault));
  }

  override fdatasyncAndWait(file: number): void {
    if (this.flushFault !== null) throw this.flushFault;
    super.fdatasyncAndWait(file);
  }

  override writeAtAndWait(file: number, bytes: Uint8Array, position: number): void {
    if (this.writeFault !== null) throw this.writeFault;
    super.writeAtAndWait(file, bytes, position);
  }
}

/** The journal in memory. A test can hold back its flushes. */
export class HeldJournal extends MemoryPersistence {
  isHolding = false;
  #held: (() => void) | null = null;

  /** True while a tick's flush is held back. */
  get isWaiting(): boolean {
    return this.#held !== null;
  }

  override flush(done: (error: StorageFailedError | null) => void): void {
    const flush = (): void => super.flush(done);
    if (this.isHolding) this.#held = flush;
    else flush();
  }

  /** Completes the flushes that were held back, before it returns. */
  letGo(): void {
    const flush = this.#held;
    if (flush === null) throw new Error("no flush is held back");
    this.#held = null;
    flush();
  }
}
