/** Who asks for something, whatever door he came through, and what he may do. */
import type { User } from "../identity/user.ts";
import type { MonotonicClock } from "../lib/clocks.ts";
import { type ErrorBody, ErrorCode, errorBody } from "../protocol/errors.ts";
import { ABSENT, accountNumber } from "../protocol/names.ts";
import type { Permission } from "../protocol/schemas/auth.ts";
import type { UserLimits, UserLimitsTable } from "./user-limits.ts";

/** What a request needs: nothing, a login, or a permission, which only a caller with a login has. */
export type Access = "open" | "login" | Permission;

/** One who is logged in, or (`user` null) one who is not. */
export interface Caller {
  readonly user: User | null;
  /** The user's default account; ABSENT without a login. */
  readonly account: number;
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
  /** Market data is for everybody, without a login and without a permission. */
  anonymousMarketData: boolean;
}

/** Makes callers. */
export class Callers {
  readonly #limits: UserLimitsTable;
  readonly #ofEverybody: readonly Permission[];
  readonly #monotonic: () => number;

  constructor({ limits, anonymousMarketData, monotonic }: CallersOptions) {
    this.#limits = limits;
    this.#monotonic = monotonic;
    this.#ofEverybody = anonymousMarketData ? ["market_data"] : [];
  }

  /** One who has not logged in; all of his address share its limits. */
  anonymous(address: string): Caller {
    const limits = this.#limits.ofAddress(address, this.#monotonic());
    return { user: null, account: ABSENT, permissions: this.#ofEverybody, limits };
  }

  /** A user who has shown what gives him these permissions; all his callers share his limits. */
  of(user: User, permissions: readonly Permission[]): LoggedIn {
    return {
      user,
      account: user.accounts[0],
      permissions: [...permissions, ...this.#ofEverybody],
      limits: this.#limits.of(user, this.#monotonic()),
    };
  }
}

/** Why the caller may not do what needs this access; null when he may. */
export function accessRefusal(caller: Caller, access: Access): ErrorBody | null {
  if (access === "open") return null;
  if (access === "login") {
    return isLoggedIn(caller) ? null : errorBody(ErrorCode.NOT_LOGGED_IN);
  }
  if (caller.permissions.includes(access)) return null;
  if (!isLoggedIn(caller)) return errorBody(ErrorCode.NOT_LOGGED_IN);
  return errorBody(ErrorCode.PERMISSION_MISSING, { permission: access });
}

export function ownsAccount({ user }: Caller, account: number): boolean {
  return user?.accounts.includes(account) ?? false;
}

/** The account that a request names, or the default one; null when it is not the caller's. */
export function accountOf(caller: LoggedIn, name: string | undefined): number | null {
  if (name === undefined) return caller.account;
  const account = accountNumber(name);
  return ownsAccount(caller, account) ? account : null;
}
