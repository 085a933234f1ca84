import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AuditPages } from "../../../src/admin/audit/audit-pages.ts";
import { ErrorCode } from "../../../src/protocol/errors.ts";

/** What the program in the exchange's place does, by the number that it is asked to begin with. */
const PROGRAM = `
const [, , ...args] = process.argv;
const option = (name) => args.find((each) => each.startsWith("--" + name + "="))?.split("=")[1];
const from = Number(option("from"));
const limit = Number(option("limit"));
if (from === 1) {
  console.log(JSON.stringify({ args, env: process.env }));
} else if (from === 100) {
  for (let i = 0; i < limit; i++) console.log(JSON.stringify({ sequence: from + i }));
} else if (from === 200) {
  const text = "x".repeat(1024 * 1024);
  for (let i = 0; i < limit; i++) console.log(JSON.stringify({ sequence: from + i, text }));
} else if (from === 300) {
  console.error("the journal is damaged");
  process.exit(1);
} else if (from === 301) {
  console.error("waiver: older segments were removed");
  process.exit(3);
} else if (from === 302) {
  process.kill(process.pid, "SIGKILL");
} else {
  console.log("{}");
  setInterval(() => {}, 1000);
}
`;

let dir: string;
let pages: AuditPages;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "pages-"));
  const script = join(dir, "program.ts");
  await Bun.write(script, PROGRAM);
  pages = new AuditPages({
    command: [process.execPath, script],
    dataDir: "the/data",
    source: { walDir: "the/wal", snapshotDir: "the/snapshots", symbolsMax: 8 },
    durableTick: async () => 77,
  });
});
afterAll(() => rmSync(dir, { recursive: true }));

const page = async (from: number, limit: number, signal = new AbortController().signal) =>
  JSON.parse(await pages.page(from, limit, signal));

test("the audit program is asked for one entry more than the page, up to the durable tick, and gets no secrets", async () => {
  const args = ["audit", "--json", "--from=1", "--to=tick:77", "--limit=6"];
  const env = {
    // It ends with the exchange.
    BUN_OPTIONS: "--no-orphans",
    BUN_FEATURE_FLAG_NO_ORPHANS: "1",
    WAIVER_DATA_DIR: "the/data",
    WAIVER_PERSISTENCE__LOCAL__WAL_DIR: "the/wal",
    WAIVER_PERSISTENCE__LOCAL__SNAPSHOT_DIR: "the/snapshots",
    WAIVER_PLAYERS__SYMBOLS_MAX: "8",
  };
  expect(await page(1, 5)).toEqual({ entries: [{ args, env }], next_seq: null });
});

test("a full page has the cursor of the next page", async () => {
  const entries = [{ sequence: 100 }, { sequence: 101 }, { sequence: 102 }];
  expect(await page(100, 3)).toEqual({ entries, next_seq: 103 });
});

test("the audit program gets the filter of the page, one argument for each part", async () => {
  const about = { account: "acc_1", by: "--ann", user: undefined, symbol: "SYMBOL_3" };
  const [entry] = JSON.parse(await pages.page(1, 1, new AbortController().signal, about)).entries;
  expect(entry.args).toEqual([
    ...["audit", "--json", "--from=1", "--account=acc_1", "--by=--ann", "--symbol=SYMBOL_3"],
    ...["--to=tick:77", "--limit=2"],
  ]);
});

test("a page of large entries ends early, and the next page continues after it", async () => {
  const { entries, next_seq } = await page(200, 50);
  expect(entries.length).toBeWithin(1, 6);
  expect(next_seq).toBe(200 + entries.length);
});

test("if the audit program fails, the error has its message", async () => {
  await expect(page(300, 1)).rejects.toMatchObject({
    body: { code: ErrorCode.INTERNAL, message: "No audit: the journal is damaged" },
  });
  await expect(page(302, 1)).rejects.toMatchObject({
    body: { code: ErrorCode.INTERNAL, message: "No audit: its process ended with SIGKILL" },
  });
  await expect(page(301, 1)).rejects.toMatchObject({
    code: ErrorCode.REPLAY_UNAVAILABLE,
    message: "older segments were removed",
  });
});

test("one audit program runs at a time; the next starts when the reader has left", async () => {
  const reader = new AbortController();
  const waiting = page(400, 1, reader.signal);
  await expect(page(1, 1)).rejects.toMatchObject({ code: ErrorCode.OVERLOADED });
  reader.abort();
  await expect(waiting).rejects.toThrow("Nobody waits for it");
  expect(await page(100, 1)).toEqual({ entries: [{ sequence: 100 }], next_seq: 101 });
});

test("for a reader who left before the page was asked for no audit program is started", async () => {
  await expect(page(400, 1, AbortSignal.abort())).rejects.toThrow("Nobody waits for it");
  expect(await page(100, 1)).toEqual({ entries: [{ sequence: 100 }], next_seq: 101 });
});

test("closing ends the audit program that runs", async () => {
  const waiting = page(400, 1);
  pages.close();
  await expect(waiting).rejects.toMatchObject({ code: ErrorCode.SHUTTING_DOWN });
  pages.close();
});
