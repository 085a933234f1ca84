import type { ApiKey } from "../identity/api-key.ts";
import { userId } from "../identity/user.ts";
import { accountName } from "../protocol/names.ts";
import type { ListedKey } from "../protocol/schemas/users.ts";

/** A key as the API lists it; it has no secret. */
export function listedKey(key: ApiKey): ListedKey {
  return {
    api_key: key.apiKey,
    user_id: userId(key.userNumber),
    permissions: [...key.permissions],
    created_at: key.createdAt,
    expires_at: key.expiresAt,
    revoked_at: key.revokedAt,
    allowed_addresses: [...key.allowedAddresses],
    account_id: key.account === null ? null : accountName(key.account),
  };
}
