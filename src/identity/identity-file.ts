/** The identity store's SQLite file, with a write-ahead log beside it. */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { SQL, type TransactionSQL } from "bun";
import { makeOwnFile } from "../host/own-file.ts";
import { SQLITE_LOG_PRAGMAS, SqliteLog, takeBackLog } from "../host/sqlite-log.ts";
import { UntilRestart } from "../lib/until-restart.ts";
import { IdentityStoreError } from "./identity-store-error.ts";
import { migrate } from "./schema.ts";

/** No write of the store has as many bytes. */
const ROOM_BYTES = 64 * 1024;

type Work = (sql: TransactionSQL) => Promise<void>;

/** A write that takes something away, such as a key, and that the file does not have yet. Memory has it already. */
interface Unwritten {
  /** What is so in memory, in the words of `UntilRestart`. */
  readonly done: string;
  readonly work: Work;
}

export class IdentityFile {
  /** For reading; `write`, `take` and `expectWritable` write. */
  readonly sql: SQL;
  readonly #log: SqliteLog;
  #unwritten: Unwritten[] = [];

  private constructor(sql: SQL, log: SqliteLog) {
    this.sql = sql;
    this.#log = log;
  }

  /** Opens the file, or makes it with mode 0600, and brings its tables to the newest version. */
  static async open(path: string): Promise<IdentityFile> {
    // Bun's SQL reads options after a question mark, and would open another file.
    if (path.includes("?")) throw new IdentityStoreError("a question mark in its path");
    mkdirSync(dirname(path), { recursive: true });
    makeOwnFile(path);
    takeBackLog(path);
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
   * Resolves when everything that `work` writes is on the disk. Writes of `take` that have failed are repeated first, in the
   * same transaction. Rejects when the commit failed and nothing is written, or when the flush failed and nobody knows what
   * is on the disk; from then on it always rejects. Only one call of these at a time.
   */
  async write(work: Work): Promise<void> {
    this.#log.expectSound();
    try {
      await this.sql.begin(async (sql) => {
        for (const each of this.#unwritten) await each.work(sql);
        await work(sql);
      });
    } catch (error) {
      this.#log.refused(error);
      throw error;
    }
    await this.#log.flush();
    this.#unwritten = [];
  }

  /**
   * Writes that something was taken away, after memory has it. `done` says what is so now. Rejects with `UntilRestart` when
   * the disk does not take it; each later write then tries it again.
   */
  async take(done: string, work: Work): Promise<void> {
    this.#unwritten.push({ done, work });
    await this.settle(done);
  }

  /** For a repeated request to take something away: tries again if the write of `done` has failed. Rejects as `take`. */
  async settle(done: string): Promise<void> {
    if (!this.#unwritten.some((each) => each.done === done)) return;
    try {
      await this.write(async () => undefined);
    } catch (error) {
      throw new UntilRestart(done, { cause: error });
    }
  }

  /**
   * When the disk did not take the last write, tries whether it takes one now: more than any other writes. Rejects as `write`
   * when it does not.
   */
  async expectWritable(): Promise<void> {
    if (this.trouble() === null) return;
    await this.write(async (sql) => {
      await sql`DROP TABLE IF EXISTS room`;
      await sql`CREATE TABLE room (bytes BLOB)`;
      await sql`INSERT INTO room VALUES (zeroblob(${ROOM_BYTES}))`;
    });
    await this.write(async (sql) => void (await sql`DROP TABLE room`));
  }

  /** Why the file cannot be written; null while it can. */
  trouble(): string | null {
    return this.#log.reason();
  }

  close(): Promise<void> {
    return this.#log.close({
      run: (statement) => this.sql.unsafe(statement),
      close: () => this.sql.close(),
    });
  }
}
