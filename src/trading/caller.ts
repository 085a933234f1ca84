/** Who sends a request, over whatever protocol, and what he may do. */
import type { ApiKey } from "../identity/api-key.ts";
import type { User } from "../identity/user.ts";
import type { MonotonicClock } from "../lib/clocks.ts";
import { type ErrorBody, ErrorCode, errorBody } from "../protocol/errors.ts";
import { ABSENT, accountNumber } from "../protocol/names.ts";
import type { Permission } from "../protocol/schemas/auth.ts";
import type { UserLimits, UserLimitsTable } from "./user-limits.ts";

/** What a request needs: nothing, a login, or a permission. */
export type Access = "open" | "login" | Permission;

/** Somebody who is logged in, or (`user` null) who is not. */
export interface Caller {
  readonly user: User | null;
  /** The account that requests are about unless they name another; ABSENT without a login. */
  readonly account: number;
  /** The accounts that requests may name: the user's, or the one of his key; none without a login. */
  readonly accounts: readonly number[];
  readonly permissions: readonly Permission[];
  readonly limits: UserLimits;
}

export interface LoggedIn extends Caller {
  readonly user: User;
}

export function isLoggedIn(caller: Caller): caller is LoggedIn {
  return caller.user !== null;
}

export interface CallersOptions extends MonotonicClock {
  limits: UserLimitsTable;
  /** Whether everybody may read market data, without a login or permission. */
  anonymousMarketData: boolean;
}

export class Callers {
  readonly #limits: UserLimitsTable;
  readonly #ofEverybody: readonly Permission[];
  readonly #monotonic: () => number;

  constructor({ limits, anonymousMarketData, monotonic }: CallersOptions) {
    this.#limits = limits;
    this.#monotonic = monotonic;
    this.#ofEverybody = anonymousMarketData ? ["market_data"] : [];
  }

  /** A caller who has not logged in. All such callers from one address share the address's limits. */
  anonymous(address: string): Caller {
    const limits = this.#limits.ofAddress(address, this.#monotonic());
    return { user: null, account: ABSENT, accounts: [], permissions: this.#ofEverybody, limits };
  }

  /**
   * A caller who is logged in as `user`, with what `key` allows; null: without a key, with all that the user may do. All callers
   * of one user share the user's limits.
   */
  of(user: User, key: ApiKey | null): LoggedIn {
    const { permissions } = key ?? user;
    const bound = key?.account ?? null;
    // The user's own list, because accounts that are opened for him later may be used at once.
    const accounts = bound === null ? user.accounts : [bound];
    return {
      ...{ user, account: accounts[0], accounts },
      permissions: [...permissions, ...this.#ofEverybody],
      limits: this.#limits.of(user, this.#monotonic()),
    };
  }
}

/** The error when the caller does not have the access that a request needs; null when he has. */
export function accessRefusal(caller: Caller, access: Access): ErrorBody | null {
  if (access === "open") return null;
  if (access === "login") {
    return isLoggedIn(caller) ? null : errorBody(ErrorCode.NOT_LOGGED_IN);
  }
  if (caller.permissions.includes(access)) return null;
  if (!isLoggedIn(caller)) return errorBody(ErrorCode.NOT_LOGGED_IN);
  return errorBody(ErrorCode.PERMISSION_MISSING, { permission: access });
}

/** Whether the caller's key is for one account only of those that his user has. */
export function isBound({ user, accounts }: LoggedIn): boolean {
  return accounts.length < user.accounts.length;
}

/** Whether the caller may use the account. */
export function mayUse({ accounts }: Caller, account: number): boolean {
  return accounts.includes(account);
}

/** The account that a request names, or without a name the default one; null when the caller may not use it. */
export function accountOf(caller: LoggedIn, name: string | undefined): number | null {
  if (name === undefined) return caller.account;
  const account = accountNumber(name);
  return mayUse(caller, account) ? account : null;
}
