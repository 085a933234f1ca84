/** Whether a webhook may still be used: that depends on its user, his account, and the key that it was made with. */
import { hasEnded } from "../identity/api-key.ts";
import type { IdentityStore } from "../identity/identity-store.ts";
import type { Hook } from "./hook.ts";

/**
 * "stands": it is posted to. "waits": its user is disabled, its key has expired or its account is not the user's, which may
 * change. "over": its key was revoked, or its user is not the one who made it, so it ends.
 */
export type Standing = "stands" | "waits" | "over";

/** What the standing of a webhook depends on. */
export type StandingOf = Pick<Hook, "user" | "account" | "apiKey" | "createdAt">;

/**
 * The standing of a webhook at `nowMs`, milliseconds since 1970. After a restore to an earlier moment, users and accounts that
 * are new get numbers of lost ones, and the webhooks' file may be of later than the restore.
 */
export function webhookStanding(
  identity: Pick<IdentityStore, "user" | "key">,
  nowMs: number,
  { user, account, apiKey, createdAt }: StandingOf,
): Standing {
  const key = apiKey === null ? null : identity.key(apiKey);
  const owner = identity.user(user);
  if (key?.revokedAt != null || (owner !== undefined && createdAt < owner.createdAt)) return "over";
  // A key that has expired may be given more time.
  const isKeyGood = key === null || (key !== undefined && !hasEnded(key, nowMs));
  if (!isKeyGood || owner?.disabledAt !== null) return "waits";
  return owner.accounts.includes(account) ? "stands" : "waits";
}
