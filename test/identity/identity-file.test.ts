import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IdentityFile } from "../../src/identity/identity-file.ts";
import { IDENTITY_FILE, IdentityStore } from "../../src/identity/identity-store.ts";
import { flushes } from "../host/flushes.ts";

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "waiver-identity-file-"));
  path = join(directory, IDENTITY_FILE);
});
afterEach(() => rmSync(directory, { recursive: true }));

const ANN = { name: "Ann", permissions: ["trade"], accountNumber: 1 } as const;

test("a commit waits for no disk: it writes to the log, which is flushed beside the event loop", async () => {
  const file = await IdentityFile.open(path);
  expect([...(await file.sql`PRAGMA journal_mode`)]).toEqual([{ journal_mode: "wal" }]);
  expect([...(await file.sql`PRAGMA synchronous`)]).toEqual([{ synchronous: 1 }]);
  await file.close();
});

test("while the disk takes its time for a new user, others are read, and he is not there yet", async () => {
  const store = await IdentityStore.open(path);
  const asked = Promise.withResolvers<void>();
  const disk = Promise.withResolvers<void>();
  using _ = flushes(() => {
    asked.resolve();
    return disk.promise;
  });
  const created = store.createUser(ANN);
  await asked.promise;
  expect(store.users()).toEqual([]);
  disk.resolve();
  expect(await created).toMatchObject({ number: 1, name: "Ann" });
  expect(store.users()).toHaveLength(1);
  await store.close();
});

test("after a flush that failed nothing is told to be written, and nothing is written until a start", async () => {
  const store = await IdentityStore.open(path);
  {
    using _ = flushes(() => Promise.reject(new Error("EIO: i/o error, fdatasync")));
    await expect(store.createUser(ANN)).rejects.toThrow("EIO");
  }
  await expect(store.createUser({ ...ANN, name: "Bob", accountNumber: 2 })).rejects.toThrow("EIO");
  expect(store.users()).toEqual([]);
  await store.close();
  const after = await IdentityStore.open(path);
  expect(after.isNameTaken("Bob")).toBe(false);
  await after.createUser({ ...ANN, name: "Bob", accountNumber: 2 });
  await after.close();
});

test("what a crash left in the log is read", async () => {
  const program = `
    const { IdentityStore } = await import(${JSON.stringify(join(import.meta.dir, "../../src/identity/identity-store.ts"))});
    const store = await IdentityStore.open(${JSON.stringify(path)});
    await store.createUser(${JSON.stringify(ANN)});
    process.kill(process.pid, "SIGKILL");`;
  await Bun.spawn([process.execPath, "-e", program]).exited;
  const store = await IdentityStore.open(path);
  expect(store.users().map(({ name }) => name)).toEqual(["Ann"]);
  await store.close();
});
