/** Whether a webhook's user, and the key that it was made with, may still be used. */
import { hasEnded } from "../identity/api-key.ts";
import type { IdentityStore } from "../identity/identity-store.ts";

/** It has its turns, waits until both may be used again, or is over with its key. */
export type Standing = "stands" | "waits" | "over";

/** `apiKey` null: it never ends by itself. `nowMs`: milliseconds since 1970. */
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
