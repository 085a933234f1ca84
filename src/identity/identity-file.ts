/** The identity store's SQLite file, with a write-ahead log beside it. */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { SQL, type TransactionSQL } from "bun";
import { makeOwnFile } from "../host/own-file.ts";
import { SQLITE_LOG_PRAGMAS, SqliteLog } from "../host/sqlite-log.ts";
import { UntilRestart } from "../lib/until-restart.ts";
import { IdentityStoreError } from "./identity-store-error.ts";
import { migrate } from "./schema.ts";

type Work = (sql: TransactionSQL) => Promise<void>;

/** What takes something away, and the file does not have yet. */
interface Owed {
  /** What is so in memory, as `UntilRestart` has it. */
  readonly done: string;
  readonly work: Work;
}

export class IdentityFile {
  /** To read with. */
  readonly sql: SQL;
  readonly #log: SqliteLog;
  #owed: Owed[] = [];

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
   * flush that failed nothing is written any more. What is owed is written with it, before it. For one at a time.
   */
  async write(work: Work): Promise<void> {
    this.#log.expectSound();
    try {
      await this.sql.begin(async (sql) => {
        for (const owed of this.#owed) await owed.work(sql);
        await work(sql);
      });
    } catch (error) {
      this.#log.refused(error);
      throw error;
    }
    await this.#log.flush();
    this.#owed = [];
  }

  /**
   * Writes what takes something away, which is so in memory already: `done` says what. Rejects with `UntilRestart` when
   * the disk does not take it, which is then owed: the next write tries it again. For one at a time, as `write`.
   */
  async take(done: string, work: Work): Promise<void> {
    this.#owed.push({ done, work });
    await this.settle(done);
  }

  /** Writes what is owed, if that is among it, for who takes away again what is taken already; rejects as `take`. */
  async settle(done: string): Promise<void> {
    if (!this.#owed.some((owed) => owed.done === done)) return;
    try {
      await this.write(async () => undefined);
    } catch (error) {
      throw new UntilRestart(done, { cause: error });
    }
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
