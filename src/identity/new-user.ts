/** What a new user and a new key are made from. */
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
    },
    digest: digestSecret(credentials.api_secret),
    signingKey: signingKeyOf(credentials.api_secret),
  };
}
