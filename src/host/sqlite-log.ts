/**
 * The write-ahead log of an SQLite file of ours.
 *
 * ```
 *   write ─► commit, to the log alone ─► flush of the log beside the event loop ─► resolved
 * ```
 *
 * SQLite waits for the disk in the thread that commits, and all trading would wait with it. A commit that writes to
 * the log alone waits for no disk. What a crash of the process leaves in the log is whole.
 */
import fs, { closeSync, fsyncSync, openSync } from "node:fs";
import { basename, dirname } from "node:path";

/**
 * Pages of the log (64 MiB) after which SQLite writes it back to the file, which waits for the disk. A start and an end
 * do that as well.
 */
const SQLITE_LOG_PAGES = 16_384;

/** What to tell SQLite when it has opened a file, in this order. */
export const SQLITE_LOG_PRAGMAS = [
  "PRAGMA journal_mode = WAL",
  `PRAGMA wal_autocheckpoint = ${SQLITE_LOG_PAGES}`,
  // Before commits do without the disk: what a crash left in the log is then in the file.
  "PRAGMA wal_checkpoint(TRUNCATE)",
  "PRAGMA synchronous = NORMAL",
];

/** What SQLite's code begins with where the disk is why it refuses a commit. */
const OF_THE_DISK = /^SQLITE_(?:FULL|IOERR|READONLY|CANTOPEN)/;

export class SqliteLog {
  readonly #name: string;
  readonly #log: number;
  /** What the disk said to a flush that failed. */
  #fault: Error | null = null;
  /** Why what was to be written last is not on the disk; null when it is. */
  #trouble: Error | null = null;

  /**
   * `path` is the SQLite file's, and something was committed to it. Waits for the disk until both are sure to be found
   * under their names: for starts. Throws what the file system says.
   */
  constructor(path: string) {
    this.#name = basename(path);
    this.#log = openSync(`${path}-wal`, "r+");
    const directory = openSync(dirname(path), "r");
    fsyncSync(directory);
    closeSync(directory);
  }

  /** Why what is to be kept cannot be written; null while it can. For people. */
  reason(): string | null {
    if (this.#trouble === null) return null;
    const end = this.#fault === null ? "over with the next write that succeeds" : "until a restart";
    return `${this.#name} cannot be written: ${this.#trouble.message}; ${end}`;
  }

  /** Notes that a commit was refused, unless what it was to write is why. */
  refused(error: unknown): void {
    if (!(error instanceof Error && "code" in error)) return;
    if (OF_THE_DISK.test(String(error.code))) this.#trouble = error;
  }

  /** Throws when a flush has failed: what is committed from then on may never be on the disk. */
  expectSound(): void {
    if (this.#fault !== null) throw this.#fault;
  }

  /**
   * Resolves when all that was committed is on the disk. Rejects when a flush fails and from then on: a later flush
   * can succeed without the pages that were lost.
   */
  async flush(): Promise<void> {
    this.expectSound();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    fs.fdatasync(this.#log, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
    try {
      await promise;
    } catch (error) {
      this.#fault = error as Error;
      this.#trouble = this.#fault;
      throw error;
    }
    this.#trouble = null;
  }

  close(): void {
    closeSync(this.#log);
  }
}
