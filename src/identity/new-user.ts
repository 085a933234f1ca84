/** What a new user and a new key are made from. */
import type { Permission } from "../protocol/schemas/auth.ts";
import type { Credentials } from "./api-key.ts";
import type { RateLimits } from "./user.ts";

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
