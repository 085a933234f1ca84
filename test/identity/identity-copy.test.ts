import { afterAll, expect, spyOn, test } from "bun:test";
import { createHash, createHmac } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { encodeCopy, restoreCopy } from "../../src/identity/identity-copy.ts";
import { IDENTITY_KEY_FILE, IdentityKey } from "../../src/identity/identity-key.ts";
import { IDENTITY_FILE, IdentityStore } from "../../src/identity/identity-store.ts";

const hmac = (key: string, text: string) => createHmac("sha256", key).update(text).digest("hex");

const directory = mkdtempSync(join(tmpdir(), "waiver-copy-"));
afterAll(() => rmSync(directory, { recursive: true }));

test("a store made of a copy has the same users and keys, and takes the same secrets", async () => {
  const store = await IdentityStore.open(join(directory, "first", IDENTITY_FILE));
  await store.createUser({
    name: "Ann",
    permissions: ["trade", "market_data"],
    rateLimits: { burst_limit: 3 },
    accountNumber: 1,
  });
  const bob = { name: "Bob", permissions: ["trade"] as const, number: 7, accountNumber: 4 };
  await store.createUser({
    ...bob,
    passwordHash: await store.passwords.hashing.hash("his secret", "home"),
  });
  await store.addAccount(1, 9);
  const ends = { permissions: ["trade"] as const, expiresAt: 4_000_000_000_000 };
  const key = await store.createKey(1, { ...ends, account: 9 });
  const revoked = await store.createKey(7);
  await store.revokeKey(revoked.api_key);
  await store.createKey(7, { allowedAddresses: ["192.0.2.0/24", "2001:db8::/32"] });
  await store.setDisabled(7, true);
  const copy = await encodeCopy(store.copy());
  expect(await encodeCopy(store.copy())).toEqual(copy);

  const path = join(directory, IDENTITY_FILE);
  // What one that was killed leaves.
  const left = [`${path}.restoring`, `${path}.restoring-journal`];
  for (const each of left) writeFileSync(each, "left");
  await restoreCopy(path, copy, "one");
  expect([statSync(path).mode & 0o777, ...left.map(existsSync)]).toEqual([0o600, false, false]);
  const restored = await IdentityStore.open(path);
  expect(restored.users()).toEqual(store.users());
  expect(restored.keysOf(1)[0]?.account).toBe(9);
  expect([restored.keysOf(1), restored.keysOf(7)]).toEqual([store.keysOf(1), store.keysOf(7)]);
  expect(restored.verifySecret(key.api_key, key.api_secret, 0).ok).toBe(true);
  expect(restored.verifySignature(key.api_key, "text", hmac(key.api_secret, "text"), 0).ok).toBe(
    true,
  );
  expect(await restored.passwords.verify("bob", "his secret", "home")).toBe(7);
  // Sealed with the key of its own directory.
  const identityKeys = [join(directory, "first"), directory].map((each) =>
    readFileSync(join(each, IDENTITY_KEY_FILE), "utf8"),
  );
  expect(identityKeys[0]).not.toBe(identityKeys[1]);
  expect(await encodeCopy(restored.copy())).toEqual(copy);
  await Promise.all([store.close(), restored.close()]);
});

test.each(["-wal", "-wal.kept"])(
  "no store is made beside a log of one that was removed (%s), which would turn it into the old one",
  async (suffix) => {
    const path = join(directory, `removed${suffix}`, IDENTITY_FILE);
    mkdirSync(dirname(path));
    writeFileSync(`${path}${suffix}`, "left");
    const copy = new TextEncoder().encode('{"version":4,"users":[],"keys":[]}');
    const made = restoreCopy(path, copy, "one");
    await expect(made).rejects.toThrow(`${path}${suffix} is there already`);
    expect(existsSync(path)).toBe(false);
  },
);

test("an existing store is not overwritten, and a copy of an unknown version is refused", async () => {
  const copy = new TextEncoder().encode('{"version":5,"users":[],"keys":[]}');
  await expect(restoreCopy(join(directory, IDENTITY_FILE), copy, "one")).rejects.toThrow(
    "is there already",
  );
  await expect(restoreCopy(join(directory, "other"), copy, "one")).rejects.toThrow(
    "the copy of users and keys: it has version 5, and this program knows 4 at most",
  );
  const cut = new TextEncoder().encode('{"version":3,"users":[');
  await expect(restoreCopy(join(directory, "other"), cut, "one")).rejects.toThrow(
    "the copy of users and keys: it is not JSON",
  );
  expect(existsSync(join(directory, "other"))).toBe(false);
});

test("a copy of version 1 has keys that log in with their secret, and sign after that", async () => {
  const user = { number: 1, name: "Ann", permissions: ["trade"], rateLimits: {}, accounts: [1] };
  const salt = "00".repeat(16);
  const hash = createHash("sha256").update(Buffer.from(salt, "hex")).update("secret");
  const key = { apiKey: "ak", userNumber: 1, permissions: ["trade"], createdAt: 0 };
  const ends = { expiresAt: null, revokedAt: null };
  const copy = {
    version: 1,
    users: [{ ...user, createdAt: 0 }],
    keys: [{ ...key, ...ends, salt, hash: hash.digest("hex") }],
  };
  const path = join(directory, "old", IDENTITY_FILE);
  mkdirSync(join(directory, "old"));
  await restoreCopy(path, new TextEncoder().encode(JSON.stringify(copy)), "one");
  const store = await IdentityStore.open(path);
  expect(store.users()[0]?.disabledAt).toBeNull();
  expect(store.keysOf(1)[0]).toMatchObject({ allowedAddresses: [], account: null });
  expect(store.keysWithoutSignature).toBe(1);
  expect(store.verifySecret("ak", "secret", 0).ok).toBe(true);
  await store.close();
});

test("a store with many users is made in a few writes, and lets others work in between", async () => {
  const users = Array.from({ length: 200 }, (_, n) => ({
    ...{ number: n + 1, name: `user ${n}`, permissions: ["trade"], rateLimits: {}, accounts: [n] },
    createdAt: 0,
  }));
  const copy = new TextEncoder().encode(JSON.stringify({ version: 3, users, keys: [] }));
  const path = join(directory, "many", IDENTITY_FILE);
  mkdirSync(join(directory, "many"));
  using turns = spyOn(globalThis, "setImmediate");
  await restoreCopy(path, copy, "one");
  expect(turns.mock.calls.length).toBeGreaterThan(10);
  // SQLite counts the transactions that have changed a file in its header.
  expect(readFileSync(path).readUInt32BE(24)).toBeLessThan(5);
});

test("a copy of many users is written with others' work in between", async () => {
  const user = { name: "", permissions: [], rateLimits: {}, accounts: [], createdAt: 0 };
  const users = Array.from({ length: 1000 }, (_, n) => ({ ...user, number: n, disabledAt: null }));
  using turns = spyOn(globalThis, "setImmediate");
  const text = await encodeCopy({ users, keys: [], passwords: [] });
  expect(turns.mock.calls.length).toBeGreaterThan(5);
  expect(JSON.parse(new TextDecoder().decode(text))).toMatchObject({ version: 4, users });
});

test("an account that a user gets while a copy is written is not in it", async () => {
  const store = await IdentityStore.open(join(directory, "moment", IDENTITY_FILE));
  await store.createUser({ name: "Ann", permissions: ["trade"], accountNumber: 1 });
  const copy = store.copy();
  await store.addAccount(1, 2);
  expect(copy.users[0]?.accounts).toEqual([1]);
  expect(store.users()[0]?.accounts).toEqual([1, 2]);
  await store.close();
});

test("others work while the disk takes a new key", async () => {
  const place = join(directory, "key");
  mkdirSync(place);
  let turns = 0;
  setImmediate(() => turns++);
  await IdentityKey.open(place);
  expect(turns).toBe(1);
});
