/** What a new user and a new key are made from. */
import { accountName } from "../protocol/names.ts";
import type { Permission } from "../protocol/schemas/auth.ts";
import { type Credentials, digestSecret, signingKeyOf } from "./api-key.ts";
import type { StoredKey } from "./identity-tables.ts";
import type { RateLimits, User } from "./user.ts";

export interface NewUser {
  /** A number from `takeUserNumber`, for a caller that needs it before; default: the store takes one. */
  number?: number;
  /** 1 to 64 characters. */
  name: string;
  permissions: readonly Permission[];
  /** Limits that differ from the configured ones. */
  rateLimits?: Partial<RateLimits>;
  /** The account that the user owns and trades on by default. */
  accountNumber: number;
  /** The hash of the user's password; default: he has none. */
  passwordHash?: string;
}

export interface NewKey {
  /** Default: all that the user has. */
  permissions?: readonly Permission[];
  /** Milliseconds since 1970; default: never. */
  expiresAt?: number;
  /** Networks (CIDR) that the key may be used from; default: anywhere. */
  allowedAddresses?: readonly string[];
  /** The only account that the key may use, one of the user's; default: all of the user's, also later ones. */
  account?: number;
  /** For a caller that notes the key in the journal before it exists; default: new ones. */
  credentials?: Credentials;
}

/** The user whom `newUser` makes now. */
export function userOf(newUser: NewUser, number: number): User {
  return {
    number,
    name: newUser.name,
    permissions: [...newUser.permissions],
    rateLimits: { ...newUser.rateLimits },
    accounts: [newUser.accountNumber],
    createdAt: Date.now(),
    disabledAt: null,
  };
}

/** The key that `newKey` makes now, as it is kept. */
export function storedKeyOf(
  userNumber: number,
  {
    credentials,
    permissions,
    expiresAt,
    allowedAddresses = [],
    account,
  }: NewKey & Required<Pick<NewKey, "permissions" | "credentials">>,
): StoredKey {
  return {
    key: {
      apiKey: credentials.api_key,
      userNumber,
      permissions,
      createdAt: Date.now(),
      expiresAt: expiresAt ?? null,
      revokedAt: null,
      allowedAddresses: [...allowedAddresses],
      account: account ?? null,
    },
    digest: digestSecret(credentials.api_secret),
    signingKey: signingKeyOf(credentials.api_secret),
  };
}

/** What `user` lacks and `newKey` asks for, in words; null when he has all of it. */
export function excessOf(user: User, { permissions = [], account }: NewKey): string | null {
  const excess = permissions.find((permission) => !user.permissions.includes(permission));
  if (excess !== undefined) return `permission ${excess}`;
  if (account === undefined || user.accounts.includes(account)) return null;
  return accountName(account);
}
