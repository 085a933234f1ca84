import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IdentityFile } from "../../src/identity/identity-file.ts";
import { IDENTITY_FILE, IdentityStore } from "../../src/identity/identity-store.ts";
import { flushes } from "../host/flushes.ts";
import { canMount, SmallDisk } from "../integration/small-disk.ts";

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "waiver-identity-file-"));
  path = join(directory, IDENTITY_FILE);
});
afterEach(() => rmSync(directory, { recursive: true }));

const ANN = { name: "Ann", permissions: ["trade"], accountNumber: 1 } as const;

test("a commit does not wait for the disk: it writes to the log, which is flushed beside the event loop", async () => {
  const file = await IdentityFile.open(path);
  expect([...(await file.sql`PRAGMA journal_mode`)]).toEqual([{ journal_mode: "wal" }]);
  expect([...(await file.sql`PRAGMA synchronous`)]).toEqual([{ synchronous: 1 }]);
  await file.close();
});

test("while the disk is slow to take a new user, others can be read, and he is not there yet", async () => {
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

test("after a failed flush every write is refused until a start", async () => {
  const store = await IdentityStore.open(path);
  {
    using _ = flushes(() => Promise.reject(new Error("EIO: i/o error, fdatasync")));
    await expect(store.createUser(ANN)).rejects.toThrow("EIO");
  }
  await expect(store.createUser({ ...ANN, name: "Bob", accountNumber: 2 })).rejects.toThrow("EIO");
  expect(store.users()).toEqual([]);
  expect(store.trouble()).toBe(
    "identity.sqlite cannot be written: EIO: i/o error, fdatasync; until a restart",
  );
  await store.close();
  const after = await IdentityStore.open(path);
  expect(after.trouble()).toBeNull();
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

test("a full disk is reported until a write succeeds, and a violated constraint is not reported as the disk's fault", async () => {
  const file = await IdentityFile.open(path);
  await file.write(async (sql) => void (await sql`CREATE TABLE notes (text TEXT UNIQUE)`));
  const note = (text: string): Promise<void> =>
    file.write(async (sql) => void (await sql`INSERT INTO notes VALUES (${text})`));
  const limit = (pages: number) => file.sql.unsafe(`PRAGMA max_page_count = ${pages}`);
  await note("short");
  await expect(note("short")).rejects.toThrow("UNIQUE");
  expect(file.trouble()).toBeNull();

  const [{ page_count: pages }] = await file.sql`PRAGMA page_count`;
  await limit(pages);
  await expect(note("x".repeat(100_000))).rejects.toThrow("full");
  const full =
    "identity.sqlite cannot be written: database or disk is full; over with the next write that succeeds";
  expect(file.trouble()).toBe(full);
  await expect(note("short")).rejects.toThrow("UNIQUE");
  expect(file.trouble()).toBe(full);

  await limit(2 * pages + 100);
  await note("x".repeat(100_000));
  expect(file.trouble()).toBeNull();
  await file.close();
});

test.skipIf(!(await canMount("tmpfs")))(
  "after a write that the disk did not take, it is tried whether it takes one now",
  async () => {
    await using disk = await SmallDisk.mount("tmpfs", 4 * 1024 * 1024);
    const store = await IdentityStore.open(join(disk.path, IDENTITY_FILE));
    await store.expectWritable();
    await disk.addBallast(0);
    const create = async () => {
      for (let n = 1; ; n++) await store.createUser({ ...ANN, name: `Ann ${n}`, accountNumber: n });
    };
    await expect(create()).rejects.toThrow();
    await expect(store.expectWritable()).rejects.toThrow();
    expect(store.trouble()).not.toBeNull();
    await disk.removeBallast();
    await store.expectWritable();
    expect(store.trouble()).toBeNull();
    await store.close();
  },
);
