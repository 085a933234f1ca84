import { beforeEach, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { SQL } from "bun";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { IDENTITY_KEY_FILE } from "../../src/identity/identity-key.ts";
import type { IdentityStore } from "../../src/identity/identity-store.ts";
import type { TokenSession } from "../../src/identity/token-session.ts";
import { UntilRestart } from "../../src/lib/until-restart.ts";
import { StoreOnDisk } from "./store-on-disk.ts";

const DAY = 86_400_000;

const disk = new StoreOnDisk();
let apiKey: string;
/** The store reads what is not over now. */
let now: number;

beforeEach(async () => {
  await disk.store.createUser({ name: "Ann", permissions: ["trade"], accountNumber: 1 });
  await disk.store.createUser({ name: "Bob", permissions: ["trade"], accountNumber: 2 });
  apiKey = (await disk.store.createKey(1)).api_key;
  now = Date.now();
});

const begin = (at = now, expiresAt = at + DAY): Promise<TokenSession> =>
  begun(1, apiKey, at, expiresAt);
const begun = async (...session: Parameters<IdentityStore["beginSession"]>) =>
  (await disk.store.beginSession(...session)) as TokenSession;
const markOf = (user: number) => disk.store.passwords.mark(user) as object;

test("a token names its session, also after a restart, until the session ends", async () => {
  const session = await begin();
  const token = await disk.store.tokens.issue(session);
  expect(decodeProtectedHeader(token)).toEqual({
    alg: "EdDSA",
    kid: expect.any(String),
    typ: "JWT",
  });
  expect(decodeJwt(token)).toEqual({
    iss: "waiver",
    aud: "waiver",
    sub: "usr_1",
    jti: session.id,
    iat: Math.floor(now / 1000),
    exp: Math.floor((now + DAY) / 1000),
  });
  expect(await disk.store.tokens.read(token)).toEqual(session);
  // The second time nothing has to be computed.
  expect(disk.store.tokens.read(token)).toEqual(session);
  await disk.restart();
  expect(await disk.store.tokens.read(token)).toEqual(session);
  await disk.store.sessions.end(session);
  await disk.store.sessions.end(session);
  expect(await disk.store.tokens.read(token)).toBe("ended");
  await disk.restart();
  expect(await disk.store.tokens.read(token)).toBe("ended");
});

test("a token has only one valid spelling, and is short", async () => {
  const token = await disk.store.tokens.issue(await begin());
  const [head, body, signature = ""] = token.split(".");
  // 64 bytes end in two characters, of which the last says four bits that are none.
  const loose = signature.slice(0, -1) + String.fromCharCode(signature.charCodeAt(85) + 1);
  for (const other of [
    `${token} `,
    `${token}==`,
    `${head}.${body} .${signature}`,
    `${head}.\t${body}.${signature}`,
    `${head}.${body}.${loose}`,
    `${head}.${body}`,
    `${head}.${body}.`,
    `${token}.${signature}`,
    `${head}.${body}.${signature}${"AAAA".repeat(256)}`,
  ]) {
    expect(disk.store.tokens.read(other)).toBe("foreign");
  }
  expect(await disk.store.tokens.read(token)).toBeObject();
  const forged = `${head}.${body}.${"A".repeat(86)}`;
  expect(await disk.store.tokens.read(forged)).toBe("foreign");
});

test("ended sessions are forgotten at a start", async () => {
  const over = await begin(now - DAY, now - 1);
  const good = await begin();
  await disk.restart();
  expect(disk.store.sessions.of(1)).toEqual([good]);
  expect(disk.store.sessions.get(over.id)).toBeUndefined();
});

test("a user has at most 64 sessions: one more ends the oldest one, and forgets ended ones", async () => {
  const heard: string[] = [];
  disk.store.sessions.onEnded(({ id }) => heard.push(id));
  const over = await begin(now - DAY, now);
  const sessions = await Promise.all(Array.from({ length: 66 }, (_, i) => begin(now + i)));
  expect(heard).toEqual([over.id, sessions[0]?.id, sessions[1]?.id] as string[]);
  expect(disk.store.sessions.of(1)).toEqual(sessions.slice(2));
  await disk.restart();
  expect(disk.store.sessions.of(1)).toEqual(sessions.slice(2));
});

test("sessions of a file of version 3 stay, and new ones may begin without a key", async () => {
  const session = await begin();
  await disk.store.close();
  const sql = new SQL({ adapter: "sqlite", filename: disk.path });
  await sql`DROP TABLE passwords`;
  await sql`ALTER TABLE api_keys DROP COLUMN account_number`;
  await sql`ALTER TABLE sessions RENAME TO later`;
  await sql`CREATE TABLE sessions (id TEXT NOT NULL PRIMARY KEY,
    user_number INTEGER NOT NULL REFERENCES users (number),
    api_key TEXT NOT NULL REFERENCES api_keys (api_key),
    created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL)`;
  await sql`INSERT INTO sessions SELECT * FROM later`;
  await sql`DROP TABLE later`;
  await sql`DELETE FROM schema_migrations WHERE version > 3`;
  await sql.close();
  await disk.open();
  const mine = await begun(1, null, now + 1, now + DAY);
  expect(disk.store.ownerOf(mine, now)).toMatchObject({ user: { number: 1 }, key: null });
  await disk.restart();
  expect(disk.store.sessions.of(1)).toEqual([session, mine]);
});

test("a changed password ends the other sessions of its user, and only a session that has not ended can change it", async () => {
  const hash = await disk.store.passwords.hashing.hash("first password", "home");
  await disk.store.createUser({
    ...{ name: "Cat", permissions: ["trade"], accountNumber: 3, passwordHash: hash },
  });
  const cats = () => begun(3, null, now, now + DAY);
  const [kept, other, bobs] = [await cats(), await cats(), await begin()];
  const next = await disk.store.passwords.hashing.hash("second password", "home");
  const mark = markOf(3);
  expect(await disk.store.passwords.change(3, next, mark, kept)).toBe(true);
  expect([disk.store.sessions.of(3), disk.store.sessions.of(1)]).toEqual([[kept], [bobs]]);
  expect(await disk.store.passwords.change(3, hash, markOf(3), other)).toBe(false);
  expect(await disk.store.passwords.change(3, hash, mark, kept)).toBe(false);
  expect(await disk.store.passwords.change(1, hash, mark, bobs)).toBe(false);
  await disk.restart();
  expect(await disk.store.passwords.verify("CAT", "first password", "home")).toBeNull();
  expect(await disk.store.passwords.verify("cat", "second password", "home")).toBe(3);
  expect([disk.store.isNameTaken("cAt"), disk.store.isNameTaken("dog")]).toEqual([true, false]);
  // Whoever has the name has the password.
  const twin = {
    name: "cat",
    permissions: ["trade"] as const,
    accountNumber: 4,
    passwordHash: hash,
  };
  await expect(disk.store.createUser(twin)).rejects.toThrow("UNIQUE");
});

test("a login with a password that is changed meanwhile is refused", async () => {
  const hash = await disk.store.passwords.hashing.hash("first password", "home");
  await disk.store.createUser({
    ...{ name: "Cat", permissions: ["trade"], accountNumber: 3, passwordHash: hash },
  });
  const kept = await begun(3, null, now, now + DAY);
  const next = await disk.store.passwords.hashing.hash("second password", "home");
  const settled: string[] = [];
  const note = (what: string) => () => void settled.push(what);
  // Many hashes are before it in the queue, so that the change is quicker.
  const others = Array.from({ length: 7 }, () =>
    disk.store.passwords.hashing.hash("of others", "home"),
  );
  const shown = disk.store.passwords.verify("cat", "first password", "home");
  void shown.then(note("shown"));
  const changed = disk.store.passwords.change(3, next, markOf(3), kept);
  void changed.then(note("changed"));
  const late = disk.store.beginSession(3, null, now, now + DAY);
  expect([await changed, await late, await shown]).toEqual([true, null, null]);
  expect([settled, disk.store.sessions.of(3)]).toEqual([["changed", "shown"], [kept]]);
  await Promise.all(others);
});

test("sessions end with their key and their user, at once and for good", async () => {
  const other = (await disk.store.createKey(1)).api_key;
  const others = await begun(1, other, now, now + DAY);
  const session = await begin();
  const heard: string[] = [];
  disk.store.sessions.onEnded(({ id }) => heard.push(id));
  expect(disk.store.ownerOf(session, now)?.key?.apiKey).toBe(apiKey);
  expect(disk.store.ownerOf(session, now + DAY)).toBeNull();
  await disk.store.revokeKey(apiKey);
  expect(heard).toEqual([session.id]);
  expect(disk.store.ownerOf(session, now)).toBeNull();
  expect(disk.store.sessions.of(1)).toEqual([others]);
  await disk.store.setDisabled(1, true);
  await disk.store.setDisabled(1, false);
  expect(heard).toEqual([session.id, others.id]);
  await disk.restart();
  expect(disk.store.sessions.of(1)).toEqual([]);
});

test("what ends sessions is written together with their end, or not at all", async () => {
  const passwordHash = await disk.store.passwords.hashing.hash("first password", "home");
  const cat = { name: "Cat", permissions: ["trade"] as const, accountNumber: 3, passwordHash };
  await disk.store.createUser(cat);
  const [cats, session] = [await begun(3, null, now, now + DAY), await begin()];
  const sql = new SQL({ adapter: "sqlite", filename: disk.path });
  await sql`CREATE TRIGGER full BEFORE DELETE ON sessions BEGIN SELECT RAISE(ABORT, 'disk full'); END`;
  const next = await disk.store.passwords.hashing.hash("second password", "home");
  // The one that is over makes room for the new one, which is not there without.
  const late = disk.store.beginSession(3, null, now + DAY, now + 2 * DAY);
  await expect(late).rejects.toThrow("disk full");
  expect(disk.store.sessions.of(3)).toEqual([cats]);
  const ends = [
    () => disk.store.passwords.change(3, next, markOf(3), null),
    () => disk.store.revokeKey(apiKey),
    () => disk.store.setDisabled(1, true),
  ];
  for (const end of ends) await expect(end()).rejects.toBeInstanceOf(UntilRestart);
  const sees = async () => [
    disk.store.key(apiKey)?.revokedAt,
    disk.store.user(1)?.disabledAt,
    await disk.store.passwords.verify("cat", "first password", "home"),
    disk.store.sessions.of(1),
    disk.store.sessions.of(3),
  ];
  // In memory all of it has ended, in the file nothing.
  const [at, not] = [expect.any(Number), null];
  expect(await sees()).toEqual([at, at, null, [], []]);
  await sql.close();
  await disk.restart();
  expect(await sees()).toEqual([not, not, 3, [session], [cats]]);
});

test("no session begins while its user is being disabled, and he has none when he is enabled again", async () => {
  const disabled = disk.store.setDisabled(1, true);
  const late = disk.store.beginSession(1, apiKey, now, now + DAY);
  expect([(await disabled)?.disabledAt, await late]).toEqual([expect.any(Number), null]);
  await disk.store.setDisabled(1, false);
  expect(disk.store.sessions.of(1)).toEqual([]);
});

test("a session that has ended meanwhile is not valid", async () => {
  const session = await begin();
  const [key] = disk.store.keysOf(1);
  const [user] = disk.store.users();
  if (key === undefined || user === undefined) throw new Error("no key");
  const stands = (at = now) => [
    disk.store.stands(user, key, session, at),
    disk.store.stands(user, key, null, at),
    disk.store.stands(user, null, null, at),
  ];
  expect(stands()).toEqual([true, true, true]);
  await disk.store.sessions.end(session);
  expect(stands()).toEqual([false, true, true]);
  await disk.store.expireKey(apiKey, now + 1);
  expect([stands(), stands(now + 1)]).toEqual([
    [false, true, true],
    [false, false, true],
  ]);
  await disk.store.setDisabled(1, true);
  expect(stands()).toEqual([false, false, false]);
});

test("signing keys change daily, and tokens of an old one are valid as long as a session may last", async () => {
  const bobsKey = (await disk.store.createKey(2)).api_key;
  const kidOf = async (at: number, user = 1) => {
    const key = user === 1 ? apiKey : bobsKey;
    const session = await begun(user, key, at, at + 30 * DAY);
    const token = await disk.store.tokens.issue(session);
    return { token, session, kid: decodeProtectedHeader(token).kid };
  };
  const first = await kidOf(now);
  const sameDay = await kidOf(now + DAY - 1);
  const nextDay = await kidOf(now + DAY);
  expect([sameDay.kid === first.kid, nextDay.kid === first.kid]).toEqual([true, false]);
  await disk.restart();
  for (const { token, session } of [first, nextDay]) {
    expect(await disk.store.tokens.read(token)).toEqual(session);
  }
  await kidOf(now + 31 * DAY, 2);
  await disk.restart();
  expect(await disk.store.tokens.read(first.token)).toEqual(first.session);
  await kidOf(now + 32 * DAY, 2);
  await disk.restart();
  expect(await disk.store.tokens.read(first.token)).toBe("foreign");
  expect(await disk.store.tokens.read(nextDay.token)).toEqual(nextDay.session);
});

test("simultaneous requests make one signing key", async () => {
  const sessions = await Promise.all([begin(), begin(), begin()]);
  const tokens = await Promise.all(sessions.map((session) => disk.store.tokens.issue(session)));
  expect(new Set(tokens.map((token) => decodeProtectedHeader(token).kid)).size).toBe(1);
});

test("without the key that sealed the signing keys no token is valid", async () => {
  const token = await disk.store.tokens.issue(await begin());
  await disk.store.close();
  rmSync(join(disk.directory, IDENTITY_KEY_FILE));
  await disk.open();
  expect(await disk.store.tokens.read(token)).toBe("foreign");
  const session = await begin();
  expect(await disk.store.tokens.read(await disk.store.tokens.issue(session))).toEqual(session);
});
