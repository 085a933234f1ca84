/** The SQL of the identity store for users, keys, passwords and exchanges. */

import type { SQL, TransactionSQL } from "bun";
import type { Permission } from "../protocol/schemas/auth.ts";
import type { ApiKey, SecretDigest } from "./api-key.ts";
import type { IdentityKey } from "./identity-key.ts";
import type { RateLimits, User } from "./user.ts";

/** A key with what is kept of its secret. It must not leave this room. */
export interface StoredKey {
  readonly key: ApiKey;
  readonly digest: SecretDigest;
  /** Checks signatures; null = not known before the next login with the secret. */
  readonly signingKey: Buffer | null;
}

/** What is kept of a user's password. It must not leave this room. */
export interface StoredPassword {
  readonly userNumber: number;
  /** The name that the user logs in with, in lower case. */
  readonly loginName: string;
  /** In the PHC format, which names algorithm and costs. */
  readonly hash: string;
  /** Milliseconds since 1970. */
  readonly changedAt: number;
}

interface UserRow {
  number: number;
  name: string;
  permissions: string;
  orders_per_second: number | null;
  market_data_per_second: number | null;
  burst_limit: number | null;
  created_at: number | string;
  disabled_at: number | string | null;
}

interface KeyRow {
  api_key: string;
  user_number: number;
  permissions: string;
  secret_salt: string;
  secret_hash: string;
  /** PostgreSQL gives a BIGINT as a string. */
  created_at: number | string;
  expires_at: number | string | null;
  revoked_at: number | string | null;
  signing_key: string | null;
  allowed_addresses: string;
  account_number: number | null;
}

/** All users, by number. */
export async function selectUsers(sql: SQL): Promise<User[]> {
  const users: UserRow[] = await sql`SELECT * FROM users ORDER BY number`;
  const accounts: { account_number: number; user_number: number }[] =
    await sql`SELECT account_number, user_number FROM user_accounts ORDER BY account_number`;
  const accountsOf = Map.groupBy(accounts, (row) => row.user_number);
  return users.map((row) => ({
    number: row.number,
    name: row.name,
    permissions: splitPermissions(row.permissions),
    rateLimits: rateLimitsOf(row),
    accounts: (accountsOf.get(row.number) ?? []).map((account) => account.account_number),
    createdAt: Number(row.created_at),
    disabledAt: numberOrNull(row.disabled_at),
  }));
}

/** All keys, the oldest first, with unsealed signing keys. A signing key that `identityKey` did not seal becomes null. */
export async function selectKeys(sql: SQL, identityKey: IdentityKey): Promise<StoredKey[]> {
  const rows: KeyRow[] = await sql`SELECT * FROM api_keys ORDER BY created_at, api_key`;
  return rows.map((row) => ({
    key: {
      apiKey: row.api_key,
      userNumber: row.user_number,
      permissions: splitPermissions(row.permissions),
      createdAt: Number(row.created_at),
      expiresAt: numberOrNull(row.expires_at),
      revokedAt: numberOrNull(row.revoked_at),
      allowedAddresses: row.allowed_addresses === "" ? [] : row.allowed_addresses.split(","),
      account: row.account_number,
    },
    digest: {
      salt: Buffer.from(row.secret_salt, "hex"),
      hash: Buffer.from(row.secret_hash, "hex"),
    },
    signingKey:
      row.signing_key === null
        ? null
        : identityKey.unseal(row.signing_key, signingContext(row.api_key)),
  }));
}

/** Inserts a user with his accounts and, if there is one, his password. */
export async function insertUser(
  sql: TransactionSQL,
  user: User,
  password?: StoredPassword,
): Promise<void> {
  const { orders_per_second, market_data_per_second, burst_limit } = user.rateLimits;
  await sql`INSERT INTO users (number, name, permissions, orders_per_second,
      market_data_per_second, burst_limit, created_at, disabled_at)
    VALUES (${user.number}, ${user.name}, ${user.permissions.join(",")},
      ${orders_per_second ?? null}, ${market_data_per_second ?? null}, ${burst_limit ?? null},
      ${user.createdAt}, ${user.disabledAt})`;
  for (const account of user.accounts) await insertAccount(sql, account, user.number);
  if (password === undefined) return;
  const { loginName, hash, changedAt } = password;
  await sql`INSERT INTO passwords (user_number, login_name, hash, changed_at)
    VALUES (${user.number}, ${loginName}, ${hash}, ${changedAt})`;
}

/** Gives an account to a user. Rejects when it has an owner already. */
export async function insertAccount(sql: SQL, account: number, userNumber: number): Promise<void> {
  await sql`INSERT INTO user_accounts (account_number, user_number)
    VALUES (${account}, ${userNumber})`;
}

/** All passwords, by user number. */
export async function selectPasswords(sql: SQL): Promise<StoredPassword[]> {
  const rows: {
    user_number: number;
    login_name: string;
    hash: string;
    changed_at: number | string;
  }[] = await sql`SELECT * FROM passwords ORDER BY user_number`;
  return rows.map((row) => ({
    userNumber: row.user_number,
    loginName: row.login_name,
    hash: row.hash,
    changedAt: Number(row.changed_at),
  }));
}

export async function updatePassword(
  sql: SQL,
  { userNumber, hash, changedAt }: StoredPassword,
): Promise<void> {
  await sql`UPDATE passwords SET hash = ${hash}, changed_at = ${changedAt}
    WHERE user_number = ${userNumber}`;
}

export async function insertKey(
  sql: SQL,
  { key, digest, signingKey }: StoredKey,
  identityKey: IdentityKey,
): Promise<void> {
  const sealed = signingKey && identityKey.seal(signingKey, signingContext(key.apiKey));
  await sql`INSERT INTO api_keys (api_key, user_number, permissions, secret_salt, secret_hash,
      created_at, expires_at, revoked_at, signing_key, allowed_addresses, account_number)
    VALUES (${key.apiKey}, ${key.userNumber}, ${key.permissions.join(",")},
      ${digest.salt.toString("hex")}, ${digest.hash.toString("hex")},
      ${key.createdAt}, ${key.expiresAt}, ${key.revokedAt}, ${sealed},
      ${key.allowedAddresses.join(",")}, ${key.account})`;
}

export async function updateRevoked(sql: SQL, apiKey: string, revokedAt: number): Promise<void> {
  await sql`UPDATE api_keys SET revoked_at = ${revokedAt} WHERE api_key = ${apiKey}`;
}

export async function updateExpiry(
  sql: SQL,
  apiKey: string,
  expiresAt: number | null,
): Promise<void> {
  await sql`UPDATE api_keys SET expires_at = ${expiresAt} WHERE api_key = ${apiKey}`;
}

export async function updateSigningKey(
  sql: SQL,
  apiKey: string,
  signingKey: Buffer,
  identityKey: IdentityKey,
): Promise<void> {
  const sealed = identityKey.seal(signingKey, signingContext(apiKey));
  await sql`UPDATE api_keys SET signing_key = ${sealed} WHERE api_key = ${apiKey}`;
}

export async function updateDisabled(
  sql: SQL,
  userNumber: number,
  disabledAt: number | null,
): Promise<void> {
  await sql`UPDATE users SET disabled_at = ${disabledAt} WHERE number = ${userNumber}`;
}

/** Replaces a user's own limits; for those that are absent the configured ones apply. */
export async function updateRateLimits(
  sql: SQL,
  userNumber: number,
  limits: Partial<RateLimits>,
): Promise<void> {
  const { orders_per_second, market_data_per_second, burst_limit } = limits;
  await sql`UPDATE users SET orders_per_second = ${orders_per_second ?? null},
    market_data_per_second = ${market_data_per_second ?? null}, burst_limit = ${burst_limit ?? null}
    WHERE number = ${userNumber}`;
}

/** The context that a signing key is sealed for: moved to the row of another key, it cannot be unsealed. */
function signingContext(apiKey: string): string {
  return `signing key of ${apiKey}`;
}

function numberOrNull(value: number | string | null): number | null {
  return value === null ? null : Number(value);
}

/** Only this file writes the table, so each name in it is a permission. */
function splitPermissions(list: string): Permission[] {
  return list.split(",") as Permission[];
}

function rateLimitsOf(row: UserRow): Partial<RateLimits> {
  const limits: Partial<RateLimits> = {};
  if (row.orders_per_second !== null) limits.orders_per_second = row.orders_per_second;
  if (row.market_data_per_second !== null) {
    limits.market_data_per_second = row.market_data_per_second;
  }
  if (row.burst_limit !== null) limits.burst_limit = row.burst_limit;
  return limits;
}

/** Ids of the exchanges that the file belongs to. */
export async function selectExchanges(sql: SQL): Promise<string[]> {
  const rows: { id: string }[] = await sql`SELECT id FROM exchanges`;
  return rows.map(({ id }) => id);
}

export async function insertExchange(sql: SQL, id: string): Promise<void> {
  await sql`INSERT INTO exchanges (id) VALUES (${id})`;
}

export async function deleteExchanges(sql: SQL): Promise<void> {
  await sql`DELETE FROM exchanges`;
}
