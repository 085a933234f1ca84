import { describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SQL } from "bun";
import { type ApiKey, type Credentials, signingKeyOf } from "../../src/identity/api-key.ts";
import { IDENTITY_KEY_FILE } from "../../src/identity/identity-key.ts";
import { IDENTITY_FILE, IdentityStore } from "../../src/identity/identity-store.ts";
import { IdentityStoreError } from "../../src/identity/identity-store-error.ts";
import { highestUserOf } from "../../src/identity/journal-users.ts";
import type { NewUser } from "../../src/identity/new-user.ts";
import { userNumber } from "../../src/identity/user.ts";
import { UntilRestart } from "../../src/lib/until-restart.ts";
import { StoreOnDisk } from "./store-on-disk.ts";

const hmac = (key: string, text: string) => createHmac("sha256", key).update(text).digest("hex");

const ANN: NewUser = { name: "Ann", permissions: ["trade", "market_data"], accountNumber: 1 };
const SOON_MS = 4_000_000_000_000;

const disk = new StoreOnDisk();

test("a user may have several accounts, each account has one user, and both stay so over a restart", async () => {
  const ann = await disk.store.createUser(ANN);
  await disk.store.createUser({ ...ANN, name: "Bob", accountNumber: 2 });
  expect((await disk.store.addAccount(1, 5))?.accounts).toEqual([1, 5]);
  await disk.store.addAccount(1, 3);
  // Who has logged in before knows it, too.
  expect(ann.accounts).toEqual([1, 5, 3]);
  expect(disk.store.addAccount(2, 5)).rejects.toThrow();
  expect(await disk.store.addAccount(9, 6)).toBeNull();
  expect(disk.store.userOfAccount(5)?.name).toBe("Ann");
  const rows = () => disk.store.users().map(({ accounts }) => [...accounts].sort());
  expect(rows()).toEqual([[1, 3, 5], [2]]);
  await disk.store.close();
  await disk.open();
  expect(rows()).toEqual([[1, 3, 5], [2]]);
});

test("users and keys are the same after a restart", async () => {
  const before = Date.now();
  await disk.store.createUser(ANN);
  await disk.store.createUser({
    name: "Ann",
    permissions: ["market_data"],
    rateLimits: { orders_per_second: 5, burst_limit: 2 },
    accountNumber: 7,
  });
  const ann = await disk.store.createKey(1);
  const reader = await disk.store.createKey(1, {
    permissions: ["market_data"],
    expiresAt: SOON_MS,
  });
  await disk.store.revokeKey(reader.api_key);
  const users = disk.store.users();
  const keys = disk.store.keysOf(1);

  const createdAt = expect.any(Number);
  expect(users).toEqual([
    {
      number: 1,
      name: "Ann",
      permissions: ["trade", "market_data"],
      rateLimits: {},
      accounts: [1],
      createdAt,
      disabledAt: null,
    },
    {
      number: 2,
      name: "Ann",
      permissions: ["market_data"],
      rateLimits: { orders_per_second: 5, burst_limit: 2 },
      accounts: [7],
      createdAt,
      disabledAt: null,
    },
  ]);
  expect(keys.find((key) => key.apiKey === ann.api_key)).toEqual({
    apiKey: ann.api_key,
    userNumber: 1,
    permissions: ["trade", "market_data"],
    createdAt,
    expiresAt: null,
    revokedAt: null,
    allowedAddresses: [],
    account: null,
  });
  const ended = keys.find((key) => key.apiKey === reader.api_key);
  expect(ended?.permissions).toEqual(["market_data"]);
  expect(ended?.expiresAt).toBe(SOON_MS);
  expect(ended?.revokedAt).toBeGreaterThanOrEqual(before);

  await disk.restart();
  expect(disk.store.users()).toEqual(users);
  expect(new Set(disk.store.keysOf(1))).toEqual(new Set(keys));
  expect(disk.store.takeUserNumber()).toBe(3);
  expect(disk.store.verifySecret(ann.api_key, ann.api_secret, before).ok).toBe(true);
});

test("a login with the right secret gives the user and the key", async () => {
  const user = await disk.store.createUser(ANN);
  const { api_key, api_secret } = await disk.store.createKey(1);
  expect(api_key).toMatch(/^ak_[0-9a-f]{24}$/);
  expect(api_secret).toMatch(/^sk_[0-9a-f]{64}$/);
  const [key] = disk.store.keysOf(1);
  expect(disk.store.verifySecret(api_key, api_secret, 0)).toEqual({
    ok: true,
    user,
    key: key as ApiKey,
  });
});

test("an unknown key and a wrong secret get one answer", async () => {
  await disk.store.createUser(ANN);
  const { api_key, api_secret } = await disk.store.createKey(1);
  const other = await disk.store.createKey(1);
  const refused = { ok: false, code: 40101 } as const;
  expect(disk.store.verifySecret(api_key, other.api_secret, 0)).toEqual(refused);
  expect(disk.store.verifySecret(api_key, "", 0)).toEqual(refused);
  expect(disk.store.verifySecret(api_key, `${api_secret} `, 0)).toEqual(refused);
  expect(disk.store.verifySecret("ak_000000000000000000000000", api_secret, 0)).toEqual(refused);
  expect(disk.store.verifySecret("", "", 0)).toEqual(refused);
});

test("a login with a right signature gives the user and the key, and nothing else does", async () => {
  const user = await disk.store.createUser(ANN);
  const { api_key, api_secret } = await disk.store.createKey(1);
  const other = await disk.store.createKey(1);
  const [key] = disk.store.keysOf(1);
  const verify = (text: string, signature: string, apiKey = api_key) =>
    disk.store.verifySignature(apiKey, text, signature, 0);
  const right = hmac(api_secret, "text");
  const accepted = { ok: true as const, user, key: key as ApiKey };
  expect(verify("text", right)).toEqual(accepted);
  expect(verify("text", right.toUpperCase())).toEqual(accepted);
  const refused = { ok: false, code: 40101 } as const;
  expect(verify("texts", right)).toEqual(refused);
  expect(verify("text", right, other.api_key)).toEqual(refused);
  expect(verify("text", right, "unknown")).toEqual(refused);
  for (const wrong of [
    hmac(other.api_secret, "text"),
    hmac(api_key, "text"),
    hmac("", "text"),
    right.slice(2),
    `${right}00`,
    "",
    "x".repeat(64),
    "0".repeat(64),
  ]) {
    expect(verify("text", wrong)).toEqual(refused);
  }
  await disk.restart();
  expect(verify("text", right)).toEqual(accepted);
});

test("the file does not reveal the keys that signatures are checked with, and the sealed one of a key does not fit another key", async () => {
  await disk.store.createUser(ANN);
  const keys = [await disk.store.createKey(1), await disk.store.createKey(1)];
  await disk.store.close();
  const bytes = readFileSync(disk.path);
  for (const { api_secret } of keys) {
    const signingKey = signingKeyOf(api_secret);
    expect(bytes.includes(signingKey)).toBe(false);
    expect(bytes.includes(signingKey.toString("hex"))).toBe(false);
  }
  // Who can write the file but has not its key puts the one's sealed key in the place of the other's.
  const sql = new SQL({ adapter: "sqlite", filename: disk.path });
  await sql`UPDATE api_keys SET signing_key = (SELECT signing_key FROM api_keys WHERE api_key = ${keys[0].api_key})`;
  await sql.close();
  await disk.open();
  const verify = ({ api_key, api_secret }: Credentials) =>
    disk.store.verifySignature(api_key, "text", hmac(api_secret, "text"), 0).ok;
  expect(keys.map(verify)).toEqual([true, false]);
  const { api_key } = keys[1];
  const forged = hmac(keys[0].api_secret, "text");
  expect(disk.store.verifySignature(api_key, "text", forged, 0).ok).toBe(false);
});

test("keys of a file of version 1 log in with their secret, and sign after they have done so", async () => {
  await disk.store.createUser(ANN);
  const { api_key, api_secret } = await disk.store.createKey(1);
  await disk.store.close();
  const sql = new SQL({ adapter: "sqlite", filename: disk.path });
  await sql`ALTER TABLE users DROP COLUMN disabled_at`;
  await sql`ALTER TABLE api_keys DROP COLUMN signing_key`;
  await sql`ALTER TABLE api_keys DROP COLUMN allowed_addresses`;
  await sql`ALTER TABLE api_keys DROP COLUMN account_number`;
  await sql`DROP TABLE passwords`;
  await sql`DROP TABLE sessions`;
  await sql`DROP TABLE session_keys`;
  await sql`DELETE FROM schema_migrations WHERE version > 1`;
  await sql.close();
  await disk.open();
  expect(disk.store.keysWithoutSignature).toBe(1);
  const sign = () => disk.store.verifySignature(api_key, "text", hmac(api_secret, "text"), 0);
  const refused = { ok: false, code: 40101 } as const;
  expect(sign()).toEqual(refused);
  expect(disk.store.verifySecret(api_key, "wrong", 0)).toEqual(refused);
  await disk.restart();
  expect(disk.store.keysWithoutSignature).toBe(1);
  expect(disk.store.verifySecret(api_key, api_secret, 0).ok).toBe(true);
  expect(disk.store.verifySecret(api_key, api_secret, 0).ok).toBe(true);
  await disk.restart();
  expect(disk.store.keysWithoutSignature).toBe(0);
  expect(sign().ok).toBe(true);
});

test("a key of one account stays that over a restart, and keys of a file of version 4 are of all accounts", async () => {
  await disk.store.createUser(ANN);
  await disk.store.addAccount(1, 8);
  const [bound, free] = [
    await disk.store.createKey(1, { account: 8 }),
    await disk.store.createKey(1),
  ];
  const accounts = () =>
    [bound, free].map(
      ({ api_key }) => disk.store.keysOf(1).find((key) => key.apiKey === api_key)?.account,
    );
  expect(accounts()).toEqual([8, null]);
  await disk.restart();
  expect(accounts()).toEqual([8, null]);
  await expect(disk.store.createKey(1, { account: 9 })).rejects.toThrow(
    "usr_1 does not have acc_9",
  );

  await disk.store.close();
  const sql = new SQL({ adapter: "sqlite", filename: disk.path });
  await sql`ALTER TABLE api_keys DROP COLUMN account_number`;
  await sql`DELETE FROM schema_migrations WHERE version > 4`;
  await sql.close();
  await disk.open();
  expect(accounts()).toEqual([null, null]);
  const { api_key, api_secret } = bound;
  expect(disk.store.verifySecret(api_key, api_secret, 0).ok).toBe(true);
});

test("without the key that they were sealed with, keys log in with their secret first", async () => {
  await disk.store.createUser(ANN);
  const { api_key, api_secret } = await disk.store.createKey(1);
  await disk.store.close();
  const identityKey = join(disk.directory, IDENTITY_KEY_FILE);
  expect(statSync(identityKey).mode & 0o777).toBe(0o600);
  rmSync(identityKey);
  await disk.open();
  expect(disk.store.keysWithoutSignature).toBe(1);
  expect(disk.store.verifySignature(api_key, "text", hmac(api_secret, "text"), 0).ok).toBe(false);
  expect(disk.store.verifySecret(api_key, api_secret, 0).ok).toBe(true);
  await disk.restart();
  expect(disk.store.verifySignature(api_key, "text", hmac(api_secret, "text"), 0).ok).toBe(true);

  await disk.store.close();
  writeFileSync(identityKey, "");
  await expect(IdentityStore.open(disk.path)).rejects.toThrow(
    `${identityKey} is not a key: expected 64 hexadecimal digits`,
  );
  rmSync(identityKey);
  await disk.open();
});

test("a key's expiry can be set and removed, and listeners are told", async () => {
  await disk.store.createUser(ANN);
  const { api_key, api_secret } = await disk.store.createKey(1);
  const heard: (number | null)[] = [];
  disk.store.onKeyChanged((key) => heard.push(key.expiresAt));
  expect((await disk.store.expireKey(api_key, 500))?.expiresAt).toBe(500);
  expect((await disk.store.expireKey(api_key, 500))?.expiresAt).toBe(500);
  expect(disk.store.verifySecret(api_key, api_secret, 500)).toEqual({ ok: false, code: 40102 });
  await disk.restart();
  expect(disk.store.verifySecret(api_key, api_secret, 500)).toEqual({ ok: false, code: 40102 });
  expect((await disk.store.expireKey(api_key, null))?.expiresAt).toBeNull();
  expect(disk.store.verifySecret(api_key, api_secret, 500).ok).toBe(true);
  expect(heard).toEqual([500]);
  expect(await disk.store.expireKey("ak_unknown", 1)).toBeNull();
});

test("no key of a disabled user logs in until he is enabled", async () => {
  await disk.store.createUser(ANN);
  await disk.store.createUser({ ...ANN, accountNumber: 2 });
  const [one, two, others] = [
    await disk.store.createKey(1),
    await disk.store.createKey(1),
    await disk.store.createKey(2),
  ];
  const heard: [number, boolean][] = [];
  disk.store.onUserChanged(({ number, disabledAt }) => heard.push([number, disabledAt !== null]));
  expect((await disk.store.setDisabled(1, true))?.disabledAt).toBeNumber();
  await disk.store.setDisabled(1, true);
  const logsIn = ({ api_key, api_secret }: Credentials) =>
    disk.store.verifySecret(api_key, api_secret, 0).ok;
  expect([one, two, others].map(logsIn)).toEqual([false, false, true]);
  expect(disk.store.verifySecret(one.api_key, one.api_secret, 0)).toEqual({
    ok: false,
    code: 40102,
  });
  expect(disk.store.verifySecret(one.api_key, "wrong", 0)).toEqual({ ok: false, code: 40101 });
  expect(heard).toEqual([[1, true]]);
  await disk.restart();
  expect([one, two, others].map(logsIn)).toEqual([false, false, true]);
  expect((await disk.store.setDisabled(1, false))?.disabledAt).toBeNull();
  expect([one, two, others].map(logsIn)).toEqual([true, true, true]);
  expect(await disk.store.setDisabled(9, true)).toBeNull();
});

describe("when the disk refuses writes", () => {
  const refuse = async (sql: SQL): Promise<void> => {
    for (const table of ["users", "api_keys", "sessions", "passwords"]) {
      await sql.unsafe(`CREATE TRIGGER full_${table} BEFORE UPDATE ON ${table}
        BEGIN SELECT RAISE(ABORT, 'disk full'); END`);
    }
  };
  const accept = async (sql: SQL): Promise<void> => {
    for (const table of ["users", "api_keys", "sessions", "passwords"]) {
      await sql.unsafe(`DROP TRIGGER full_${table}`);
    }
  };
  const refusal = (done: string) =>
    new UntilRestart(done, { cause: expect.objectContaining({ message: "disk full" }) });

  test("a user is disabled until a restart, and for good once the disk takes it", async () => {
    await disk.store.createUser(ANN);
    const { api_key, api_secret } = await disk.store.createKey(1);
    const session = await disk.store.beginSession(1, api_key, 0, SOON_MS);
    if (session === null) throw new Error("no session");
    const heard: boolean[] = [];
    disk.store.onUserChanged(({ disabledAt }) => heard.push(disabledAt !== null));
    const works = () => {
      const kept = disk.store.sessions.get(session.id);
      return [
        disk.store.verifySecret(api_key, api_secret, 0).ok,
        kept !== undefined && disk.store.ownerOf(kept, 0) !== null,
      ];
    };
    await using sql = new SQL({ adapter: "sqlite", filename: disk.path });
    await refuse(sql);
    const stopped = refusal("usr_1 is disabled");
    await expect(disk.store.setDisabled(1, true)).rejects.toEqual(stopped);
    await expect(disk.store.setDisabled(1, true)).rejects.toEqual(stopped);
    expect([works(), heard]).toEqual([[false, false], [true]]);
    await expect(disk.store.setDisabled(1, false)).rejects.toThrow("disk full");
    expect(works()).toEqual([false, false]);
    await disk.restart();
    expect(works()).toEqual([true, true]);

    await expect(disk.store.setDisabled(1, true)).rejects.toEqual(stopped);
    await accept(sql);
    expect((await disk.store.setDisabled(1, true))?.disabledAt).toBeNumber();
    await disk.restart();
    expect(works()).toEqual([false, false]);
    await disk.store.setDisabled(1, false);
    // His sessions ended.
    expect(works()).toEqual([true, false]);
  });

  test("a key and its sessions can be ended, but its expiry cannot be extended", async () => {
    await disk.store.createUser(ANN);
    const revoked = await disk.store.createKey(1);
    const expired = await disk.store.createKey(1, { expiresAt: SOON_MS });
    const keys = [revoked, expired];
    for (const { api_key } of keys) await disk.store.beginSession(1, api_key, 0, SOON_MS);
    const heard: string[] = [];
    disk.store.onKeyChanged(({ apiKey }) => heard.push(apiKey));
    const works = () =>
      keys.map(({ api_key, api_secret }) => {
        const session = disk.store.sessions.of(1).find(({ apiKey }) => apiKey === api_key);
        const owner = session && disk.store.ownerOf(session, 7);
        return [disk.store.verifySecret(api_key, api_secret, 7).ok, owner?.key?.apiKey === api_key];
      });
    await using sql = new SQL({ adapter: "sqlite", filename: disk.path });
    await refuse(sql);
    const revoke = () => disk.store.revokeKey(revoked.api_key);
    const expire = (at: number | null) => disk.store.expireKey(expired.api_key, at);
    const gone = refusal(`The key ${revoked.api_key} is revoked`);
    const ended = refusal(`The end of the key ${expired.api_key} is set`);
    for (const end of [SOON_MS + 1, null]) await expect(expire(end)).rejects.toThrow("disk full");
    expect([works(), heard]).toEqual([
      [
        [true, true],
        [true, true],
      ],
      [],
    ]);
    await expect(revoke()).rejects.toEqual(gone);
    await expect(revoke()).rejects.toEqual(gone);
    await expect(expire(5)).rejects.toEqual(ended);
    await expect(expire(5)).rejects.toEqual(ended);
    const none = [
      [false, false],
      [false, false],
    ];
    expect([works(), heard]).toEqual([none, [revoked.api_key, expired.api_key]]);
    await expect(expire(null)).rejects.toThrow("disk full");
    expect(works()).toEqual(none);
    await disk.restart();
    expect(works()).toEqual([
      [true, true],
      [true, true],
    ]);

    await expect(revoke()).rejects.toEqual(gone);
    await expect(expire(5)).rejects.toEqual(ended);
    await accept(sql);
    // Whatever is written next brings what is owed with it.
    await disk.store.createKey(1);
    await disk.restart();
    expect(works()).toEqual([
      [false, false],
      [false, false],
    ]);
    await expire(null);
    // The session that began with it is the key's own affair.
    expect(works()[1]).toEqual([true, true]);
  });

  test("an old password and a session end, also when that cannot be written", async () => {
    const passwordHash = await disk.store.passwords.hashing.hash("first password", "home");
    await disk.store.createUser({ ...ANN, passwordHash });
    const kept = await disk.store.beginSession(1, null, 0, SOON_MS);
    const left = await disk.store.beginSession(1, null, 0, SOON_MS);
    if (kept === null || left === null) throw new Error("no session");
    const logsIn = (password: string) => disk.store.passwords.verify(ANN.name, password, "home");
    const hash = await disk.store.passwords.hashing.hash("second password", "home");
    const change = () => {
      const mark = disk.store.passwords.mark(1) as object;
      return disk.store.passwords.change(1, hash, mark, kept);
    };
    await using sql = new SQL({ adapter: "sqlite", filename: disk.path });
    await refuse(sql);
    await expect(change()).rejects.toEqual(refusal("The old password of usr_1 logs nobody in"));
    expect(disk.store.sessions.of(1)).toEqual([kept]);
    await sql`CREATE TRIGGER stays BEFORE DELETE ON sessions BEGIN SELECT RAISE(ABORT, 'disk full'); END`;
    await expect(disk.store.sessions.end(kept)).rejects.toEqual(refusal("The session has ended"));
    expect(disk.store.sessions.of(1)).toEqual([]);
    expect([await logsIn("first password"), await logsIn("second password")]).toEqual([null, 1]);
    await disk.restart();
    expect(disk.store.sessions.of(1).length).toBe(2);
    expect([await logsIn("first password"), await logsIn("second password")]).toEqual([1, null]);
  });
});

test("a login with an expired key and its right secret says that the key has expired", async () => {
  await disk.store.createUser(ANN);
  const { api_key, api_secret } = await disk.store.createKey(1, { expiresAt: SOON_MS });
  expect(disk.store.verifySecret(api_key, api_secret, SOON_MS - 1).ok).toBe(true);
  expect(disk.store.verifySecret(api_key, api_secret, SOON_MS)).toEqual({ ok: false, code: 40102 });
  expect(disk.store.verifySecret(api_key, "wrong", SOON_MS)).toEqual({ ok: false, code: 40101 });
});

test("a revoked key ends at once, once, and for good", async () => {
  await disk.store.createUser(ANN);
  const { api_key, api_secret } = await disk.store.createKey(1);
  const kept = await disk.store.createKey(1);
  const heard: ApiKey[] = [];
  disk.store.onKeyChanged((key) => {
    // The session is closed when the key has stopped working, not before.
    expect(disk.store.verifySecret(api_key, api_secret, 0)).toEqual({ ok: false, code: 40102 });
    heard.push(key);
  });
  const revoked = await disk.store.revokeKey(api_key);
  expect(await disk.store.revokeKey(api_key)).toEqual(revoked);
  expect(heard).toEqual([revoked as ApiKey]);
  expect(disk.store.verifySecret(api_key, "wrong", 0)).toEqual({ ok: false, code: 40101 });
  expect(disk.store.verifySecret(kept.api_key, kept.api_secret, 0).ok).toBe(true);
  expect(await disk.store.revokeKey("ak_unknown")).toBeNull();
  await disk.restart();
  expect(disk.store.verifySecret(api_key, api_secret, 0)).toEqual({ ok: false, code: 40102 });
});

test("a key never has more permissions than its user", async () => {
  await disk.store.createUser(ANN);
  await expect(disk.store.createKey(1, { permissions: ["trade", "admin"] })).rejects.toThrow(
    new IdentityStoreError("usr_1 does not have permission admin"),
  );
  await expect(disk.store.createKey(2)).rejects.toThrow(new IdentityStoreError("no user usr_2"));
  await disk.restart();
  expect(disk.store.keysOf(1)).toEqual([]);
});

test("what the file refuses does not change the memory", async () => {
  await disk.store.createUser(ANN);
  const again = await disk.store.createUser({ ...ANN, name: "Bob" }).catch((error: Error) => error);
  expect(again).toBeInstanceOf(Error);
  expect(disk.store.users().map((user) => user.name)).toEqual(["Ann"]);
  const bob = await disk.store.createUser({ ...ANN, name: "Bob", accountNumber: 2 });
  expect(bob.number).toBe(3);
  await disk.restart();
  expect(disk.store.users().map((user) => user.name)).toEqual(["Ann", "Bob"]);
});

test("users created at the same time get consecutive numbers", async () => {
  const created = await Promise.all(
    [1, 2, 3, 4].map((accountNumber) => disk.store.createUser({ ...ANN, accountNumber })),
  );
  expect(created.map((user) => user.number)).toEqual([1, 2, 3, 4]);
});

test("only the owner can read the file, and it has no secrets", async () => {
  await disk.store.createUser(ANN);
  const { api_key, api_secret } = await disk.store.createKey(1);
  await disk.store.close();
  expect(statSync(disk.path).mode & 0o777).toBe(0o600);
  const bytes = readFileSync(disk.path);
  expect(bytes.includes(api_key)).toBe(true);
  expect(bytes.includes(api_secret.slice(3))).toBe(false);
  expect(bytes.includes(Buffer.from(api_secret.slice(3), "hex"))).toBe(false);
  expect(readdirSync(join(disk.directory)).sort()).toEqual([IDENTITY_KEY_FILE, IDENTITY_FILE]);
  chmodSync(disk.path, 0o644);
  await disk.open();
  expect(statSync(disk.path).mode & 0o777).toBe(0o600);
});

test("a file of a newer version or of another program is refused with an error that names it", async () => {
  await disk.store.close();
  const sql = new SQL({ adapter: "sqlite", filename: disk.path });
  await sql`INSERT INTO schema_migrations (version, name, applied_at) VALUES (99, 'later', 0)`;
  await sql.close();
  const newer = await IdentityStore.open(disk.path).catch((error: Error) => error.message);
  expect(newer).toBe(
    `${disk.path}: cannot open the identity store: it has schema version 99, ` +
      "and this program knows 5 at most: start the newer program",
  );
  writeFileSync(disk.path, "no database ".repeat(100));
  const foreign = await IdentityStore.open(disk.path).catch((error: Error) => error.message);
  expect(foreign).toBe(`${disk.path}: cannot open the identity store: file is not a database`);
  rmSync(disk.path);
  await disk.open();
  expect(disk.store.users()).toEqual([]);
});

test("user ids", () => {
  expect(["usr_1", "usr_42", "usr_0", "usr_01", "usr_", "acc_1", "1"].map(userNumber)).toEqual([
    1, 42, 0, 0, 0, 0, 0,
  ]);
});

test("a user number is never given twice, also not one of the journal or of a user who was not created", async () => {
  await disk.store.createUser(ANN);
  expect([disk.store.takeUserNumber(), disk.store.takeUserNumber()]).toEqual([2, 3]);
  const late = await disk.store.createUser({ ...ANN, number: 3, accountNumber: 3 });
  const early = await disk.store.createUser({ ...ANN, number: 2, accountNumber: 2 });
  expect([late.number, early.number]).toEqual([3, 2]);
  expect(disk.store.users().map(({ number }) => number)).toEqual([1, 2, 3]);

  await disk.store.close();
  await disk.open(9);
  const next = await disk.store.createUser({ ...ANN, accountNumber: 10 });
  expect([next.number, disk.store.takeUserNumber()]).toEqual([10, 11]);
});

test("a missing file while the journal knows users stops the start, and is not created", async () => {
  const missing = join(disk.outer, IDENTITY_FILE);
  await expect(IdentityStore.open(missing, 7)).rejects.toThrow(
    new IdentityStoreError(
      `${missing} is missing, and the journal knows users up to usr_7. Move away what is left beside it (-wal, ` +
        "-wal.kept, -shm), and put it back from a backup or an archive. If it " +
        "is lost for good, make it as an empty file: accounts stay, without users, and the numbers of those users " +
        "are not given to others",
    ),
  );
  expect(readdirSync(disk.outer)).toEqual(["inner"]);

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

test("a file with users fits the exchanges that used it, and no others", async () => {
  const path = join(disk.outer, IDENTITY_FILE);
  const ofBefore = await IdentityStore.open(path);
  await ofBefore.belongTo("none");
  // Nobody's are on it yet.
  expect(ofBefore.isForeignTo("one")).toBe(false);
  await ofBefore.belongTo("one");
  await ofBefore.createUser(ANN);
  await ofBefore.close();
  const store = await IdentityStore.open(path);
  expect(["one", "two", "none"].map((each) => store.isForeignTo(each))).toEqual([
    false,
    true,
    true,
  ]);
  // A new journal took the place of one that was not there, and that one comes back.
  await store.belongTo("two");
  await store.close();
  const after = await IdentityStore.open(path);
  expect(["one", "two", "three"].map((each) => after.isForeignTo(each))).toEqual([
    false,
    false,
    true,
  ]);
  await after.close();
});
