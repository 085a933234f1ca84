/** The SQL of the identity store for sessions and for the keys that sign their tokens. */

import type { SQL, TransactionSQL } from "bun";
import type { TokenSession } from "./token-session.ts";

/** The private key of a key pair that signs sessions, sealed with the identity key. */
export interface SealedSessionKey {
  readonly kid: string;
  readonly sealedKey: string;
  readonly createdAt: number;
}

/** All sessions, the oldest first. */
export async function selectSessions(sql: SQL): Promise<TokenSession[]> {
  const rows: (Record<"id" | "user_number" | "created_at" | "expires_at", string> & {
    api_key: string | null;
  })[] = await sql`SELECT * FROM sessions ORDER BY created_at, id`;
  return rows.map((row) => ({
    id: row.id,
    userNumber: Number(row.user_number),
    apiKey: row.api_key,
    createdAt: Number(row.created_at),
    expiresAt: Number(row.expires_at),
  }));
}

export async function insertSession(sql: SQL, session: TokenSession): Promise<void> {
  await sql`INSERT INTO sessions (id, user_number, api_key, created_at, expires_at)
    VALUES (${session.id}, ${session.userNumber}, ${session.apiKey}, ${session.createdAt},
      ${session.expiresAt})`;
}

export async function deleteSessions(
  sql: TransactionSQL,
  sessions: readonly TokenSession[],
): Promise<void> {
  for (const { id } of sessions) await sql`DELETE FROM sessions WHERE id = ${id}`;
}

/** All keys, the oldest first. */
export async function selectSessionKeys(sql: SQL): Promise<SealedSessionKey[]> {
  const rows: { kid: string; private_key: string; created_at: number | string }[] =
    await sql`SELECT * FROM session_keys ORDER BY created_at, kid`;
  return rows.map(({ kid, private_key, created_at }) => ({
    kid,
    sealedKey: private_key,
    createdAt: Number(created_at),
  }));
}

export async function insertSessionKey(sql: SQL, key: SealedSessionKey): Promise<void> {
  await sql`INSERT INTO session_keys (kid, private_key, created_at)
    VALUES (${key.kid}, ${key.sealedKey}, ${key.createdAt})`;
}

export async function deleteSessionKey(sql: SQL, kid: string): Promise<void> {
  await sql`DELETE FROM session_keys WHERE kid = ${kid}`;
}
