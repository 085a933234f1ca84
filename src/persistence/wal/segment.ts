/** One segment while it is written: bytes appended at its end, flushed, and at last sealed. */

import { type FileSystem, type FileWriter, flushed } from "./file-system.ts";

export class Segment {
  /** Bytes written so far; 0 until the header is. */
  position = 0;
  readonly #writer: FileWriter;
  #syncing = false;
  #whenIdle: (() => void) | null = null;

  constructor(
    readonly fileSystem: FileSystem,
    readonly path: string,
    readonly number: number,
    readonly file: number,
    /** Bytes that the segment is meant to hold. The first batch is written whatever its length. */
    readonly room: number,
  ) {
    this.#writer = fileSystem.writer(file);
  }

  /**
   * Writes all of `bytes`, with one system call where possible. Throws when they were not written: the system's
   * error if there is one.
   */
  write(bytes: Uint8Array): void {
    const taken = taking(this.#writer.write(bytes));
    // 0: `write` had already passed them on. Short writes are held back until `flush`.
    const flushed = taking(this.#writer.flush());
    if (taken !== bytes.length || (flushed !== 0 && flushed !== bytes.length)) {
      throw new Error(`${this.path}: a write of ${bytes.length} bytes was not taken whole`);
    }
    this.position += bytes.length;
  }

  /** Whether a `sync` has not called back yet. */
  get syncing(): boolean {
    return this.#syncing;
  }

  /** Flushes everything written so far, beside the ticks. One at a time. */
  sync(done: (error: Error | null) => void): void {
    this.#syncing = true;
    this.fileSystem.fdatasync(this.file, (error) => {
      this.#syncing = false;
      this.#whenIdle?.();
      done(error);
    });
  }

  /** Flushes everything written so far before it returns. */
  syncAndWait(): void {
    this.fileSystem.fdatasyncAndWait(this.file);
  }

  /**
   * Trims the file to its true length, durably, and closes it. What was written must be durable
   * already; a crash before the trimming leaves zeros at the end, which recovery accepts.
   */
  async seal(): Promise<void> {
    await this.idle();
    try {
      await this.fileSystem.truncate(this.file, this.position);
      await flushed(this.fileSystem, this.file);
    } finally {
      this.close();
    }
  }

  /** Closes the file as it is. */
  close(): void {
    unheard(this.#writer.end());
    this.fileSystem.close(this.file);
  }

  /** Resolves when no `sync` is under way: only then may the descriptor be closed. */
  idle(): Promise<void> {
    if (!this.#syncing) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenIdle = resolve;
    });
  }
}

/**
 * How many bytes a writer took at once, or null. A writer returns a promise when it failed or must wait,
 * and a journal cannot wait. Throws the error of a promise that is already rejected.
 */
function taking(answer: number | Promise<number>): number | null {
  if (typeof answer === "number") return answer;
  unheard(answer);
  const reason: unknown = Bun.peek(answer);
  if (reason instanceof Error) throw reason;
  return null;
}

/** Nobody awaits this promise, so its rejection must not count as unhandled. */
function unheard(answer: number | Promise<number>): void {
  if (typeof answer !== "number") answer.catch(() => null);
}
