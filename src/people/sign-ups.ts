/** Sign-ups: whether people may make themselves users, how often, and what their accounts begin with. */
import { HttpError, httpError, invalidField } from "../gateway/http/responses.ts";
import type { IdentityStore } from "../identity/identity-store.ts";
import { DEFAULT_PERMISSIONS, type User } from "../identity/user.ts";
import type { MonotonicClock } from "../lib/clocks.ts";
import { ErrorCode } from "../protocol/errors.ts";
import type { SignUpBody } from "../protocol/schemas/people.ts";
import type { DepositBody } from "../protocol/schemas/users.ts";
import type { PasswordLogins } from "../trading/password-logins.ts";
import type { NewUsers } from "./new-users.ts";
import { SignUpPace } from "./sign-up-pace.ts";

export interface SignUpOptions {
  readonly isOpen: boolean;
  /** The most users with a password. */
  readonly usersMax: number;
  /** Cash and shares that an account begins with. */
  readonly deposit: DepositBody;
}

export interface SignUpParts extends MonotonicClock {
  identity: IdentityStore;
  newUsers: NewUsers;
  passwordLogins: Pick<PasswordLogins, "hash">;
}

export class SignUps {
  readonly #parts: SignUpParts;
  readonly #options: SignUpOptions;
  #deposit: DepositBody;
  readonly #pace: SignUpPace;
  /** Names, in lower case, of users that are being made. */
  readonly #underWay = new Set<string>();

  constructor(parts: SignUpParts, options: SignUpOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#deposit = options.deposit;
    this.#pace = new SignUpPace(parts.monotonic);
  }

  get isOpen(): boolean {
    return this.#options.isOpen;
  }

  /** Sets the shares that new accounts begin with, unless some are configured. */
  giveShares(positions: Readonly<Record<string, number>>): void {
    if (Object.keys(this.#deposit.positions ?? {}).length > 0) return;
    this.#deposit = { ...this.#deposit, positions: { ...positions } };
  }

  /** Throws `HttpError` 40300 when sign-up is closed. */
  assertOpen(): void {
    if (this.#options.isOpen) return;
    const message = "Sign-up is closed: the operator makes users (gateway.auth.sign_up is false)";
    throw httpError(ErrorCode.PERMISSION_MISSING, message);
  }

  /**
   * Makes a user with an account, its first deposit and a password. Rejects with `HttpError`: 40300 when sign-up is closed,
   * 40001 for a password that is the name and (as HTTP 409) for a name that is taken, 42904 and 50300 for too many sign-ups
   * now, 40910 when there are too many users.
   */
  async signUp({ name, password }: SignUpBody, address: string): Promise<User> {
    const { identity, newUsers, passwordLogins } = this.#parts;
    this.assertOpen();
    assertNotTheName(name, password, "password");
    const refusal = this.#pace.take(address);
    if (refusal !== null) throw new HttpError(refusal);
    const lower = name.toLowerCase();
    if (this.#underWay.has(lower) || identity.isNameTaken(name)) {
      throw invalidField("name", `${name} is taken`, { status: 409 });
    }
    if (identity.passwords.count + this.#underWay.size >= this.#options.usersMax) {
      throw httpError(ErrorCode.CAPACITY, "No more users can sign up here");
    }
    this.#underWay.add(lower);
    try {
      const passwordHash = await passwordLogins.hash(password, address);
      if (typeof passwordHash !== "string") throw new HttpError(passwordHash);
      return await newUsers.create({
        ...{ name, passwordHash, permissions: DEFAULT_PERMISSIONS },
        deposit: this.#deposit,
        note: (id) => `user.sign_up ${id} ${name}`,
      });
    } finally {
      this.#underWay.delete(lower);
    }
  }
}

/** Throws `HttpError` 40001 for a password that is the user's name; `field` is where the request has it. */
export function assertNotTheName(name: string, password: string, field: string): void {
  if (password.toLowerCase() !== name.toLowerCase()) return;
  throw invalidField(field, "Must not be the name");
}
