/**
 * Who may log in: users, the accounts they own, and their API keys.
 *
 * ```
 *            writes                              reads
 *   createUser, createKey, revokeKey      verifyLogin, user, users, …
 *              │                                    │ synchronous: a socket's
 *              ▼                                    ▼ handler never waits
 *     identity.sqlite  ── after the commit ──►   memory
 * ```
 */

import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { SQL } from "bun";
import { Serial } from "../lib/serial.ts";
import { ErrorCode } from "../protocol/errors.ts";
import type { Permission } from "../protocol/schemas/auth.ts";
import {
  type ApiKey,
  type Credentials,
  digestSecret,
  issueCredentials,
  secretMatches,
} from "./api-key.ts";
import { encodeCopy } from "./identity-copy.ts";
import { IdentityStoreError } from "./identity-store-error.ts";
import {
  insertKey,
  insertUser,
  type StoredKey,
  selectKeys,
  selectUsers,
  updateRevoked,
} from "./identity-tables.ts";
import { migrate } from "./schema.ts";
import { type RateLimits, type User, userId } from "./user.ts";

/** The store's file in the data directory. */
export const IDENTITY_FILE = "identity.sqlite";

export interface NewUser {
  /** One that was taken for it (`takeUserNumber`), for a caller that needs it before; default: takes one. */
  number?: number;
  /** 1 to 64 characters. */
  name: string;
  permissions: readonly Permission[];
  /** What differs from the configured limits. */
  rateLimits?: Partial<RateLimits>;
  /** The account that the user owns and trades on by default. */
  accountNumber: number;
}

export interface NewKey {
  /** Default: the user's. */
  permissions?: readonly Permission[];
  /** Milliseconds since 1970; default: never. */
  expiresAt?: number;
  /** Default: fresh ones. For a caller that puts the key on record before it exists. */
  credentials?: Credentials;
}

/**
 * 40101: there is no such key, or the secret is wrong; one answer, so that nobody learns which keys
 * exist. 40102: the secret is right, but the key has expired or was revoked.
 */
export type LoginResult =
  | { ok: true; user: User; key: ApiKey }
  | { ok: false; code: typeof ErrorCode.WRONG_CREDENTIALS | typeof ErrorCode.KEY_NOT_VALID };

export class IdentityStore {
  readonly #sql: SQL;
  readonly #writes = new Serial();
  readonly #users = new Map<number, User>();
  readonly #keys = new Map<string, StoredKey>();
  readonly #revokedListeners: ((key: ApiKey) => void)[] = [];
  /** Stands in for an unknown key, so that refusing one costs the same hash and comparison. */
  readonly #nobody = digestSecret(issueCredentials().api_secret);

  /** The highest number that was ever given to a user, here or in the journal. */
  #highestUser: number;

  private constructor(sql: SQL, highestUser: number) {
    this.#sql = sql;
    this.#highestUser = highestUser;
  }

  /**
   * Opens the SQLite file at `path`, made with mode 0600 where there is none, and reads all of it.
   * `highestUser`: of the journal (`highestUserOf`); where there is one, the file must be there.
   * Throws `IdentityStoreError` naming the file when that fails.
   */
  static async open(path: string, highestUser = 0): Promise<IdentityStore> {
    if (highestUser > 0 && !existsSync(path)) {
      throw new IdentityStoreError(
        `${path} is missing, and the journal knows users up to ${userId(highestUser)}. Put it back from a backup or an ` +
          "archive. If it is lost for good, make it as an empty file: accounts stay, without users, and the numbers " +
          "of those users are not given to others",
      );
    }
    try {
      // Bun's SQL takes what follows a question mark for options and would open another file.
      if (path.includes("?")) throw new IdentityStoreError("a question mark in its path");
      mkdirSync(dirname(path), { recursive: true });
      closeSync(openSync(path, "a", 0o600));
      chmodSync(path, 0o600);
      const sql = new SQL({ adapter: "sqlite", filename: path });
      try {
        return await IdentityStore.#load(sql, highestUser);
      } catch (error) {
        await sql.close();
        throw error;
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new IdentityStoreError(`${path}: cannot open the identity store: ${reason}`, {
        cause: error,
      });
    }
  }

  static async #load(sql: SQL, highestUser: number): Promise<IdentityStore> {
    await migrate(sql);
    const store = new IdentityStore(sql, highestUser);
    for (const user of await selectUsers(sql)) {
      store.#users.set(user.number, user);
      store.#highestUser = Math.max(store.#highestUser, user.number);
    }
    for (const stored of await selectKeys(sql)) store.#keys.set(stored.key.apiKey, stored);
    return store;
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

  /** All keys of a user, by age, also those that have ended. */
  keysOf(userNumber: number): ApiKey[] {
    return [...this.#keys.values()]
      .map((stored) => stored.key)
      .filter((key) => key.userNumber === userNumber);
  }

  /** Creates a user who owns one account. Rejects when the account already has an owner. */
  createUser(newUser: NewUser): Promise<User> {
    return this.#writes.run(async () => {
      const user: User = {
        number: newUser.number ?? this.takeUserNumber(),
        name: newUser.name,
        permissions: [...newUser.permissions],
        rateLimits: { ...newUser.rateLimits },
        accounts: [newUser.accountNumber],
        createdAt: Date.now(),
      };
      await insertUser(this.#sql, user);
      this.#users.set(user.number, user);
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
        },
        digest: digestSecret(credentials.api_secret),
      };
      await insertKey(this.#sql, stored);
      this.#keys.set(stored.key.apiKey, stored);
      return credentials;
    });
  }

  /**
   * Ends a key for good and tells the listeners. Resolves with the key, also when it was revoked
   * before (the listeners then hear nothing), or with null when there is no such key.
   */
  revokeKey(apiKey: string): Promise<ApiKey | null> {
    return this.#writes.run(async () => {
      const stored = this.#keys.get(apiKey);
      if (stored === undefined) return null;
      if (stored.key.revokedAt !== null) return stored.key;
      const revokedAt = Date.now();
      await updateRevoked(this.#sql, apiKey, revokedAt);
      const key: ApiKey = { ...stored.key, revokedAt };
      this.#keys.set(apiKey, { key, digest: stored.digest });
      for (const listener of this.#revokedListeners) listener(key);
      return key;
    });
  }

  /** Calls `listener` with every key revoked from now on, right after it stopped working. */
  onRevoked(listener: (key: ApiKey) => void): void {
    this.#revokedListeners.push(listener);
  }

  /** Answers a login; `nowMs` is milliseconds since 1970. Takes as long for an unknown key. */
  verifyLogin(apiKey: string, apiSecret: string, nowMs: number): LoginResult {
    const stored = this.#keys.get(apiKey);
    const matches = secretMatches(apiSecret, stored?.digest ?? this.#nobody);
    if (stored === undefined || !matches) return { ok: false, code: ErrorCode.WRONG_CREDENTIALS };
    const { key } = stored;
    if (key.revokedAt !== null || (key.expiresAt !== null && nowMs >= key.expiresAt)) {
      return { ok: false, code: ErrorCode.KEY_NOT_VALID };
    }
    const user = this.#users.get(key.userNumber);
    if (user === undefined) throw new IdentityStoreError(`key ${apiKey} has no user`);
    return { ok: true, user, key };
  }

  /** All of it as one text (`restoreCopy` makes a store of it); the same while nothing changes. */
  copy(): Uint8Array {
    return encodeCopy(this.users(), [...this.#keys.values()]);
  }

  /** Waits for the writes under way and closes the file. */
  async close(): Promise<void> {
    await this.#writes.run(() => this.#sql.close());
  }
}
