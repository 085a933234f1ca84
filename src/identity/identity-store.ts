/**
 * Who may log in: users, the accounts they own, their API keys and passwords.
 *
 * ```
 *            writes                              reads
 *   createUser, createKey, revokeKey      verifySecret, user, users, …
 *              │                                    │ synchronous: a socket's
 *              ▼                                    ▼ handler never waits
 *     identity.sqlite  ── when on disk ──►   memory
 * ```
 *
 * What takes something away, such as `revokeKey`, changes memory first: a stolen key ends even when the disk fails.
 */

import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { SQL } from "bun";
import { Serial } from "../lib/serial.ts";
import { ErrorCode } from "../protocol/errors.ts";
import {
  type ApiKey,
  type Credentials,
  hasEnded,
  issueCredentials,
  type LoginResult,
  secretMatches,
  signatureMatches,
  signingKeyOf,
} from "./api-key.ts";
import { DecoyKeys } from "./decoy-keys.ts";
import { copyOf, type IdentityCopy } from "./identity-copy.ts";
import { IdentityFile } from "./identity-file.ts";
import { IdentityKey } from "./identity-key.ts";
import { IdentityStoreError } from "./identity-store-error.ts";
import {
  deleteExchanges,
  insertAccount,
  insertExchange,
  insertKey,
  insertUser,
  type StoredKey,
  selectExchanges,
  selectKeys,
  selectUsers,
  updateDisabled,
  updateExpiry,
  updateRateLimits,
  updateRevoked,
  updateSigningKey,
} from "./identity-tables.ts";
import { LoginNetworks } from "./login-networks.ts";
import { excessOf, type NewKey, type NewUser, storedKeyOf, userOf } from "./new-user.ts";
import { PasswordHashing } from "./passwords.ts";
import { SessionKeys } from "./session-keys.ts";
import { SessionTokens } from "./session-tokens.ts";
import type { TokenSession } from "./token-session.ts";
import { TokenSessions } from "./token-sessions.ts";
import { type RateLimits, type User, userId } from "./user.ts";
import { UserPasswords } from "./user-passwords.ts";

/** The store's file in the data directory. */
export const IDENTITY_FILE = "identity.sqlite";

interface StoreParts {
  file: IdentityFile;
  identityKey: IdentityKey;
  writes: Serial;
  sessions: TokenSessions;
  sessionKeys: SessionKeys;
  passwords: UserPasswords;
  loginNetworks: LoginNetworks;
  exchanges: Set<string>;
}

export class IdentityStore {
  readonly #file: IdentityFile;
  readonly #identityKey: IdentityKey;
  readonly #writes: Serial;
  readonly passwords: UserPasswords;
  readonly loginNetworks: LoginNetworks;
  readonly sessions: TokenSessions;
  readonly tokens: SessionTokens;
  readonly #users = new Map<number, User>();
  readonly #keys = new Map<string, StoredKey>();
  readonly #keyListeners: ((key: ApiKey) => void)[] = [];
  readonly #userListeners: ((user: User) => void)[] = [];
  /** Names of all users, in lower case. */
  readonly #names = new Set<string>();
  readonly #keysByUser = new Map<number, Set<string>>();
  readonly #decoys = new DecoyKeys();
  /** How many keys cannot log in with a signature yet, because only the hash of their secret is known. */
  keysWithoutSignature = 0;
  /** Ids of the exchanges whose journals have the accounts of these users; empty for a file of an older version. */
  readonly #exchanges: Set<string>;
  /** The highest number that was ever given to a user, here or in the journal. */
  #highestUser: number;

  private constructor(parts: StoreParts, highestUser: number) {
    this.#file = parts.file;
    this.#identityKey = parts.identityKey;
    this.#writes = parts.writes;
    this.passwords = parts.passwords;
    this.sessions = parts.sessions;
    this.loginNetworks = parts.loginNetworks;
    this.tokens = new SessionTokens(parts.sessionKeys, parts.sessions);
    this.#exchanges = parts.exchanges;
    this.#highestUser = highestUser;
  }

  /**
   * Opens the SQLite file at `path` and the key beside it, or makes them with mode 0600, and reads everything. `highestUser`
   * is the journal's highest user number (`highestUserOf`); when it is not 0, the file must be there. Rejects with
   * `IdentityStoreError` that names the file.
   */
  static async open(
    path: string,
    highestUser = 0,
    hashing = new PasswordHashing(),
  ): Promise<IdentityStore> {
    if (highestUser > 0 && !existsSync(path)) {
      throw new IdentityStoreError(
        `${path} is missing, and the journal knows users up to ${userId(highestUser)}. Move away what is left beside it ` +
          "(-wal, -wal.kept, -shm), and put it back from a backup or an archive. If it is lost for good, make it as an empty file: accounts stay, without users, and the numbers " +
          "of those users are not given to others",
      );
    }
    try {
      const file = await IdentityFile.open(path);
      try {
        const identityKey = await IdentityKey.open(dirname(path));
        return await IdentityStore.#load(file, identityKey, hashing, highestUser);
      } catch (error) {
        await file.close();
        throw error;
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new IdentityStoreError(`${path}: cannot open the identity store: ${reason}`, {
        cause: error,
      });
    }
  }

  static async #load(
    file: IdentityFile,
    identityKey: IdentityKey,
    hashing: PasswordHashing,
    highestUser: number,
  ): Promise<IdentityStore> {
    const { sql } = file;
    const writes = new Serial();
    const sessions = await TokenSessions.load(file, writes, Date.now());
    const sessionKeys = await SessionKeys.load(file, writes, identityKey);
    const store = new IdentityStore(
      {
        ...{ file, identityKey, writes, sessions, sessionKeys },
        passwords: await UserPasswords.load(sql, writes, sessions, hashing),
        loginNetworks: await LoginNetworks.load(file, writes),
        exchanges: new Set(await selectExchanges(sql)),
      },
      highestUser,
    );
    for (const user of await selectUsers(sql)) {
      store.#putUser(user);
      store.#highestUser = Math.max(store.#highestUser, user.number);
    }
    for (const stored of await selectKeys(sql, identityKey)) {
      store.#putKey(stored);
      if (stored.signingKey === null) store.keysWithoutSignature++;
    }
    return store;
  }

  #putUser(user: User): void {
    this.#users.set(user.number, user);
    this.#names.add(user.name.toLowerCase());
  }

  #putKey(stored: StoredKey): void {
    const { apiKey, userNumber } = stored.key;
    this.#keys.set(apiKey, stored);
    const own = this.#keysByUser.get(userNumber) ?? new Set();
    this.#keysByUser.set(userNumber, own.add(apiKey));
  }

  /** Whether the users of this file belong to another exchange. Every exchange numbers users and accounts from 1. */
  isForeignTo(exchange: string): boolean {
    return this.#users.size > 0 && this.#exchanges.size > 0 && !this.#exchanges.has(exchange);
  }

  /**
   * Notes that the file belongs to this exchange. If it has users, it keeps belonging to the exchanges before as well: when a
   * new journal was begun because the old one was missing, the old one may be put back later.
   */
  belongTo(exchange: string): Promise<void> {
    return this.#writes.run(async () => {
      if (this.#exchanges.has(exchange)) return;
      const isTaken = this.#users.size > 0;
      await this.#file.write(async (sql) => {
        if (!isTaken) await deleteExchanges(sql);
        await insertExchange(sql, exchange);
      });
      if (!isTaken) this.#exchanges.clear();
      this.#exchanges.add(exchange);
    });
  }

  /** A number for a new user. It was never given before, here or in the journal, not even to a user who was refused. */
  takeUserNumber(): number {
    return ++this.#highestUser;
  }

  user(number: number): User | undefined {
    return this.#users.get(number);
  }

  /** All users, by number. */
  users(): User[] {
    return [...this.#users.values()].sort((a, b) => a.number - b.number);
  }

  /** The user who owns an account; null when nobody does. */
  userOfAccount(account: number): User | null {
    return this.#users.values().find(({ accounts }) => accounts.includes(account)) ?? null;
  }

  /** A key, also one that has ended; undefined when there is no such key. */
  key(apiKey: string): ApiKey | undefined {
    return this.#keys.get(apiKey)?.key;
  }

  /** All keys of a user, the oldest first, also those that have ended. */
  keysOf(userNumber: number): ApiKey[] {
    const own = [...(this.#keysByUser.get(userNumber) ?? [])];
    return own.map((apiKey) => (this.#keys.get(apiKey) as StoredKey).key);
  }

  /** Whether a user has this name; upper and lower case do not differ. */
  isNameTaken(name: string): boolean {
    return this.#names.has(name.toLowerCase());
  }

  /**
   * Begins a session for a user who has just logged in with the key `apiKey` or, when that is null, with a password. Resolves
   * with null when the password was changed or the user was disabled before the session was written: both end the sessions
   * that are there, and this one must not escape.
   */
  beginSession(
    userNumber: number,
    apiKey: string | null,
    createdAt: number,
    expiresAt: number,
  ): Promise<TokenSession | null> {
    const mark = this.passwords.mark(userNumber);
    const stands = (): boolean =>
      this.passwords.mark(userNumber) === mark && this.#users.get(userNumber)?.disabledAt === null;
    return this.sessions.begin(userNumber, apiKey, createdAt, expiresAt, stands);
  }

  /**
   * Creates a user who owns one account. Rejects when the account has an owner already, or when a user with this name has a
   * password and this one is to have one too.
   */
  createUser(newUser: NewUser): Promise<User> {
    return this.#writes.run(async () => {
      const user = userOf(newUser, newUser.number ?? this.takeUserNumber());
      const { passwordHash: hash } = newUser;
      const { number: userNumber, createdAt: changedAt } = user;
      const loginName = user.name.toLowerCase();
      const password = hash === undefined ? undefined : { userNumber, loginName, hash, changedAt };
      await this.#file.write((sql) => insertUser(sql, user, password));
      this.#putUser(user);
      if (password !== undefined) this.passwords.put(password);
      return user;
    });
  }

  /**
   * Gives a user another account, behind those that he has. Rejects when the account has an owner already. Resolves with the
   * user, or null when there is no such user.
   */
  addAccount(userNumber: number, account: number): Promise<User | null> {
    return this.#writes.run(async () => {
      const user = this.#users.get(userNumber);
      if (user === undefined) return null;
      await this.#file.write((sql) => insertAccount(sql, account, userNumber));
      // Who is logged in as the user holds this list, and may use the account at once.
      (user.accounts as number[]).push(account);
      return user;
    });
  }

  /**
   * Creates a key and returns it with its secret, which nobody can read again. Rejects with
   * `IdentityStoreError` for an unknown user, and for permissions and an account that the user does not have.
   */
  createKey(userNumber: number, newKey: NewKey = {}): Promise<Credentials> {
    return this.#writes.run(async () => {
      const user = this.#users.get(userNumber);
      if (user === undefined) throw new IdentityStoreError(`no user ${userId(userNumber)}`);
      const permissions = [...(newKey.permissions ?? user.permissions)];
      const excess = excessOf(user, newKey);
      if (excess !== null) {
        throw new IdentityStoreError(`${userId(userNumber)} does not have ${excess}`);
      }
      const credentials = newKey.credentials ?? issueCredentials();
      const stored = storedKeyOf(userNumber, { ...newKey, permissions, credentials });
      await this.#file.write((sql) => insertKey(sql, stored, this.#identityKey));
      this.#putKey(stored);
      return credentials;
    });
  }

  /**
   * Ends a key at once and for good, and calls the listeners. Resolves with the key. When it was revoked before, the listeners
   * are not called. Resolves with null when there is no such key. Rejects with `UntilRestart` when the disk does not take it.
   */
  revokeKey(apiKey: string): Promise<ApiKey | null> {
    return this.#writes.run(async () => {
      const key = this.key(apiKey);
      if (key === undefined) return null;
      const done = `The key ${apiKey} is revoked`;
      if (key.revokedAt !== null) {
        await this.#file.settle(done);
        return key;
      }
      const revokedAt = Date.now();
      const revoked = this.#changedKey({ ...key, revokedAt });
      const sessions = this.sessions.of(key.userNumber).filter((each) => each.apiKey === apiKey);
      await this.sessions.drop(sessions, done, (sql) => updateRevoked(sql, apiKey, revokedAt));
      return revoked;
    });
  }

  /**
   * Sets when a key ends, in milliseconds since 1970 or null for never, and calls the listeners. An end earlier than the
   * present one counts at once, as with `revokeKey`; a later one counts when it is on the disk. Resolves with the key, or with
   * null when there is no such key.
   */
  expireKey(apiKey: string, expiresAt: number | null): Promise<ApiKey | null> {
    return this.#writes.run(async () => {
      const key = this.key(apiKey);
      if (key === undefined) return null;
      const done = `The end of the key ${apiKey} is set`;
      if (key.expiresAt === expiresAt) {
        await this.#file.settle(done);
        return key;
      }
      const isEarlier = expiresAt !== null && expiresAt < (key.expiresAt ?? Number.MAX_VALUE);
      const write = (sql: SQL): Promise<void> => updateExpiry(sql, apiKey, expiresAt);
      if (!isEarlier) await this.#file.write(write);
      const changed = this.#changedKey({ ...key, expiresAt });
      if (isEarlier) await this.#file.take(done, write);
      return changed;
    });
  }

  /**
   * The user of a session, and the key that it began with, if any. Null when the session or the key has ended at `nowMs`, or
   * the user is disabled.
   */
  ownerOf(session: TokenSession, nowMs: number): { user: User; key: ApiKey | null } | null {
    const { apiKey, userNumber, expiresAt } = session;
    const key = apiKey === null ? null : this.#keys.get(apiKey)?.key;
    const user = this.#users.get(userNumber);
    if (key === undefined || user === undefined || nowMs >= expiresAt) return null;
    if (key !== null && hasEnded(key, nowMs)) return null;
    return user.disabledAt === null ? { user, key } : null;
  }

  /** Whether a login is still good at `nowMs`: key (if any) and session (if any) have not ended, and the user is enabled. */
  stands(user: User, key: ApiKey | null, session: TokenSession | null, nowMs: number): boolean {
    if (session !== null && this.sessions.get(session.id) === undefined) return false;
    const kept = key && this.#keys.get(key.apiKey)?.key;
    if (kept === undefined || (kept !== null && hasEnded(kept, nowMs))) return false;
    return this.#users.get(user.number)?.disabledAt === null;
  }

  #changedKey(key: ApiKey): ApiKey {
    const stored = this.#keys.get(key.apiKey) as StoredKey;
    this.#keys.set(key.apiKey, { ...stored, key });
    for (const listener of this.#keyListeners) listener(key);
    return key;
  }

  /**
   * Disables a user at once, so that nobody can log in as him, or enables him again, and calls the listeners. Resolves with
   * the user; when nothing changed, the listeners are not called. Resolves with null when there is no such user. When the
   * disk does not take that he is disabled, rejects with `UntilRestart`.
   */
  setDisabled(userNumber: number, isDisabled: boolean): Promise<User | null> {
    return this.#writes.run(async () => {
      const user = this.#users.get(userNumber);
      if (user === undefined) return null;
      const done = `${userId(userNumber)} is disabled`;
      if ((user.disabledAt !== null) === isDisabled) {
        if (isDisabled) await this.#file.settle(done);
        return user;
      }
      const disabledAt = isDisabled ? Date.now() : null;
      const write = (sql: SQL): Promise<void> => updateDisabled(sql, userNumber, disabledAt);
      if (!isDisabled) await this.#file.write(write);
      const changed = this.#changed({ ...user, disabledAt });
      if (isDisabled) await this.sessions.drop(this.sessions.of(userNumber), done, write);
      return changed;
    });
  }

  /** Replaces a user's own rate limits, and calls the listeners. Resolves with the user, or null when there is no such user. */
  setRateLimits(userNumber: number, rateLimits: Partial<RateLimits>): Promise<User | null> {
    return this.#writes.run(async () => {
      const user = this.#users.get(userNumber);
      if (user === undefined) return null;
      await this.#file.write((sql) => updateRateLimits(sql, userNumber, rateLimits));
      return this.#changed({ ...user, rateLimits: { ...rateLimits } });
    });
  }

  #changed(user: User): User {
    this.#users.set(user.number, user);
    for (const listener of this.#userListeners) listener(user);
    return user;
  }

  /** From now on, calls `listener` with each key right after it was revoked or its end was changed. */
  onKeyChanged(listener: (key: ApiKey) => void): void {
    this.#keyListeners.push(listener);
  }

  /** From now on, calls `listener` with each user right after he was disabled or enabled or his rate limits were changed. */
  onUserChanged(listener: (user: User) => void): void {
    this.#userListeners.push(listener);
  }

  /**
   * Checks a login with key and secret at `nowMs`, milliseconds since 1970. An unknown key takes as long as a wrong secret. A
   * key of which only the hash of the secret was known can log in with signatures afterwards.
   */
  verifySecret(apiKey: string, apiSecret: string, nowMs: number): LoginResult {
    const stored = this.#keys.get(apiKey);
    const decoy = this.#decoys.of(apiKey);
    const matches = secretMatches(apiSecret, stored?.digest ?? decoy.digest);
    const result = this.#resultOf(stored, matches, nowMs);
    if (result.ok && stored?.signingKey === null) this.#learn(apiKey, signingKeyOf(apiSecret));
    return result;
  }

  /** Checks a login with a signature: the HMAC-SHA256 of `text` as 64 hexadecimal digits. Otherwise as `verifySecret`. */
  verifySignature(apiKey: string, text: string, signature: string, nowMs: number): LoginResult {
    const stored = this.#keys.get(apiKey);
    const signingKey = stored?.signingKey ?? null;
    const decoy = this.#decoys.of(apiKey);
    const matches = signatureMatches(signature, text, signingKey ?? decoy.signingKey);
    return this.#resultOf(stored, matches && signingKey !== null, nowMs);
  }

  #resultOf(stored: StoredKey | undefined, matches: boolean, nowMs: number): LoginResult {
    if (stored === undefined || !matches) return { ok: false, code: ErrorCode.WRONG_CREDENTIALS };
    const { key } = stored;
    const user = this.#users.get(key.userNumber);
    if (user === undefined) throw new IdentityStoreError(`key ${key.apiKey} has no user`);
    if (hasEnded(key, nowMs) || user.disabledAt !== null) {
      return { ok: false, code: ErrorCode.KEY_NOT_VALID };
    }
    return { ok: true, user, key };
  }

  /** Writes the key that checks signatures. When that fails, the next login with the secret tries again. */
  #learn(apiKey: string, signingKey: Buffer): void {
    const write = async (): Promise<void> => {
      const stored = this.#keys.get(apiKey);
      if (stored === undefined || stored.signingKey !== null) return;
      await this.#file.write((sql) => updateSigningKey(sql, apiKey, signingKey, this.#identityKey));
      this.#keys.set(apiKey, { ...stored, signingKey });
      this.keysWithoutSignature--;
    };
    this.#writes.run(write).catch(() => undefined);
  }

  /** The whole store as it is now. */
  copy(): IdentityCopy {
    return copyOf(this.users(), this.#keys.values(), this.passwords.all());
  }

  /** Rejects when the disk did not take the last write, and still takes none. */
  expectWritable(): Promise<void> {
    return this.#writes.run(() => this.#file.expectWritable());
  }

  /** Why nothing can be written, so that users cannot be created and sessions cannot begin; null while it can. */
  trouble(): string | null {
    return this.#file.trouble();
  }

  /** Closes the file after the writes that were asked for before. */
  async close(): Promise<void> {
    await this.#writes.run(() => this.#file.close());
  }
}
