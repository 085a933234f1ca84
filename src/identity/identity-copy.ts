/**
 * Writes all users, keys and passwords as one text, for backups and the archive, and makes a store from such a copy. The copy
 * has the salted hashes of secrets and the keys that check signatures, so it must be sealed before it leaves the exchange.
 * It has no sessions: after a restore everybody logs in again.
 */

import { closeSync, openSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { SQL, type TransactionSQL } from "bun";
import * as v from "valibot";
import { flushPath } from "../host/flush-path.ts";
import { leftOfFile } from "../host/sqlite-log.ts";
import { encodeLists } from "../lib/json-lists.ts";
import { newerVersion } from "../lib/newer-version.ts";
import { breathe } from "../lib/steps.ts";
import { IdentityKey } from "./identity-key.ts";
import { IdentityStoreError } from "./identity-store-error.ts";
import {
  insertExchange,
  insertKey,
  insertUser,
  type StoredKey,
  type StoredPassword,
} from "./identity-tables.ts";
import { migrate } from "./schema.ts";
import type { User } from "./user.ts";

const COPY_VERSION = 4;
/** Rows inserted before other work has its turn: about a millisecond of work. */
const ROWS_AT_ONCE = 16;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const permissions = v.array(v.picklist(["trade", "market_data", "admin"]));
const hex = v.pipe(v.string(), v.hexadecimal());

/** Copies of versions 1 to 3 lack the members that are optional here. */
const Copy = v.strictObject({
  version: v.picklist([1, 2, 3, COPY_VERSION]),
  users: v.array(
    v.strictObject({
      number: count,
      name: v.string(),
      permissions,
      rateLimits: v.record(v.string(), v.number()),
      accounts: v.array(count),
      createdAt: count,
      disabledAt: v.optional(v.nullable(count), null),
    }),
  ),
  keys: v.array(
    v.strictObject({
      apiKey: v.string(),
      userNumber: count,
      permissions,
      createdAt: count,
      expiresAt: v.nullable(count),
      revokedAt: v.nullable(count),
      salt: hex,
      hash: hex,
      signingKey: v.optional(v.nullable(hex), null),
      allowedAddresses: v.optional(v.array(v.string()), []),
      account: v.optional(v.nullable(count), null),
    }),
  ),
  passwords: v.optional(
    v.array(
      v.strictObject({
        userNumber: count,
        loginName: v.string(),
        hash: v.string(),
        changedAt: count,
      }),
    ),
    [],
  ),
});

type KeyRow = v.InferOutput<typeof Copy>["keys"][number];

/** All users, keys and passwords, as they were at one moment. None of them is ever changed in place. */
export interface IdentityCopy {
  readonly users: readonly User[];
  readonly keys: readonly StoredKey[];
  readonly passwords: readonly StoredPassword[];
}

export function copyOf(
  users: readonly User[],
  keys: Iterable<StoredKey>,
  passwords: readonly StoredPassword[],
): IdentityCopy {
  return {
    // A user's list of accounts is added to in place, and the journal beside the copy may not have an account of later.
    users: users.map((user) => ({ ...user, accounts: [...user.accounts] })),
    keys: [...keys],
    passwords,
  };
}

/** A copy as one text, which `restoreCopy` takes. Other work has its turn in between. Equal copies give equal texts. */
export function encodeCopy({ users, keys, passwords }: IdentityCopy): Promise<Uint8Array> {
  const lists = { users, keys: keys.values().map(keyRow), passwords };
  return encodeLists(lists, { version: COPY_VERSION });
}

/** As `storeCopy`, from a text. Rejects with `IdentityStoreError` also when that cannot be used. */
export async function restoreCopy(path: string, text: Uint8Array, exchange: string): Promise<void> {
  requireNew(path);
  await storeCopy(path, readCopy(text), exchange);
}

/**
 * Makes an identity store for `exchange` at `path` from a copy. It is there completely or not at all. Its content is on disk
 * when this resolves; its name may not be yet. Other work has its turn in between. Rejects with `IdentityStoreError` when
 * there is a file at `path` already, or the log of one that was removed.
 */
export async function storeCopy(path: string, copy: IdentityCopy, exchange: string): Promise<void> {
  requireNew(path);
  const identityKey = await IdentityKey.open(dirname(path));
  const unfinished = `${path}.restoring`;
  // A restore that was killed may have left these. SQLite would apply the old journal to the new file.
  for (const left of [unfinished, `${unfinished}-journal`]) await rm(left, { force: true });
  closeSync(openSync(unfinished, "wx", 0o600));
  const sql = new SQL({ adapter: "sqlite", filename: unfinished });
  try {
    // SQLite must not wait for the disk in this thread, because trading would wait too. `flushPath` waits instead.
    await sql`PRAGMA synchronous = OFF`;
    await migrate(sql);
    await sql.begin(async (transaction) => {
      await insertExchange(transaction, exchange);
      await insertAll(transaction, copy, identityKey);
    });
  } finally {
    await sql.close();
  }
  await flushPath(unfinished);
  await rename(unfinished, path);
}

function requireNew(path: string): void {
  const left = leftOfFile(path);
  if (left !== null) throw new IdentityStoreError(`${left} is there already`);
}

function readCopy(text: Uint8Array): IdentityCopy {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(text));
  } catch (error) {
    throw new IdentityStoreError("the copy of users and keys: it is not JSON", { cause: error });
  }
  const newer = newerVersion(json, COPY_VERSION);
  if (newer !== null) throw new IdentityStoreError(`the copy of users and keys: ${newer}`);
  const parsed = v.safeParse(Copy, json);
  if (parsed.success) {
    const { users, keys, passwords } = parsed.output;
    return { users, keys: keys.map(storedKey), passwords };
  }
  const [issue] = parsed.issues;
  const where = v.getDotPath(issue) ?? "copy";
  throw new IdentityStoreError(`the copy of users and keys: ${where}: ${issue.message}`);
}

function keyRow({ key, digest, signingKey }: StoredKey): object {
  return {
    ...key,
    signingKey: signingKey === null ? null : signingKey.toString("hex"),
    salt: Buffer.from(digest.salt).toString("hex"),
    hash: Buffer.from(digest.hash).toString("hex"),
  };
}

function storedKey({ salt, hash, signingKey, ...key }: KeyRow): StoredKey {
  return {
    key,
    digest: { salt: Buffer.from(salt, "hex"), hash: Buffer.from(hash, "hex") },
    signingKey: signingKey === null ? null : Buffer.from(signingKey, "hex"),
  };
}

async function insertAll(
  sql: TransactionSQL,
  { users, keys, passwords }: IdentityCopy,
  identityKey: IdentityKey,
): Promise<void> {
  const passwordOf = new Map(passwords.map((each) => [each.userNumber, each]));
  for (const [i, user] of users.entries()) {
    if (i % ROWS_AT_ONCE === 0) await breathe();
    await insertUser(sql, user, passwordOf.get(user.number));
  }
  for (const [i, key] of keys.entries()) {
    if (i % ROWS_AT_ONCE === 0) await breathe();
    await insertKey(sql, key, identityKey);
  }
}
