/**
 * Webhooks on disk: an SQLite file with a write-ahead log.
 *
 * ```
 *   create, delete         commit on the event loop ─► flush of the log beside it ─► answered
 *   cursors, dead letters  commit on the event loop ─► flush of the log a second later
 * ```
 *
 * Cursors that a loss of power takes are older after the start, so some deliveries are sent again.
 */

import { Database } from "bun:sqlite";
import { renameSync } from "node:fs";
import { join } from "node:path";
import { makeOwnFile } from "../host/own-file.ts";
import { SQLITE_LOG_PRAGMAS, SqliteLog, takeBackLog } from "../host/sqlite-log.ts";
import { isDamagedDatabase } from "../lib/is-damaged-database.ts";
import type { DeadLetter, Hook, WebhookEvent } from "./hook.ts";
import { HOOK_FILE, readHookFile } from "./hook-file.ts";

const HOOK_STORE = "webhooks.sqlite";
/** Dead letters kept for a user. When there are more, the oldest are forgotten. */
export const LETTERS_PER_USER_MAX = 1000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS hooks (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    user INTEGER NOT NULL,
    account INTEGER NOT NULL,
    api_key TEXT,
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    events TEXT NOT NULL,
    created_at INTEGER NOT NULL
  );
  CREATE TABLE IF NOT EXISTS cursors (hook INTEGER PRIMARY KEY, seq INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS dead_letters (
    number INTEGER PRIMARY KEY,
    hook INTEGER NOT NULL,
    user INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    failed_at INTEGER NOT NULL,
    error TEXT NOT NULL,
    UNIQUE (hook, seq)
  );
  CREATE INDEX IF NOT EXISTS letters_of_user ON dead_letters (user, number);
  CREATE TABLE IF NOT EXISTS exchange (id TEXT NOT NULL);
`;

/** Version of the tables, as in `PRAGMA user_version`. */
const VERSION = 1;

interface HookRow {
  number: number;
  user: number;
  account: number;
  api_key: string | null;
  url: string;
  secret: string;
  events: string;
  created_at: number;
  seq: number;
  dead: number;
}

export type NewHook = Omit<Hook, "number">;

export class HookStore {
  readonly #db: Database;
  readonly #log: SqliteLog;
  /** The last flush. It may have ended. */
  #flushed: Promise<void> = Promise.resolve();
  /** Whether something was committed since that flush began. */
  #isDirty = false;

  /**
   * Opens the store in `dataDir`, and takes in the JSON file of an older version if there is one. `exchange` is the id of
   * this exchange. Throws when a file cannot be used, or has webhooks of another exchange.
   */
  constructor(dataDir: string, exchange: string) {
    const path = join(dataDir, HOOK_STORE);
    try {
      this.#db = openDatabase(path, exchange);
    } catch (error) {
      throw unusable(path, error);
    }
    this.#log = new SqliteLog(path);
    this.#takeIn(join(dataDir, HOOK_FILE));
  }

  hooks(): Hook[] {
    const rows = this.#db
      .query<HookRow, []>(
        `SELECT hooks.*, seq, (SELECT COUNT(*) FROM dead_letters WHERE hook = hooks.number) AS dead
         FROM hooks JOIN cursors ON hook = hooks.number ORDER BY hooks.number`,
      )
      .all();
    return rows.map(({ api_key, created_at, events, seq, ...row }) => ({
      ...row,
      apiKey: api_key,
      events: events.split(",") as WebhookEvent[],
      createdAt: created_at,
      cursor: seq,
    }));
  }

  /** Resolves with the webhook's new number when it is on disk. No number is given twice. */
  async insert(hook: NewHook): Promise<number> {
    const number = this.#insert(hook);
    try {
      await this.flush();
    } catch (error) {
      this.#delete(number);
      throw error;
    }
    return number;
  }

  /** Deletes a webhook with its dead letters. Resolves when that is on disk. */
  async delete(number: number): Promise<void> {
    this.#delete(number);
    await this.flush();
  }

  /** Writes the cursors of these webhooks. */
  move(hooks: Iterable<Hook>): void {
    const update = this.#db.query("UPDATE cursors SET seq = ?2 WHERE hook = ?1");
    this.#write(() => {
      for (const { number, cursor } of hooks) update.run(number, cursor);
    });
  }

  /**
   * The stream of the webhook's account ends with the event `last`. Moves a later cursor back to it, and forgets dead letters
   * of later events: their numbers will be those of others.
   */
  cut(hook: Hook, last: number): void {
    if (hook.cursor <= last) return;
    this.#write(() => {
      const { changes } = this.#db
        .query("DELETE FROM dead_letters WHERE hook = ?1 AND seq > ?2")
        .run(hook.number, last);
      hook.dead -= changes;
      hook.cursor = last;
      this.move([hook]);
    });
  }

  /**
   * Keeps a dead letter, and moves its webhook's cursor to it. It replaces a letter of the same event, and when the user has
   * too many, his oldest are forgotten. Returns the numbers of the webhooks that lost a letter in this way.
   */
  bury({ number, user }: Hook, { seq, failed_at, error }: DeadLetter): number[] {
    return this.#write(() => {
      const replaced = this.#db
        .query<{ hook: number }, [number, number]>(
          "DELETE FROM dead_letters WHERE hook = ?1 AND seq = ?2 RETURNING hook",
        )
        .all(number, seq);
      this.#db
        .query("INSERT INTO dead_letters VALUES (NULL, ?1, ?2, ?3, ?4, ?5)")
        .run(number, user, seq, failed_at, error);
      this.#db.query("UPDATE cursors SET seq = ?2 WHERE hook = ?1").run(number, seq);
      const oldest = this.#db
        .query<{ hook: number }, [number, number]>(
          `DELETE FROM dead_letters WHERE number IN (
             SELECT number FROM dead_letters WHERE user = ?1 ORDER BY number DESC LIMIT -1 OFFSET ?2
           ) RETURNING hook`,
        )
        .all(user, LETTERS_PER_USER_MAX);
      return [...replaced, ...oldest].map(({ hook }) => hook);
    });
  }

  /** Removes the dead letter of event `seq`. */
  forget({ number }: Hook, seq: number): void {
    this.#write(() =>
      this.#db.query("DELETE FROM dead_letters WHERE hook = ?1 AND seq = ?2").run(number, seq),
    );
  }

  /** The dead letters of a webhook, by `seq`. */
  letters({ number }: Hook): DeadLetter[] {
    return this.#db
      .query<DeadLetter, [number]>(
        "SELECT seq, failed_at, error FROM dead_letters WHERE hook = ?1 ORDER BY seq",
      )
      .all(number);
  }

  /** Resolves when everything that was written is on disk. Rejects when a flush fails, and always after that. */
  flush(): Promise<void> {
    if (this.#isDirty) {
      this.#isDirty = false;
      this.#flushed = this.#log.flush();
    }
    return this.#flushed;
  }

  /** Why nothing can be written; null while it can. */
  trouble(): string | null {
    return this.#log.reason();
  }

  close(): Promise<void> {
    return this.#log.close({
      run: (statement) => this.#db.query(statement).all(),
      close: () => this.#db.close(),
    });
  }

  #insert({ user, account, apiKey, url, secret, events, createdAt, cursor }: NewHook): number {
    return this.#write(() => {
      const { lastInsertRowid } = this.#db
        .query("INSERT INTO hooks VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7)")
        .run(user, account, apiKey, url, secret, events.join(","), createdAt);
      const number = Number(lastInsertRowid);
      this.#db.query("INSERT INTO cursors VALUES (?1, ?2)").run(number, cursor);
      return number;
    });
  }

  #delete(number: number): void {
    this.#write(() => {
      this.#db.query("DELETE FROM hooks WHERE number = ?1").run(number);
      this.#db.query("DELETE FROM cursors WHERE hook = ?1").run(number);
      this.#db.query("DELETE FROM dead_letters WHERE hook = ?1").run(number);
    });
  }

  /** Commits everything that `write` writes, or nothing. */
  #write<Result>(write: () => Result): Result {
    try {
      const result = this.#db.transaction(write)();
      this.#isDirty = true;
      return result;
    } catch (error) {
      this.#log.refused(error);
      throw error;
    }
  }

  /** Takes in the webhooks of an older version's JSON file, and renames it to say that this was done. */
  #takeIn(path: string): void {
    const file = readHookFile(path);
    if (file === null) return;
    this.#write(() => {
      const isTaken = this.#db.query("SELECT 1 FROM sqlite_sequence WHERE name = 'hooks'").get();
      if (isTaken !== null) return;
      const insert = this.#db.query("INSERT INTO sqlite_sequence VALUES ('hooks', ?1)");
      insert.run(Math.max(0, file.next - 1));
      for (const { hook, letters } of file.hooks) {
        const { number, user, account, url, secret, events, createdAt, cursor } = hook;
        this.#db
          .query("INSERT INTO hooks VALUES (?1, ?2, ?3, NULL, ?4, ?5, ?6, ?7)")
          .run(number, user, account, url, secret, events.join(","), createdAt);
        this.#db.query("INSERT INTO cursors VALUES (?1, ?2)").run(number, cursor);
        for (const letter of letters.slice(-LETTERS_PER_USER_MAX)) this.bury(hook, letter);
        this.move([hook]);
      }
    });
    this.#db.run("PRAGMA wal_checkpoint(TRUNCATE)");
    renameSync(path, `${path}.taken`);
  }
}

function openDatabase(path: string, exchange: string): Database {
  makeOwnFile(path);
  takeBackLog(path);
  const db = new Database(path, { strict: true });
  try {
    for (const pragma of SQLITE_LOG_PRAGMAS) db.run(pragma);
    const version = db.query<{ user_version: number }, []>("PRAGMA user_version").get();
    if ((version?.user_version ?? 0) > VERSION) {
      throw new Error("it was written by a newer program: start that one");
    }
    db.run(SCHEMA);
    db.run(`PRAGMA user_version = ${VERSION}`);
    belongTo(db, exchange);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Notes that the file belongs to `exchange`. Throws when it has webhooks of another one: users and accounts are numbers, so
 * events of an account here would be posted to a user of the other exchange.
 */
function belongTo(db: Database, exchange: string): void {
  const noted = db.query<{ id: string }, []>("SELECT id FROM exchange").get()?.id;
  if (noted === exchange) return;
  const hook = db.query("SELECT 1 FROM hooks LIMIT 1").get();
  if (noted !== undefined && hook !== null) {
    throw new Error(
      `its webhooks are those of exchange ${noted}, and this is ${exchange}. Put back the one that belongs to this ` +
        "exchange, or move it away: then all webhooks are gone",
    );
  }
  db.transaction(() => {
    db.run("DELETE FROM exchange");
    db.run("INSERT INTO exchange VALUES (?1)", [exchange]);
  })();
}

function unusable(path: string, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  const advice = isDamagedDatabase(error)
    ? ". If there is no copy, move it away: then all webhooks are gone"
    : "";
  return new Error(`${path}: cannot be used: ${reason}${advice}`, { cause: error });
}
