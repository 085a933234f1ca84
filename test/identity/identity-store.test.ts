import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SQL } from "bun";
import type { ApiKey } from "../../src/identity/api-key.ts";
import { IDENTITY_FILE, IdentityStore, type NewUser } from "../../src/identity/identity-store.ts";
import { IdentityStoreError } from "../../src/identity/identity-store-error.ts";
import { highestUserOf } from "../../src/identity/journal-users.ts";
import { userNumber } from "../../src/identity/user.ts";

const ANN: NewUser = { name: "Ann", permissions: ["trade", "market_data"], accountNumber: 1 };
const SOON_MS = 4_000_000_000_000;

let dir: string;
let path: string;
let store: IdentityStore;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "identity-"));
  path = join(dir, "inner", IDENTITY_FILE);
  store = await IdentityStore.open(path);
});

afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true });
});

async function restart(): Promise<void> {
  await store.close();
  store = await IdentityStore.open(path);
}

test("users and keys are the same after a restart", async () => {
  const before = Date.now();
  await store.createUser(ANN);
  await store.createUser({
    name: "Ann",
    permissions: ["market_data"],
    rateLimits: { orders_per_second: 5, burst_limit: 2 },
    accountNumber: 7,
  });
  const ann = await store.createKey(1);
  const reader = await store.createKey(1, { permissions: ["market_data"], expiresAt: SOON_MS });
  await store.revokeKey(reader.api_key);
  const users = store.users();
  const keys = store.keysOf(1);

  const createdAt = expect.any(Number);
  expect(users).toEqual([
    {
      number: 1,
      name: "Ann",
      permissions: ["trade", "market_data"],
      rateLimits: {},
      accounts: [1],
      createdAt,
    },
    {
      number: 2,
      name: "Ann",
      permissions: ["market_data"],
      rateLimits: { orders_per_second: 5, burst_limit: 2 },
      accounts: [7],
      createdAt,
    },
  ]);
  expect(keys.find((key) => key.apiKey === ann.api_key)).toEqual({
    apiKey: ann.api_key,
    userNumber: 1,
    permissions: ["trade", "market_data"],
    createdAt,
    expiresAt: null,
    revokedAt: null,
  });
  const ended = keys.find((key) => key.apiKey === reader.api_key);
  expect(ended?.permissions).toEqual(["market_data"]);
  expect(ended?.expiresAt).toBe(SOON_MS);
  expect(ended?.revokedAt).toBeGreaterThanOrEqual(before);

  await restart();
  expect(store.users()).toEqual(users);
  expect(new Set(store.keysOf(1))).toEqual(new Set(keys));
  expect(store.takeUserNumber()).toBe(3);
  expect(store.verifyLogin(ann.api_key, ann.api_secret, before).ok).toBe(true);
});

test("a login with the right secret gives the user and the key", async () => {
  const user = await store.createUser(ANN);
  const { api_key, api_secret } = await store.createKey(1);
  expect(api_key).toMatch(/^ak_[0-9a-f]{24}$/);
  expect(api_secret).toMatch(/^sk_[0-9a-f]{64}$/);
  const [key] = store.keysOf(1);
  expect(store.verifyLogin(api_key, api_secret, 0)).toEqual({ ok: true, user, key: key as ApiKey });
});

test("an unknown key and a wrong secret get one answer", async () => {
  await store.createUser(ANN);
  const { api_key, api_secret } = await store.createKey(1);
  const other = await store.createKey(1);
  const refused = { ok: false, code: 40101 } as const;
  expect(store.verifyLogin(api_key, other.api_secret, 0)).toEqual(refused);
  expect(store.verifyLogin(api_key, "", 0)).toEqual(refused);
  expect(store.verifyLogin(api_key, `${api_secret} `, 0)).toEqual(refused);
  expect(store.verifyLogin("ak_000000000000000000000000", api_secret, 0)).toEqual(refused);
  expect(store.verifyLogin("", "", 0)).toEqual(refused);
});

test("an expired key says so to those who know its secret", async () => {
  await store.createUser(ANN);
  const { api_key, api_secret } = await store.createKey(1, { expiresAt: SOON_MS });
  expect(store.verifyLogin(api_key, api_secret, SOON_MS - 1).ok).toBe(true);
  expect(store.verifyLogin(api_key, api_secret, SOON_MS)).toEqual({ ok: false, code: 40102 });
  expect(store.verifyLogin(api_key, "wrong", SOON_MS)).toEqual({ ok: false, code: 40101 });
});

test("a revoked key ends at once, once, and for good", async () => {
  await store.createUser(ANN);
  const { api_key, api_secret } = await store.createKey(1);
  const kept = await store.createKey(1);
  const heard: ApiKey[] = [];
  store.onRevoked((key) => {
    // The session is closed when the key has stopped working, not before.
    expect(store.verifyLogin(api_key, api_secret, 0)).toEqual({ ok: false, code: 40102 });
    heard.push(key);
  });
  const revoked = await store.revokeKey(api_key);
  expect(await store.revokeKey(api_key)).toEqual(revoked);
  expect(heard).toEqual([revoked as ApiKey]);
  expect(store.verifyLogin(api_key, "wrong", 0)).toEqual({ ok: false, code: 40101 });
  expect(store.verifyLogin(kept.api_key, kept.api_secret, 0).ok).toBe(true);
  expect(await store.revokeKey("ak_unknown")).toBeNull();
  await restart();
  expect(store.verifyLogin(api_key, api_secret, 0)).toEqual({ ok: false, code: 40102 });
});

test("a key never has more permissions than its user", async () => {
  await store.createUser(ANN);
  await expect(store.createKey(1, { permissions: ["trade", "admin"] })).rejects.toThrow(
    new IdentityStoreError("usr_1 does not have permission admin"),
  );
  await expect(store.createKey(2)).rejects.toThrow(new IdentityStoreError("no user usr_2"));
  await restart();
  expect(store.keysOf(1)).toEqual([]);
});

test("what the file refuses is not in memory either", async () => {
  await store.createUser(ANN);
  const again = await store.createUser({ ...ANN, name: "Bob" }).catch((error: Error) => error);
  expect(again).toBeInstanceOf(Error);
  expect(store.users().map((user) => user.name)).toEqual(["Ann"]);
  const bob = await store.createUser({ ...ANN, name: "Bob", accountNumber: 2 });
  expect(bob.number).toBe(3);
  await restart();
  expect(store.users().map((user) => user.name)).toEqual(["Ann", "Bob"]);
});

test("users created at the same time get consecutive numbers", async () => {
  const created = await Promise.all(
    [1, 2, 3, 4].map((accountNumber) => store.createUser({ ...ANN, accountNumber })),
  );
  expect(created.map((user) => user.number)).toEqual([1, 2, 3, 4]);
});

test("the file is its owner's alone and holds no secret", async () => {
  await store.createUser(ANN);
  const { api_key, api_secret } = await store.createKey(1);
  await store.close();
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const bytes = readFileSync(path);
  expect(bytes.includes(api_key)).toBe(true);
  expect(bytes.includes(api_secret.slice(3))).toBe(false);
  expect(bytes.includes(Buffer.from(api_secret.slice(3), "hex"))).toBe(false);
  expect(readdirSync(join(dir, "inner"))).toEqual([IDENTITY_FILE]);
  chmodSync(path, 0o644);
  store = await IdentityStore.open(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a file of a newer program, or none of ours, is refused by name", async () => {
  await store.close();
  const sql = new SQL({ adapter: "sqlite", filename: path });
  await sql`INSERT INTO schema_migrations (version, name, applied_at) VALUES (99, 'later', 0)`;
  await sql.close();
  const newer = await IdentityStore.open(path).catch((error: Error) => error.message);
  expect(newer).toBe(
    `${path}: cannot open the identity store: it has schema version 99, ` +
      "and this program knows 1 at most: start the newer program",
  );
  writeFileSync(path, "no database ".repeat(100));
  const foreign = await IdentityStore.open(path).catch((error: Error) => error.message);
  expect(foreign).toBe(`${path}: cannot open the identity store: file is not a database`);
  rmSync(path);
  store = await IdentityStore.open(path);
  expect(store.users()).toEqual([]);
});

test("user ids", () => {
  expect(["usr_1", "usr_42", "usr_0", "usr_01", "usr_", "acc_1", "1"].map(userNumber)).toEqual([
    1, 42, 0, 0, 0, 0, 0,
  ]);
});

test("numbers are never given twice: not those of the journal, nor one whose user was not created", async () => {
  await store.createUser(ANN);
  expect([store.takeUserNumber(), store.takeUserNumber()]).toEqual([2, 3]);
  const late = await store.createUser({ ...ANN, number: 3, accountNumber: 3 });
  const early = await store.createUser({ ...ANN, number: 2, accountNumber: 2 });
  expect([late.number, early.number]).toEqual([3, 2]);
  expect(store.users().map(({ number }) => number)).toEqual([1, 2, 3]);

  await store.close();
  store = await IdentityStore.open(path, 9);
  const next = await store.createUser({ ...ANN, accountNumber: 10 });
  expect([next.number, store.takeUserNumber()]).toEqual([10, 11]);
});

test("a file that is missing while the journal knows users is named, and not made", async () => {
  const missing = join(dir, IDENTITY_FILE);
  await expect(IdentityStore.open(missing, 7)).rejects.toThrow(
    new IdentityStoreError(
      `${missing} is missing, and the journal knows users up to usr_7. Put it back from a backup or an archive. If it ` +
        "is lost for good, make it as an empty file: accounts stay, without users, and the numbers of those users " +
        "are not given to others",
    ),
  );
  expect(readdirSync(dir)).toEqual(["inner"]);

  writeFileSync(missing, "");
  const emptied = await IdentityStore.open(missing, 7);
  expect([emptied.users(), emptied.takeUserNumber()]).toEqual([[], 8]);
  await emptied.close();
});

test("the journal's highest user is that of all its accounts", () => {
  const users = [0, 1, 5, 3];
  const view = (count: number) => ({
    nextAccount: () => count,
    userOf: (account: number) => users[account] as number,
  });
  expect([highestUserOf(view(1)), highestUserOf(view(2)), highestUserOf(view(4))]).toEqual([
    0, 1, 5,
  ]);
});
