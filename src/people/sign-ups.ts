/** Sign-ups: who may make himself a user, how often, and what he begins with. */
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
  /** Users with a password, at most. */
  readonly usersMax: number;
  /** What an account begins with. */
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
  /** Names in lower case that are being made users of. */
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

  /** Shares that new accounts begin with where none are configured. */
  giveShares(positions: Readonly<Record<string, number>>): void {
    if (Object.keys(this.#deposit.positions ?? {}).length > 0) return;
    this.#deposit = { ...this.#deposit, positions: { ...positions } };
  }

  /** Throws `HttpError` 40300 where nobody may sign up. */
  assertOpen(): void {
    if (this.#options.isOpen) return;
    const message = "Sign-up is closed: the operator makes users (gateway.auth.sign_up is false)";
    throw httpError(ErrorCode.PERMISSION_MISSING, message);
  }

  /**
   * Makes a user with an account, its first deposit and a password. Throws `HttpError`: 40001 for a password that is
   * the name, and with 409 for a name that is taken; 42904, 50300 and 40910 when there are too many.
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
