/** Whether a webhook may still be used: that depends on its user and on the key that it was made with. */
import { hasEnded } from "../identity/api-key.ts";
import type { IdentityStore } from "../identity/identity-store.ts";

/**
 * "stands": it is posted to. "waits": its user is disabled or its key has expired, which may change. "over": its key was
 * revoked, so it ends.
 */
export type Standing = "stands" | "waits" | "over";

/** The standing of a webhook of `user` at `nowMs`, milliseconds since 1970. `apiKey` null: it was made without a key. */
export function webhookStanding(
  identity: Pick<IdentityStore, "user" | "key">,
  nowMs: number,
  user: number,
  apiKey: string | null,
): Standing {
  const key = apiKey === null ? null : identity.key(apiKey);
  if (key?.revokedAt != null) return "over";
  // A key that has expired may be given more time.
  const isKeyGood = key === null || (key !== undefined && !hasEnded(key, nowMs));
  return isKeyGood && identity.user(user)?.disabledAt === null ? "stands" : "waits";
}
