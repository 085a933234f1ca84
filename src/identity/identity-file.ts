/** The identity store's SQLite file, with a write-ahead log beside it. */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { SQL, type TransactionSQL } from "bun";
import { makeOwnFile } from "../host/own-file.ts";
import { SQLITE_LOG_PRAGMAS, SqliteLog } from "../host/sqlite-log.ts";
import { IdentityStoreError } from "./identity-store-error.ts";
import { migrate } from "./schema.ts";

export class IdentityFile {
  /** To read with. */
  readonly sql: SQL;
  readonly #log: SqliteLog;

  private constructor(sql: SQL, log: SqliteLog) {
    this.sql = sql;
    this.#log = log;
  }

  /** Makes it, with mode 0600, where there is none; its tables are then the newest. */
  static async open(path: string): Promise<IdentityFile> {
    // Bun's SQL takes what follows a question mark for options and would open another file.
    if (path.includes("?")) throw new IdentityStoreError("a question mark in its path");
    mkdirSync(dirname(path), { recursive: true });
    makeOwnFile(path);
    const sql = new SQL({ adapter: "sqlite", filename: path });
    try {
      for (const pragma of SQLITE_LOG_PRAGMAS) await sql.unsafe(pragma);
      await migrate(sql);
      return new IdentityFile(sql, new SqliteLog(path));
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
    this.#log.expectSound();
    try {
      await this.sql.begin(work);
    } catch (error) {
      this.#log.refused(error);
      throw error;
    }
    await this.#log.flush();
  }

  /** Why it cannot be written; null while it can. */
  trouble(): string | null {
    return this.#log.reason();
  }

  async close(): Promise<void> {
    this.#log.close();
    await this.sql.close();
  }
}
