/** Somebody who has shown who he is, by whatever means, and what ends that. */
import type { ApiKey } from "../identity/api-key.ts";
import { userId } from "../identity/user.ts";
import { accountName } from "../protocol/names.ts";
import type { Permission } from "../protocol/schemas/auth.ts";
import type { Result } from "../protocol/schemas.ts";
import type { LoggedIn } from "./caller.ts";

export interface Login {
  readonly caller: LoggedIn;
  /** What he may do by what he has shown. */
  readonly permissions: readonly Permission[];
  /** The key that he has shown. */
  readonly key: ApiKey;
  /** First moment at which it is over, milliseconds since 1970; null = never. */
  readonly expiresAt: number | null;
}

/** The result of `auth.login`. */
export function loginResult({ caller, permissions }: Login): Result<"auth.login"> {
  return {
    authenticated: true,
    user_id: userId(caller.user.number),
    account_id: accountName(caller.account),
    permissions: [...permissions],
    rate_limits: caller.limits.limits,
  };
}
