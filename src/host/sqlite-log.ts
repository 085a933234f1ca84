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
import { dirname } from "node:path";

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

export class SqliteLog {
  readonly #log: number;
  /** What the disk said to a flush that failed. */
  #fault: Error | null = null;

  /**
   * `path` is the SQLite file's, and something was committed to it. Waits for the disk until both are sure to be found
   * under their names: for starts. Throws what the file system says.
   */
  constructor(path: string) {
    this.#log = openSync(`${path}-wal`, "r+");
    const directory = openSync(dirname(path), "r");
    fsyncSync(directory);
    closeSync(directory);
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
      throw error;
    }
  }

  close(): void {
    closeSync(this.#log);
  }
}
