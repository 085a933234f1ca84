/** Somebody who has shown who he is, by whatever means, and what ends that. */
import type { ApiKey } from "../identity/api-key.ts";
import type { TokenSession } from "../identity/token-session.ts";
import { userId } from "../identity/user.ts";
import { accountName } from "../protocol/names.ts";
import type { Permission } from "../protocol/schemas/auth.ts";
import type { Result } from "../protocol/schemas.ts";
import type { LoggedIn } from "./caller.ts";

/** A token of another issuer, and the number of the issuer's keys that it was checked with. */
export interface IssuedLogin {
  readonly token: string;
  readonly keysVersion: number;
}

export interface Login {
  readonly caller: LoggedIn;
  /** What he may do by what he has shown. */
  readonly permissions: readonly Permission[];
  /** The key that he has shown, or that his session began with; null: another issuer's token, or a password. */
  readonly key: ApiKey | null;
  /** The session whose token he has shown; null: none. */
  readonly session: TokenSession | null;
  /** The token of another issuer that he has shown; null: none. */
  readonly issued: IssuedLogin | null;
  /** First moment at which what he has shown is over but for the key, milliseconds since 1970; null = never. */
  readonly expiresAt: number | null;
}

/**
 * Whether a user has shown that he himself is there, not a program with a key of his: he may make keys, and end them.
 */
export function managesKeys({ session }: Login): boolean {
  return session !== null && session.apiKey === null;
}

/** First moment at which a login is over, milliseconds since 1970; null = never. */
export function endOf({ key, expiresAt }: Login): number | null {
  const keyEnd = key?.expiresAt ?? null;
  if (keyEnd === null || expiresAt === null) return keyEnd ?? expiresAt;
  return Math.min(keyEnd, expiresAt);
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
