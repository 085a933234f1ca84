import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hook } from "../../src/webhooks/hook.ts";
import { HookStore, LETTERS_PER_USER_MAX, type NewHook } from "../../src/webhooks/hook-store.ts";
import { flushes } from "../host/flushes.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "waiver-hooks-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const newHook = (user: number): NewHook => ({
  ...{ user, account: user, apiKey: "key", url: "https://example.com/", secret: "whs_1" },
  ...{ events: ["order", "balance"] as const, createdAt: 7, cursor: 3, dead: 0 },
});

async function insert(store: HookStore, user = 1): Promise<Hook> {
  const hook = newHook(user);
  return { ...hook, number: await store.insert(hook) };
}

test("what was written is there after a start, and readable for its owner alone", async () => {
  const store = new HookStore(directory, "one");
  const [first, second] = [await insert(store), await insert(store, 2)];
  store.bury(first, { seq: 4, failed_at: 9, error: "status 500" });
  store.bury(first, { seq: 6, failed_at: 10, error: "status 501" });
  store.forget(first, 4);
  store.move([{ ...second, cursor: 8 }]);
  await store.close();
  const after = new HookStore(directory, "one");
  expect(after.hooks()).toEqual([
    { ...first, cursor: 6, dead: 1 },
    { ...second, cursor: 8 },
  ]);
  expect(after.letters(first)).toEqual([{ seq: 6, failed_at: 10, error: "status 501" }]);
  await after.delete(first.number);
  await after.delete(second.number);
  expect([after.hooks(), after.letters(first)]).toEqual([[], []]);
  expect((await insert(after)).number).toBe(3);
  for (const name of ["", "-wal"]) {
    expect(statSync(join(directory, `webhooks.sqlite${name}`)).mode & 0o777).toBe(0o600);
  }
  await after.close();
});

test("after a flush that failed nothing is told to be on disk, and no webhook is made until a start", async () => {
  const store = new HookStore(directory, "one");
  const first = await insert(store);
  {
    using _ = flushes(() => Promise.reject(new Error("EIO: i/o error, fdatasync")));
    await expect(insert(store)).rejects.toThrow("EIO");
  }
  // The disk's pages that failed to be written count as written now: a flush alone would succeed.
  await expect(insert(store)).rejects.toThrow("EIO");
  await expect(store.flush()).rejects.toThrow("EIO");
  expect(store.hooks()).toEqual([first]);
  expect(store.trouble()).toBe(
    "webhooks.sqlite cannot be written: EIO: i/o error, fdatasync; until a restart",
  );
  await store.close();
  const after = new HookStore(directory, "one");
  expect(after.hooks()).toEqual([first]);
  await insert(after);
  expect(after.trouble()).toBeNull();
  await after.close();
});

test("a flush that is asked for while another is under way ends with it, not before", async () => {
  const store = new HookStore(directory, "one");
  const disk = Promise.withResolvers<void>();
  using _ = flushes(() => disk.promise);
  const inserted = insert(store);
  let isFlushed = false;
  const flushed = store.flush().then(() => {
    isFlushed = true;
  });
  // More turns than a flush with nothing to do would take.
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  expect(isFlushed).toBe(false);
  disk.resolve();
  await Promise.all([inserted, flushed]);
  await store.close();
});

test("a user keeps so many letters of all his webhooks, the newest, and nobody else's go for them", async () => {
  const store = new HookStore(directory, "one");
  const [first, second, other] = [await insert(store), await insert(store), await insert(store, 2)];
  const letter = (seq: number) => ({ seq, failed_at: 1, error: "no" });
  for (const hook of [first, other]) expect(store.bury(hook, letter(1))).toEqual([]);
  for (let seq = 1; seq < LETTERS_PER_USER_MAX; seq++) {
    expect(store.bury(second, letter(seq))).toEqual([]);
  }
  // The same again is one.
  expect(store.bury(second, letter(1))).toEqual([second.number]);
  expect(store.bury(second, letter(LETTERS_PER_USER_MAX))).toEqual([first.number]);
  expect([first, second, other].map((hook) => store.letters(hook).length)).toEqual([
    0,
    LETTERS_PER_USER_MAX,
    1,
  ]);
  await store.close();
});

test("the file of before is taken in once", async () => {
  const file = join(directory, "webhooks.json");
  const dead = [{ seq: 2, failed_at: 8, error: "status 500" }];
  const hook = {
    ...{ id: "whk_5", user: 3, account: 4, url: "https://example.com/", secret: "whs_2" },
    ...{ events: ["order"], created_at: 7, cursor: 11, dead },
  };
  writeFileSync(file, JSON.stringify({ version: 1, next: 9, hooks: [hook] }));
  const taken: Hook = {
    ...{ number: 5, user: 3, account: 4, url: "https://example.com/", secret: "whs_2" },
    ...{ events: ["order"], createdAt: 7, cursor: 11, dead: 1, apiKey: null },
  };
  const store = new HookStore(directory, "one");
  expect([store.hooks(), store.letters(taken)]).toEqual([[taken], dead]);
  expect(existsSync(file)).toBe(false);
  await store.delete(5);
  await store.close();
  // As a crash between the commit and the new name leaves it.
  writeFileSync(file, JSON.stringify({ version: 1, next: 9, hooks: [hook] }));
  const after = new HookStore(directory, "one");
  expect(after.hooks()).toEqual([]);
  expect((await insert(after)).number).toBe(9);
  await after.close();
});

test("webhooks of another exchange stop the start, as its users have the same numbers", async () => {
  const store = new HookStore(directory, "one");
  const hook = await insert(store);
  await store.close();
  expect(() => new HookStore(directory, "two")).toThrow(
    "its webhooks are those of exchange one, and this is two. Put back the one that belongs to this exchange",
  );
  const own = new HookStore(directory, "one");
  await own.delete(hook.number);
  await own.close();
  // Nobody's: whoever makes the first has it.
  const other = new HookStore(directory, "two");
  await insert(other);
  await other.close();
  expect(() => new HookStore(directory, "one")).toThrow("those of exchange two");
});

test("a file that is none stops the start, and says what to do", () => {
  writeFileSync(
    join(directory, "webhooks.sqlite"),
    "no database, and long enough to be read as one",
  );
  expect(() => new HookStore(directory, "one")).toThrow(
    /webhooks.sqlite: cannot be used: .*move it away/,
  );
  rmSync(join(directory, "webhooks.sqlite"));
  // Nothing is wrong with one that cannot be opened: nobody is told to move it away.
  mkdirSync(join(directory, "webhooks.sqlite"));
  expect(() => new HookStore(directory, "one")).toThrow(
    /webhooks.sqlite: cannot be used: EISDIR: .*webhooks.sqlite'$/,
  );
  rmdirSync(join(directory, "webhooks.sqlite"));
  writeFileSync(join(directory, "webhooks.json"), "{}");
  expect(() => new HookStore(directory, "one")).toThrow(/webhooks.json: damaged/);
});
