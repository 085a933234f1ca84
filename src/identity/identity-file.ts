/**
 * The identity store's SQLite file, with a write-ahead log beside it.
 *
 * ```
 *   write ─► commit, to the log alone ─► flush of the log beside the event loop ─► resolved
 * ```
 *
 * SQLite waits for the disk in the thread that commits, and all trading would wait with it: eight times for one new
 * user. A commit that writes to the log alone waits for no disk.
 */
import fs, { chmodSync, closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { SQL, type TransactionSQL } from "bun";
import { flushPath } from "../host/flush-path.ts";
import { IdentityStoreError } from "./identity-store-error.ts";
import { migrate } from "./schema.ts";

/**
 * Pages of the log (64 MiB) after which it is written back to the file while the exchange runs, which waits for the disk. A
 * start and an end do that as well.
 */
const IDENTITY_LOG_PAGES = 16_384;

export class IdentityFile {
  /** To read with. */
  readonly sql: SQL;
  readonly #directory: string;
  readonly #log: number;
  /** Whether the log is sure to be found under its name. */
  #isNamed = false;
  /** What the disk said to a flush that failed. */
  #fault: Error | null = null;

  private constructor(sql: SQL, directory: string, log: number) {
    this.sql = sql;
    this.#directory = directory;
    this.#log = log;
  }

  /** Makes it, with mode 0600, where there is none; its tables are then the newest. */
  static async open(path: string): Promise<IdentityFile> {
    // Bun's SQL takes what follows a question mark for options and would open another file.
    if (path.includes("?")) throw new IdentityStoreError("a question mark in its path");
    mkdirSync(dirname(path), { recursive: true });
    closeSync(openSync(path, "a", 0o600));
    chmodSync(path, 0o600);
    const sql = new SQL({ adapter: "sqlite", filename: path });
    try {
      await sql`PRAGMA journal_mode = WAL`;
      await sql.unsafe(`PRAGMA wal_autocheckpoint = ${IDENTITY_LOG_PAGES}`);
      // Before commits do without: what a crash left in the log is then in the file.
      await sql`PRAGMA wal_checkpoint(TRUNCATE)`;
      await sql`PRAGMA synchronous = NORMAL`;
      await migrate(sql);
      return new IdentityFile(sql, dirname(path), openSync(`${path}-wal`, "r+"));
    } catch (error) {
      await sql.close();
      throw error;
    }
  }

  /**
   * Resolves when all that `work` writes is on the disk. Rejects when none of it is, or nobody knows how much: after a
   * flush that failed nothing is written any more.
   */
  async write(work: (sql: TransactionSQL) => Promise<void>): Promise<void> {
    if (this.#fault !== null) throw this.#fault;
    await this.sql.begin(work);
    try {
      await flush(this.#log);
      if (!this.#isNamed) await flushPath(this.#directory);
      this.#isNamed = true;
    } catch (error) {
      this.#fault = error as Error;
      throw error;
    }
  }

  async close(): Promise<void> {
    closeSync(this.#log);
    await this.sql.close();
  }
}

function flush(file: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fs.fdatasync(file, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}
