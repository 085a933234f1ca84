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
 * What takes something away is in memory first: a key in wrong hands ends also where the disk does not take it.
 */

import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { SQL } from "bun";
import { Serial } from "../lib/serial.ts";
import { ErrorCode } from "../protocol/errors.ts";
import {
  type ApiKey,
  type Credentials,
  digestSecret,
  hasEnded,
  issueCredentials,
  type LoginResult,
  secretMatches,
  signatureMatches,
  signingKeyOf,
} from "./api-key.ts";
import { DecoyKeys } from "./decoy-keys.ts";
import { encodeCopy } from "./identity-copy.ts";
import { IdentityFile } from "./identity-file.ts";
import { IdentityKey } from "./identity-key.ts";
import { IdentityStoreError } from "./identity-store-error.ts";
import {
  deleteExchanges,
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
import type { NewKey, NewUser } from "./new-user.ts";
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

/** What a store is opened with. */
interface FileParts {
  file: IdentityFile;
  identityKey: IdentityKey;
  hashing: PasswordHashing;
}

export class IdentityStore {
  readonly #file: IdentityFile;
  readonly #identityKey: IdentityKey;
  readonly #writes: Serial;
  readonly passwords: UserPasswords;
  readonly loginNetworks: LoginNetworks;
  /** Logins that last. */
  readonly sessions: TokenSessions;
  readonly tokens: SessionTokens;
  readonly #users = new Map<number, User>();
  readonly #keys = new Map<string, StoredKey>();
  readonly #keyListeners: ((key: ApiKey) => void)[] = [];
  readonly #userListeners: ((user: User) => void)[] = [];
  /** Of all users, in lower case. */
  readonly #names = new Set<string>();
  readonly #keysByUser = new Map<number, Set<string>>();
  readonly #decoys = new DecoyKeys();
  /** How many keys can log in with their secret only, until they have done so once. */
  keysWithoutSignature = 0;

  /** Ids of the exchanges whose journals have the accounts of these users; none in a file of before. */
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
   * Opens the SQLite file at `path` and the key beside it, made with mode 0600 where there are none, and reads all of it.
   * `highestUser`: of the journal (`highestUserOf`); where there is one, the file must be there.
   * Throws `IdentityStoreError` naming the file when that fails.
   */
  static async open(
    path: string,
    highestUser = 0,
    hashing = new PasswordHashing(),
  ): Promise<IdentityStore> {
    if (highestUser > 0 && !existsSync(path)) {
      throw new IdentityStoreError(
        `${path} is missing, and the journal knows users up to ${userId(highestUser)}. Put it back from a backup or an ` +
          "archive. If it is lost for good, make it as an empty file: accounts stay, without users, and the numbers " +
          "of those users are not given to others",
      );
    }
    try {
      const file = await IdentityFile.open(path);
      try {
        const identityKey = await IdentityKey.open(dirname(path));
        return await IdentityStore.#load({ file, identityKey, hashing }, highestUser);
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
    { file, identityKey, hashing }: FileParts,
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

  /** Whether users of this file are another exchange's; each exchange counts its users and accounts from 1 on. */
  isForeignTo(exchange: string): boolean {
    return this.#users.size > 0 && this.#exchanges.size > 0 && !this.#exchanges.has(exchange);
  }

  /**
   * Notes that the file belongs to this exchange. It belongs to those before as well: their journal may come back, in
   * place of a new one that was begun without it. Without users it is nobody else's.
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

  /** A number for a new user: never one that it or the journal gave before, whatever became of that user. */
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

  /** Whose account it is; null: nobody's. */
  userOfAccount(account: number): User | null {
    return this.users().find(({ accounts }) => accounts.includes(account)) ?? null;
  }

  /** Also one that has ended. */
  key(apiKey: string): ApiKey | undefined {
    return this.#keys.get(apiKey)?.key;
  }

  /** All keys of a user, by age, also those that have ended. */
  keysOf(userNumber: number): ApiKey[] {
    const own = [...(this.#keysByUser.get(userNumber) ?? [])];
    return own.map((apiKey) => (this.#keys.get(apiKey) as StoredKey).key);
  }

  /** Whether a user has this name, in whatever case. */
  isNameTaken(name: string): boolean {
    return this.#names.has(name.toLowerCase());
  }

  /**
   * Begins a session for one who has just shown a key, of that name, or (null) a password. Null when, before it has begun,
   * his password is changed or he is disabled, which ends all that began before that.
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

  /** Creates a user who owns one account. Rejects when the account has an owner already, or the name a password. */
  createUser(newUser: NewUser): Promise<User> {
    return this.#writes.run(async () => {
      const user: User = {
        number: newUser.number ?? this.takeUserNumber(),
        name: newUser.name,
        permissions: [...newUser.permissions],
        rateLimits: { ...newUser.rateLimits },
        accounts: [newUser.accountNumber],
        createdAt: Date.now(),
        disabledAt: null,
      };
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
   * Creates a key and returns it with its secret, which nobody can read again. Rejects with
   * `IdentityStoreError` for an unknown user and for permissions that the user does not have.
   */
  createKey(userNumber: number, newKey: NewKey = {}): Promise<Credentials> {
    return this.#writes.run(async () => {
      const user = this.#users.get(userNumber);
      if (user === undefined) throw new IdentityStoreError(`no user ${userId(userNumber)}`);
      const permissions = [...(newKey.permissions ?? user.permissions)];
      const excess = permissions.find((permission) => !user.permissions.includes(permission));
      if (excess !== undefined) {
        throw new IdentityStoreError(`${userId(userNumber)} does not have permission ${excess}`);
      }
      const credentials = newKey.credentials ?? issueCredentials();
      const stored: StoredKey = {
        key: {
          apiKey: credentials.api_key,
          userNumber,
          permissions,
          createdAt: Date.now(),
          expiresAt: newKey.expiresAt ?? null,
          revokedAt: null,
          allowedAddresses: [...(newKey.allowedAddresses ?? [])],
        },
        digest: digestSecret(credentials.api_secret),
        signingKey: signingKeyOf(credentials.api_secret),
      };
      await this.#file.write((sql) => insertKey(sql, stored, this.#identityKey));
      this.#putKey(stored);
      return credentials;
    });
  }

  /**
   * Ends a key at once and for good and tells the listeners. Resolves with the key, also when it was revoked
   * before (the listeners then hear nothing), or with null when there is no such key. Rejects with `UntilRestart`.
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
   * Sets when a key ends, milliseconds since 1970 (null: never), and tells the listeners. An earlier end than before counts
   * at once, as with `revokeKey`; a later one when it is on the disk.
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

  /** The user that a session is of, and the key that it began with, if any; null when one of them works no more. */
  ownerOf(session: TokenSession, nowMs: number): { user: User; key: ApiKey | null } | null {
    const { apiKey, userNumber, expiresAt } = session;
    const key = apiKey === null ? null : this.#keys.get(apiKey)?.key;
    const user = this.#users.get(userNumber);
    if (key === undefined || user === undefined || nowMs >= expiresAt) return null;
    if (key !== null && hasEnded(key, nowMs)) return null;
    return user.disabledAt === null ? { user, key } : null;
  }

  /** Whether what somebody has logged in with still stands: his key, if any, his session, if any, and his user. */
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
   * Keeps everybody from logging in as a user, at once, or lets them again, and tells the listeners. Resolves with the user,
   * also when nothing changed (the listeners then hear nothing), or with null when there is no such user. Rejects with
   * `UntilRestart` where the disk does not take it that he is stopped.
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

  /** Replaces a user's own rate limits, and tells the listeners. Resolves with the user; null: there is none. */
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

  /** Calls `listener` with every key that ended or whose end changed, from now on, right after that. */
  onKeyChanged(listener: (key: ApiKey) => void): void {
    this.#keyListeners.push(listener);
  }

  /** Calls `listener` with every user who was disabled or enabled or has other rate limits, from now on, right after that. */
  onUserChanged(listener: (user: User) => void): void {
    this.#userListeners.push(listener);
  }

  /**
   * Answers a login with the secret; `nowMs` is milliseconds since 1970. Takes as long for an unknown key. A key of which
   * only the hash was kept can sign from then on.
   */
  verifySecret(apiKey: string, apiSecret: string, nowMs: number): LoginResult {
    const stored = this.#keys.get(apiKey);
    const decoy = this.#decoys.of(apiKey);
    const matches = secretMatches(apiSecret, stored?.digest ?? decoy.digest);
    const result = this.#resultOf(stored, matches, nowMs);
    if (result.ok && stored?.signingKey === null) this.#learn(apiKey, signingKeyOf(apiSecret));
    return result;
  }

  /** Answers a login with the HMAC-SHA256 of `text`, 64 hexadecimal digits; as `verifySecret` otherwise. */
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

  /** Where that fails the next login with the secret tries again. */
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

  /** All of it as one text (`restoreCopy` makes a store of it); the same while nothing changes. */
  copy(): Uint8Array {
    return encodeCopy(this.users(), [...this.#keys.values()], this.passwords.all());
  }

  /** Why nobody can be created, changed or begin a session; null while they can. */
  trouble(): string | null {
    return this.#file.trouble();
  }

  /** Waits for the writes under way and closes the file. */
  async close(): Promise<void> {
    await this.#writes.run(() => this.#file.close());
  }
}
