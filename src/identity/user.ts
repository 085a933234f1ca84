import type { Permission } from "../protocol/schemas/auth.ts";
import type { UserRateLimits } from "../protocol/schemas/users.ts";

/** The permissions of a new user, unless others are given. */
export const DEFAULT_PERMISSIONS: readonly Permission[] = ["trade", "market_data"];

/** Rate limits of a user, named as on the wire and in the configuration. */
export type RateLimits = Required<UserRateLimits>;

export interface User {
  /** From 1; `usr_<number>` on the wire. */
  readonly number: number;
  /** 1 to 64 characters; several users may share a name. */
  readonly name: string;
  readonly permissions: readonly Permission[];
  /** Limits that differ from the configured ones. */
  readonly rateLimits: Readonly<Partial<RateLimits>>;
  /** The accounts that the user owns, the default one first. */
  readonly accounts: readonly number[];
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** When the user was disabled, so that nobody can log in as him; null = he is not. */
  readonly disabledAt: number | null;
}

export const userId = (number: number): string => `usr_${number}`;

/** The number n of `usr_<n>`, n from 1; 0 when `id` is not of that form. */
export function userNumber(id: string): number {
  return /^usr_[1-9]\d{0,9}$/.test(id) ? Number(id.slice("usr_".length)) : 0;
}
