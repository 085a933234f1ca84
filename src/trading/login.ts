/** A login: who has logged in, with what, and when that ends. */
import type { ApiKey } from "../identity/api-key.ts";
import type { TokenSession } from "../identity/token-session.ts";
import { userId } from "../identity/user.ts";
import { type ErrorBody, ErrorCode, errorBody } from "../protocol/errors.ts";
import { accountName } from "../protocol/names.ts";
import type { Permission } from "../protocol/schemas/auth.ts";
import type { Result } from "../protocol/schemas.ts";
import { accountOf, type LoggedIn } from "./caller.ts";

/** A token of another issuer, and the version of the issuer's keys that it was checked with. */
export interface IssuedLogin {
  readonly token: string;
  readonly keysVersion: number;
}

export interface Login {
  readonly caller: LoggedIn;
  /** Permissions that this login gives. */
  readonly permissions: readonly Permission[];
  /** The key of this login, or that its session began with; null for a password and for another issuer's token. */
  readonly key: ApiKey | null;
  /** The session whose token was used; null: none. */
  readonly session: TokenSession | null;
  /** The token of another issuer that was used; null: none. */
  readonly issued: IssuedLogin | null;
  /** First moment at which session or token has expired, milliseconds since 1970; null = never. The key has its own end. */
  readonly expiresAt: number | null;
}

/** Whether the user himself has logged in, with a password, and not a program with one of his keys. He may then manage keys. */
export function managesKeys({ session }: Login): boolean {
  return session !== null && session.apiKey === null;
}

/** First moment at which a login has expired, milliseconds since 1970; null = never. */
export function endOf({ key, expiresAt }: Login): number | null {
  const keyEnd = key?.expiresAt ?? null;
  if (keyEnd === null || expiresAt === null) return keyEnd ?? expiresAt;
  return Math.min(keyEnd, expiresAt);
}

/**
 * The same login for the account that was asked for, one of the user's; without a name, the login as it is. The error 40301
 * for any other account.
 */
export function loginFor(login: Login, accountId: string | undefined): Login | ErrorBody {
  if (accountId === undefined) return login;
  const account = accountOf(login.caller, accountId);
  if (account === null) return errorBody(ErrorCode.NOT_YOUR_ACCOUNT);
  return { ...login, caller: { ...login.caller, account } };
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
