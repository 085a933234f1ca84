/** What a new user and a new key are given. */
import type { Permission } from "../protocol/schemas/auth.ts";
import type { Credentials } from "./api-key.ts";
import type { RateLimits } from "./user.ts";

export interface NewUser {
  /** One that was taken for it (`takeUserNumber`), for a caller that needs it before; default: takes one. */
  number?: number;
  /** 1 to 64 characters. */
  name: string;
  permissions: readonly Permission[];
  /** What differs from the configured limits. */
  rateLimits?: Partial<RateLimits>;
  /** The account that the user owns and trades on by default. */
  accountNumber: number;
  /** The hash of the password that he logs in with, by his name; default: he has none. */
  passwordHash?: string;
}

export interface NewKey {
  /** Default: the user's. */
  permissions?: readonly Permission[];
  /** Milliseconds since 1970; default: never. */
  expiresAt?: number;
  /** Networks (CIDR) that it may be used from; default: from anywhere. */
  allowedAddresses?: readonly string[];
  /** Default: fresh ones. For a caller that puts the key on record before it exists. */
  credentials?: Credentials;
}
