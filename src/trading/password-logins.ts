/** Checks names and passwords, for logins and for changes of a password, and hashes new passwords. */
import type { IdentityStore } from "../identity/identity-store.ts";
import { PasswordsBusy } from "../identity/passwords.ts";
import type { User } from "../identity/user.ts";
import type { Clocks } from "../lib/clocks.ts";
import { networkOf } from "../lib/ip-address.ts";
import { type ErrorBody, ErrorCode, errorBody } from "../protocol/errors.ts";
import type { Callers } from "./caller.ts";
import type { Login } from "./login.ts";
import { RETRY_AFTER_MS } from "./outcome.ts";
import { PasswordAttempts } from "./password-attempts.ts";

export interface PasswordLoginsParts extends Clocks {
  identity: Pick<IdentityStore, "passwords" | "user" | "loginNetworks">;
  callers: Callers;
}

export class PasswordLogins {
  readonly #parts: PasswordLoginsParts;
  readonly #attempts: PasswordAttempts;

  constructor(parts: PasswordLoginsParts) {
    this.#parts = parts;
    const { loginNetworks } = parts.identity;
    this.#attempts = new PasswordAttempts((name, network) => loginNetworks.has(name, network));
  }

  /**
   * Checks a name and password from `address`. Resolves with the login, or with the error: 40101 for an unknown name or a
   * wrong password (the same answer after the same time), 40102 for a disabled user, 42904 for too many tries, 50300.
   */
  async verify(name: string, password: string, address: string): Promise<Login | ErrorBody> {
    const { identity, callers, monotonic } = this.#parts;
    const wait = this.#attempts.take(name, address, monotonic());
    if (wait > 0) return errorBody(ErrorCode.TOO_MANY_LOGINS, { retry_after_ms: wait });
    let number: number | null;
    try {
      number = await identity.passwords.verify(name, password, networkOf(address));
    } catch (error) {
      return busyOrThrow(error);
    }
    const user = number === null ? undefined : identity.user(number);
    if (user === undefined) {
      return errorBody(ErrorCode.WRONG_CREDENTIALS, undefined, "Wrong name or password");
    }
    this.known(name, address);
    return loginOf(callers, user);
  }

  /** The hash of a new password, or the error 50300. */
  async hash(password: string, address: string): Promise<string | ErrorBody> {
    try {
      return await this.#parts.identity.passwords.hashing.hash(password, networkOf(address));
    } catch (error) {
      return busyOrThrow(error);
    }
  }

  /** The user of this name has logged in or signed up from `address`. */
  known(name: string, address: string): void {
    const { identity, now } = this.#parts;
    this.#attempts.right(name, address);
    identity.loginNetworks.add(name, networkOf(address), now());
  }
}

/** The login of a user without a key, such as with a password; the error 40102 when he is disabled. */
export function loginOf(callers: Callers, user: User): Login | ErrorBody {
  if (user.disabledAt !== null) {
    return errorBody(ErrorCode.KEY_NOT_VALID, undefined, "This user is disabled");
  }
  const { permissions } = user;
  const caller = callers.of(user, null);
  return { caller, permissions, key: null, session: null, issued: null, expiresAt: null };
}

/** The error 50300 when too many passwords wait to be hashed. Throws any other error. */
function busyOrThrow(error: unknown): ErrorBody {
  if (!(error instanceof PasswordsBusy)) throw error;
  const details = { retry_after_ms: RETRY_AFTER_MS };
  return errorBody(ErrorCode.OVERLOADED, details, "Too many logins at once, retry");
}
