/**
 * Keeps a second process out of the directories that an exchange writes to.
 *
 * `lock` in each of them is an SQLite file held in a write transaction: the operating system's own lock,
 * which dies with its process however that ends, and which holds between containers that share the
 * directory, where process numbers mean nothing. (Bun has no `flock`.) Under the lock the file can
 * still be read, so it also says who has it.
 */

import { Database } from "bun:sqlite";
import { closeSync, openSync, realpathSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { isDamagedDatabase } from "../../lib/is-damaged-database.ts";
import { StorageFailedError } from "../backend.ts";

/** Name of the lock file in each directory. */
const LOCK_FILE = "lock";

/** Whether a file is the lock, or one that SQLite makes beside it for a moment. */
export function isLockFile(name: string): boolean {
  return name === LOCK_FILE || name.startsWith(`${LOCK_FILE}-`);
}

/** Another process uses the directory. */
export class JournalLockedError extends Error {
  override readonly name = "JournalLockedError";
}

function open(path: string, directory: string): Database {
  try {
    return new Database(path, { create: true });
  } catch (error) {
    const reason = message(openingFault(path) ?? error);
    throw new StorageFailedError(`cannot lock ${directory}: ${reason}`, { cause: error });
  }
}

/** Keeps the databases reachable: the garbage collector would close one and drop its lock. */
const held = new Set<Database>();

export class DirectoryLock {
  #database: Database;

  /** Throws `JournalLockedError` when the directory is taken, `StorageFailedError` when it cannot be. */
  constructor(directory: string) {
    const path = join(directory, LOCK_FILE);
    this.#database = open(path, directory);
    try {
      try {
        this.#take();
      } catch (error) {
        if (!isDamagedDatabase(error)) throw error;
        // The file is never flushed, so a power cut may leave anything in it. It is emptied and not removed:
        // another process may have locked this very file meanwhile.
        this.#database.close();
        truncateSync(path);
        this.#database = open(path, directory);
        this.#take();
      }
    } catch (error) {
      const owner = this.#owner();
      this.#database.close();
      if (!message(error).includes("locked")) {
        throw new StorageFailedError(`cannot lock ${directory}: ${message(error)}`, {
          cause: error,
        });
      }
      throw new JournalLockedError(
        `${directory} is in use by process ${owner}. ` +
          "Stop it first, or give this one a data directory of its own.",
        { cause: error },
      );
    }
    held.add(this.#database);
  }

  release(): void {
    held.delete(this.#database);
    this.#database.close();
  }

  #take(): void {
    const database = this.#database;
    database.run("PRAGMA busy_timeout = 0");
    // The file only carries a lock: nothing in it needs to survive.
    database.run("PRAGMA journal_mode = MEMORY");
    database.run("PRAGMA synchronous = OFF");
    database.run("BEGIN IMMEDIATE");
    database.run("CREATE TABLE IF NOT EXISTS owner (pid INTEGER)");
    database.run("DELETE FROM owner");
    database.run("INSERT INTO owner VALUES (?)", [process.pid]);
    database.run("COMMIT");
    // The process that began first holds it: a second one may have written its number in between.
    database.run("BEGIN IMMEDIATE");
  }

  #owner(): string {
    try {
      const row = this.#database.query<{ pid: number }, []>("SELECT pid FROM owner").get();
      return row === null ? "unknown" : String(row.pid);
    } catch {
      return "unknown";
    }
  }
}

/** Several directories, which exist, taken together: all of them or none. One that is named twice is taken once. */
export class DirectoryLocks {
  readonly #locks: DirectoryLock[] = [];

  /** Throws as `DirectoryLock` does. */
  constructor(directories: readonly string[]) {
    try {
      for (const directory of new Set(directories.map((each) => realpathSync(each)))) {
        this.#locks.push(new DirectoryLock(directory));
      }
    } catch (error) {
      this.release();
      throw error;
    }
  }

  release(): void {
    for (const lock of this.#locks.splice(0)) lock.release();
  }
}

/**
 * The system's error when a file cannot be opened, because SQLite tells no reason; null when it can be opened
 * now.
 */
function openingFault(path: string): unknown {
  try {
    closeSync(openSync(path, "a"));
    return null;
  } catch (error) {
    return error;
  }
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
