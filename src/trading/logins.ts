/** Logins: who shows which key, and how often somebody may try. */
import type { IdentityStore } from "../identity/identity-store.ts";
import { type ErrorBody, ErrorCode, errorBody } from "../protocol/errors.ts";
import type { Params } from "../protocol/schemas.ts";
import type { Callers } from "./caller.ts";
import type { Login } from "./login.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Wrong logins that one address may make at once, and a second. */
const FAILURES_BURST = 100;
const FAILURES_PER_SECOND = 10;
/** Addresses remembered; past it the oldest are forgotten. */
const ADDRESSES_MAX = 65_536;

export interface LoginsParts {
  identity: Pick<IdentityStore, "verifyLogin">;
  callers: Callers;
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds since whenever, never set back. */
  monotonic(): number;
}

export class Logins {
  readonly #parts: LoginsParts;
  readonly #failures = new Map<string, TokenBucket>();
  /** Logins since the start, for the metrics. */
  made = 0;

  constructor(parts: LoginsParts) {
    this.#parts = parts;
  }

  /**
   * The caller whose key and secret these are, or why not. Wrong ones count for the address; but nobody is kept out
   * by what others try from the same address.
   */
  verify(params: Params<"auth.login">, address: string): Login | ErrorBody {
    const { identity, callers, now } = this.#parts;
    const { api_key, api_secret, cancel_on_disconnect } = params;
    if (api_secret === undefined) {
      const message = "Logins with a signature are not served; send the api_secret";
      return errorBody(ErrorCode.WRONG_CREDENTIALS, undefined, message);
    }
    const attempt = identity.verifyLogin(api_key, api_secret, now());
    if (!attempt.ok) {
      const wait = this.#failed(address);
      if (wait === 0) return errorBody(attempt.code);
      return errorBody(ErrorCode.TOO_MANY_LOGINS, { retry_after_ms: wait });
    }
    const { user, key } = attempt;
    if (cancel_on_disconnect === true && !key.permissions.includes("trade")) {
      return errorBody(ErrorCode.PERMISSION_MISSING, { permission: "trade" });
    }
    this.made++;
    const { permissions, expiresAt } = key;
    return { caller: callers.of(user, permissions), permissions, key, expiresAt };
  }

  /** Counts a wrong login: 0, or for how many milliseconds the address should not try again. */
  #failed(address: string): number {
    const now = this.#parts.monotonic();
    let bucket = this.#failures.get(address);
    if (bucket === undefined) {
      bucket = new TokenBucket(FAILURES_PER_SECOND, FAILURES_BURST, now);
      this.#failures.set(address, bucket);
      if (this.#failures.size > ADDRESSES_MAX) {
        this.#failures.delete(this.#failures.keys().next().value as string);
      }
    }
    return bucket.take(now);
  }
}
