import { Database } from "bun:sqlite";
import { afterEach, beforeEach, expect, test } from "bun:test";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SQLITE_LOG_PRAGMAS, SqliteLog, takeBackLog } from "../../src/host/sqlite-log.ts";
import { flushes } from "./flushes.ts";

const SOURCE = join(import.meta.dir, "../../src/host/sqlite-log.ts");

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "waiver-sqlite-log-"));
  path = join(directory, "notes.sqlite");
});
afterEach(() => rmSync(directory, { recursive: true }));

function open() {
  takeBackLog(path);
  const db = new Database(path);
  for (const pragma of SQLITE_LOG_PRAGMAS) db.run(pragma);
  db.run("CREATE TABLE IF NOT EXISTS notes (text TEXT)");
  const log = new SqliteLog(path);
  const statements: string[] = [];
  const run = (statement: string) => {
    statements.push(statement);
    return db.query(statement).all();
  };
  return {
    db,
    /** What the close ran. */
    statements,
    note: (text: string) => db.run("INSERT INTO notes VALUES (?1)", [text]),
    close: () => log.close({ run, close: () => db.close() }),
  };
}

/** What is in the file, without its log unless the copy has one. */
function inFile(): unknown[] {
  const copy = join(directory, "copy.sqlite");
  copyFileSync(path, copy);
  using db = new Database(copy);
  return db.query("SELECT text FROM notes").all();
}

test("a close waits for the disk beside the event loop, and then the file has everything", async () => {
  const { note, close, statements } = open();
  note("a");
  const disk = Promise.withResolvers<void>();
  const held = flushes(() => disk.promise);
  const closed = close();
  await new Promise((resolve) => setImmediate(resolve));
  expect(statements).toEqual([]);
  expect(existsSync(`${path}-wal`)).toBe(true);
  disk.resolve();
  await closed;
  held[Symbol.dispose]();
  // Without flushes of its own, SQLite waits for no disk.
  expect(statements).toEqual(["PRAGMA synchronous = OFF", "PRAGMA wal_checkpoint(PASSIVE)"]);
  expect(existsSync(`${path}-wal`)).toBe(false);
  expect(inFile()).toEqual([{ text: "a" }]);
});

test("when the disk does not take the log, SQLite closes the file in its own way", async () => {
  const first = open();
  first.note("a");
  {
    using _ = flushes(() => Promise.reject(new Error("EIO")));
    await first.close();
  }
  expect(first.statements).toEqual([]);
  expect(inFile()).toEqual([{ text: "a" }]);
});

test("when the disk does not take the file, its log is kept, also from the end of the process", async () => {
  const program = `
    const { Database } = await import("bun:sqlite");
    const { SQLITE_LOG_PRAGMAS, SqliteLog } = await import(${JSON.stringify(SOURCE)});
    const db = new Database(${JSON.stringify(path)});
    for (const pragma of SQLITE_LOG_PRAGMAS) db.run(pragma);
    db.run("CREATE TABLE notes (text TEXT)");
    const log = new SqliteLog(${JSON.stringify(path)});
    db.run("INSERT INTO notes VALUES ('a')");
    const run = (statement) => {
      if (statement.includes("checkpoint")) throw new Error("EIO");
      return db.query(statement).all();
    };
    await log.close({ run, close: () => db.close() });
    process.exit(0);`;
  expect(await Bun.spawn([process.execPath, "-e", program]).exited).toBe(0);
  expect([existsSync(`${path}-wal`), existsSync(`${path}-wal.kept`)]).toEqual([false, true]);

  const after = open();
  expect(after.db.query("SELECT text FROM notes").all()).toEqual([{ text: "a" }]);
  await after.close();
  expect(existsSync(`${path}-wal.kept`)).toBe(false);
});

test("what a reader keeps in the log is not lost by the close", async () => {
  const { note, close } = open();
  note("a");
  const reader = new Database(path);
  reader.run("BEGIN");
  reader.query("SELECT text FROM notes").all();
  note("b");
  await close();
  reader.close();
  const after = open();
  expect(after.db.query("SELECT text FROM notes").all()).toEqual([{ text: "a" }, { text: "b" }]);
  await after.close();
});
