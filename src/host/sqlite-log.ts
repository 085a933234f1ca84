/**
 * Flushes the write-ahead log of an SQLite file, so that commits do not wait for the disk.
 *
 * ```
 *   write ─► commit, to the log alone ─► flush of the log beside the event loop ─► resolved
 *   close ─► flush of the log ─► copied into the file ─► flush of the file ─► the log is removed
 * ```
 *
 * SQLite would wait for the disk in the thread that commits or closes, and all trading with it. A commit that only writes to
 * the log does not wait. After a crash of the process, the log has every commit.
 */
import fs, { closeSync, existsSync, fsyncSync, openSync, renameSync } from "node:fs";
import { basename, dirname } from "node:path";
import { flushPath } from "./flush-path.ts";

/**
 * At this many pages (64 MiB) SQLite copies the log into the file, which waits for the disk. That is also done at a start.
 */
const SQLITE_LOG_PAGES = 16_384;

/** To be run right after SQLite has opened a file, in this order. */
export const SQLITE_LOG_PRAGMAS = [
  "PRAGMA journal_mode = WAL",
  `PRAGMA wal_autocheckpoint = ${SQLITE_LOG_PAGES}`,
  // Copies what a crash left in the log into the file, while commits still wait for the disk.
  "PRAGMA wal_checkpoint(TRUNCATE)",
  "PRAGMA synchronous = NORMAL",
];

/** The codes with which SQLite refuses a commit because of the disk begin like this. */
const OF_THE_DISK = /^SQLITE_(?:FULL|IOERR|READONLY|CANTOPEN)/;

/** The file, as it is open in SQLite. */
export interface SqliteFile {
  /** Runs a statement; gives its rows. */
  run(statement: string): unknown[] | Promise<unknown[]>;
  close(): void | Promise<void>;
}

export class SqliteLog {
  readonly #path: string;
  readonly #log: number;
  /** Error of the first flush that failed; null: none has. */
  #fault: Error | null = null;
  /** Why the last commit or flush failed; null when it did not. */
  #trouble: Error | null = null;

  /**
   * `path` is the SQLite file's; something must have been committed to it, so that its log is there. Waits until the names
   * of both files are on the disk, so use it at a start only. Throws what the file system says.
   */
  constructor(path: string) {
    this.#path = path;
    this.#log = openSync(logOf(path), "r+");
    const directory = openSync(dirname(path), "r");
    fsyncSync(directory);
    closeSync(directory);
  }

  /** Why nothing can be written, for people; null while it can. */
  reason(): string | null {
    if (this.#trouble === null) return null;
    const end = this.#fault === null ? "over with the next write that succeeds" : "until a restart";
    return `${basename(this.#path)} cannot be written: ${this.#trouble.message}; ${end}`;
  }

  /** Notes an error of a commit if the disk is its cause, and not the data that was to be written. */
  refused(error: unknown): void {
    if (!(error instanceof Error && "code" in error)) return;
    if (OF_THE_DISK.test(String(error.code))) this.#trouble = error;
  }

  /** Throws when a flush has ever failed: what is committed after that may never get to the disk. */
  expectSound(): void {
    if (this.#fault !== null) throw this.#fault;
  }

  /**
   * Resolves when everything that was committed is on the disk. Rejects when the flush fails, and always after that: a later
   * flush could succeed although the pages of the failed one are lost.
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

  /** Closes the file, which has all that is in the log by then, on the disk. */
  async close(file: SqliteFile): Promise<void> {
    try {
      if (await this.#mayClose(file)) await file.close();
    } finally {
      closeSync(this.#log);
    }
  }

  /**
   * Copies the log into the file, without waiting for the disk in this thread. False when that failed: the log has got another
   * name, because SQLite removes it at the end of the process at the latest, and the next start takes it back.
   */
  async #mayClose(file: SqliteFile): Promise<boolean> {
    try {
      await this.flush();
    } catch {
      // SQLite copies what it can, and keeps the log when it cannot.
      return true;
    }
    await file.run("PRAGMA synchronous = OFF");
    try {
      const [pages] = await file.run("PRAGMA wal_checkpoint(PASSIVE)");
      const { log, checkpointed } = pages as { log: number; checkpointed: number };
      await flushPath(this.#path);
      if (log === checkpointed) return true;
    } catch (error) {
      this.#trouble = error as Error;
    }
    renameSync(logOf(this.#path), keptLogOf(this.#path));
    return false;
  }
}

/** Call this before SQLite opens the file: a log that could not be copied at the end of the last process is taken back. */
export function takeBackLog(path: string): void {
  if (existsSync(keptLogOf(path)) && !existsSync(logOf(path))) {
    renameSync(keptLogOf(path), logOf(path));
  }
}

/**
 * A file at `path`, or what is left beside it of one that was removed; null when there is nothing. SQLite would copy a log that
 * is left into a new file of that name.
 */
export function leftOfFile(path: string): string | null {
  return [path, logOf(path), keptLogOf(path)].find((each) => existsSync(each)) ?? null;
}

const logOf = (path: string): string => `${path}-wal`;
const keptLogOf = (path: string): string => `${path}-wal.kept`;
