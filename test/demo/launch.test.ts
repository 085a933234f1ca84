import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DemoHost, startDemo } from "../../src/demo/launch.ts";
import { SILENT } from "../lib/logs.ts";

const dataDir = mkdtempSync(join(tmpdir(), "waiver-demo-"));
const path = join(dataDir, "demo-accounts.json");
afterEach(() => rmSync(path, { force: true }));

/**
 * Starts a demo that does not trade; gives the names of the users that it made and the notes that it wrote. `isOther`: on
 * another exchange, where the accounts of before are other people's.
 */
async function start(isOther = false) {
  const made: string[] = [];
  const notes: string[] = [];
  const host: Pick<DemoHost, "symbols" | "listed" | "owns" | "createUser" | "past"> = {
    symbols: () => ["SYMBOL_1"],
    listed: () => [],
    owns: () => !isOther,
    createUser: async ({ name }) => {
      const number = made.push(name);
      const secret = { api_key: `ak_${name}`, api_secret: `sk_${name}` };
      return { user_id: `usr_${number}`, account_id: `acc_${number}`, ...secret };
    },
    past: null,
  };
  const write = (text: string) => void notes.push(text);
  const demo = await startDemo(host as DemoHost, dataDir, false, SILENT, { write });
  return { made, notes, traders: [...demo.traders] };
}

test("accounts are created once in a file that only the owner can read, and people's keys are shown once", async () => {
  const first = await start();
  expect(first.made.slice(-2)).toEqual(["alice", "bob"]);
  expect(first.traders).toEqual([
    ["alice", 6],
    ["bob", 7],
  ]);
  expect(first.notes.join()).toContain("api_secret sk_alice");
  expect(first.notes.join()).not.toContain("maker");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(await start()).toEqual({ made: [], notes: [], traders: first.traders });
});

test("accounts in a file of another exchange are not taken for those here", async () => {
  await start();
  const { made, traders } = await start(true);
  expect([made.length, made.at(-1)]).toEqual([7, "bob"]);
  expect((JSON.parse(readFileSync(path, "utf8")) as unknown[]).length).toBe(7);
  expect(traders.length).toBe(2);
});

test("a damaged file is reported, with what to do", async () => {
  writeFileSync(path, '[{"name":"maker-1"');
  await expect(start()).rejects.toThrow(`${path}: damaged: `);
});
