/**
 * The tables of the identity store and their versions. Plain SQL that both SQLite and PostgreSQL run: numbers that may need
 * more than 31 bits are BIGINT, hashes and sealed values are hexadecimal TEXT, lists are comma-separated TEXT.
 */

import type { SQL, TransactionSQL } from "bun";
import { IdentityStoreError } from "./identity-store-error.ts";

interface Migration {
  version: number;
  name: string;
  statements: readonly string[];
}

/** Append-only: a migration that may have run on somebody's data must not change. */
const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    name: "users, accounts, keys",
    statements: [
      `CREATE TABLE users (
        number INTEGER NOT NULL PRIMARY KEY,
        name TEXT NOT NULL,
        permissions TEXT NOT NULL,
        orders_per_second INTEGER,
        market_data_per_second INTEGER,
        burst_limit INTEGER,
        created_at BIGINT NOT NULL
      )`,
      `CREATE TABLE user_accounts (
        account_number INTEGER NOT NULL PRIMARY KEY,
        user_number INTEGER NOT NULL REFERENCES users (number)
      )`,
      `CREATE TABLE api_keys (
        api_key TEXT NOT NULL PRIMARY KEY,
        user_number INTEGER NOT NULL REFERENCES users (number),
        permissions TEXT NOT NULL,
        secret_salt TEXT NOT NULL,
        secret_hash TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        expires_at BIGINT,
        revoked_at BIGINT
      )`,
    ],
  },
  {
    version: 2,
    name: "signing keys, allowed addresses, disabled users",
    statements: [
      "ALTER TABLE users ADD COLUMN disabled_at BIGINT",
      "ALTER TABLE api_keys ADD COLUMN signing_key TEXT",
      "ALTER TABLE api_keys ADD COLUMN allowed_addresses TEXT NOT NULL DEFAULT ''",
    ],
  },
  {
    version: 3,
    name: "sessions",
    statements: [
      `CREATE TABLE sessions (
        id TEXT NOT NULL PRIMARY KEY,
        user_number INTEGER NOT NULL REFERENCES users (number),
        api_key TEXT NOT NULL REFERENCES api_keys (api_key),
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL
      )`,
      `CREATE TABLE session_keys (
        kid TEXT NOT NULL PRIMARY KEY,
        private_key TEXT NOT NULL,
        created_at BIGINT NOT NULL
      )`,
    ],
  },
  {
    version: 4,
    name: "passwords, sessions that begin with one",
    statements: [
      `CREATE TABLE passwords (
        user_number INTEGER NOT NULL PRIMARY KEY REFERENCES users (number),
        login_name TEXT NOT NULL UNIQUE,
        hash TEXT NOT NULL,
        changed_at BIGINT NOT NULL
      )`,
      // SQLite cannot take NOT NULL from a column.
      "ALTER TABLE sessions RENAME TO sessions_of_keys",
      `CREATE TABLE sessions (
        id TEXT NOT NULL PRIMARY KEY,
        user_number INTEGER NOT NULL REFERENCES users (number),
        api_key TEXT REFERENCES api_keys (api_key),
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL
      )`,
      `INSERT INTO sessions (id, user_number, api_key, created_at, expires_at)
        SELECT id, user_number, api_key, created_at, expires_at FROM sessions_of_keys`,
      "DROP TABLE sessions_of_keys",
    ],
  },
  {
    // With a version of its own: a program that does not know the column would let such a key use all accounts.
    version: 5,
    name: "keys of one account",
    statements: ["ALTER TABLE api_keys ADD COLUMN account_number INTEGER"],
  },
];

/** Not a migration, so that the version stays the same and an older program can still open the file. */
const LOGIN_NETWORKS = `CREATE TABLE IF NOT EXISTS login_networks (
  login_name TEXT NOT NULL,
  network TEXT NOT NULL,
  seen_at BIGINT NOT NULL,
  PRIMARY KEY (login_name, network)
)`;

/** Ids of the exchanges that the file belongs to. Not a migration, for the same reason. */
const EXCHANGES = "CREATE TABLE IF NOT EXISTS exchanges (id TEXT NOT NULL PRIMARY KEY)";

/**
 * Brings the tables to the newest version, in one transaction. Throws `IdentityStoreError` when they were written by a
 * newer program than this.
 */
export function migrate(sql: SQL): Promise<void> {
  return sql.begin(bringUp);
}

async function bringUp(sql: TransactionSQL): Promise<void> {
  await sql`CREATE TABLE IF NOT EXISTS schema_migrations (
    version INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    applied_at BIGINT NOT NULL
  )`;
  const rows: { version: number | null }[] =
    await sql`SELECT MAX(version) AS version FROM schema_migrations`;
  const present = rows[0]?.version ?? 0;
  const newest = MIGRATIONS.length;
  if (present > newest) {
    throw new IdentityStoreError(
      `it has schema version ${present}, and this program knows ${newest} at most: start the newer program`,
    );
  }
  for (const { version, name, statements } of MIGRATIONS.slice(present)) {
    for (const statement of statements) await sql.unsafe(statement);
    await sql`INSERT INTO schema_migrations (version, name, applied_at)
      VALUES (${version}, ${name}, ${Date.now()})`;
  }
  await sql.unsafe(LOGIN_NETWORKS);
  await sql.unsafe(EXCHANGES);
}
