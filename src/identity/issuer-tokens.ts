/**
 * Tokens of an issuer that the operator trusts: JSON Web Tokens, checked with the keys that the issuer publishes (JWKS) in a
 * file or at an address. The configuration says which algorithms are allowed; what a token says about that does not count.
 * Only signatures with a public key are allowed, so `none` and shared secrets are not.
 */
import { createHash } from "node:crypto";
import { decodeJwt, errors, type JWTPayload, jwtVerify } from "jose";
import type { Log } from "../lib/log.ts";
import { remember } from "../lib/remember.ts";
import { isCompactToken } from "./compact-token.ts";
import { AddressKeys, FileKeys, type IssuerKeys } from "./issuer-keys.ts";
import { userNumber } from "./user.ts";

export interface IssuerOptions {
  /** `iss` that the tokens must have. */
  issuer: string;
  /** `aud` that the tokens must have. */
  audience: string;
  /** Where the issuer's keys are: a file, or an address. */
  keys: string;
  /** How long an address may take to answer; 5 s by default. */
  keysTimeoutMs?: number;
  /** Algorithms that are allowed, such as EdDSA; none of them uses a shared secret. */
  algorithms: readonly string[];
  /** The claim that names the token's user. */
  userClaim: string;
  /** User ids (`usr_<n>`) by the claim's value. When the map is empty, the value itself is the id. */
  users: ReadonlyMap<string, string>;
  log: Pick<Log, "warn">;
}

export interface IssuedToken {
  readonly userNumber: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** "over": the token is genuine, but has expired. "unavailable": the issuer's keys cannot be read now. */
export type IssuerVerdict = IssuedToken | "wrong" | "over" | "unavailable";

const CLOCK_TOLERANCE_S = 5;
/** How many checked tokens are remembered. When there are more, the oldest is forgotten, and checked again when it is used. */
const CHECKED_MAX = 16_384;

export class IssuerTokens {
  readonly #options: IssuerOptions;
  readonly #keys: IssuerKeys;
  /** Checked tokens, by hash, because a token may be long. */
  readonly #checked = new Map<string, IssuedToken>();
  /** Version of the keys that these were checked with. */
  #version = 0;
  /** Whether it was logged that the keys cannot be read. */
  #isLogged = false;

  /** Throws when the keys are in a file and cannot be read. */
  constructor(options: IssuerOptions) {
    this.#options = options;
    this.#keys = isAddress(options.keys)
      ? new AddressKeys(options.keys, options.keysTimeoutMs)
      : new FileKeys(options.keys);
  }

  /** Whether a token claims to be this issuer's. Nothing of it is checked here. */
  issued(token: string): boolean {
    if (!isCompactToken(token)) return false;
    try {
      return decodeJwt(token).iss === this.#options.issuer;
    } catch {
      return false;
    }
  }

  /** Whether a token was checked before, so that `read` is cheap. */
  isChecked(token: string): boolean {
    return this.#checked.has(hashOf(token));
  }

  /** Changes whenever the issuer's keys change. */
  get keysVersion(): number {
    return this.#keys.version;
  }

  /** Brings the keys up to date. `nowMs`: the time, milliseconds since 1970. */
  async refresh(nowMs: number): Promise<void> {
    await this.#keys.refresh(nowMs);
    this.#forgetOutdated();
  }

  /** Checks a token at `nowMs`, milliseconds since 1970, and resolves with its user and its end, or why it is not accepted. */
  async read(token: string, nowMs: number): Promise<IssuerVerdict> {
    await this.refresh(nowMs);
    const hash = hashOf(token);
    const known = this.#checked.get(hash);
    if (known !== undefined) {
      if (nowMs < known.expiresAt) return known;
      this.#checked.delete(hash);
      return "over";
    }
    const version = this.#version;
    try {
      const { issuer, audience, algorithms } = this.#options;
      const { payload } = await jwtVerify(token, this.#keys.find, {
        ...{ issuer, audience, algorithms: [...algorithms] },
        requiredClaims: ["exp"],
        clockTolerance: CLOCK_TOLERANCE_S,
        currentDate: new Date(nowMs),
      });
      this.#isLogged = false;
      const issued = this.#issuedOf(payload);
      if (issued !== "wrong" && version === this.#keys.version) {
        remember(this.#checked, hash, issued, CHECKED_MAX);
      }
      return issued;
    } catch (error) {
      return this.#verdictOn(error);
    }
  }

  /** Forgets tokens that were checked with older keys: the issuer may have withdrawn these keys. */
  #forgetOutdated(): void {
    if (this.#version === this.#keys.version) return;
    this.#version = this.#keys.version;
    this.#checked.clear();
  }

  #issuedOf(payload: JWTPayload): IssuedToken | "wrong" {
    const { userClaim, users } = this.#options;
    const value = payload[userClaim];
    if (typeof value !== "string") return "wrong";
    const number = userNumber(users.size === 0 ? value : (users.get(value) ?? ""));
    if (number === 0) return "wrong";
    // `exp` may have a fraction, and may be larger than what a client's number can hold.
    const expiresAt = Math.floor((Number(payload.exp) + CLOCK_TOLERANCE_S) * 1000);
    return { userNumber: number, expiresAt: Math.min(expiresAt, Number.MAX_SAFE_INTEGER) };
  }

  #verdictOn(error: unknown): IssuerVerdict {
    if (error instanceof errors.JWTExpired) return "over";
    if (isOfToken(error)) return "wrong";
    if (!this.#isLogged) {
      const { issuer, keys } = this.#options;
      this.#options.log.warn(
        { issuer, keys, error: String(error) },
        "the keys of the tokens' issuer cannot be read: its tokens log nobody in",
      );
    }
    this.#isLogged = true;
    return "unavailable";
  }
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("base64");
}

/** Whether an error says that the token is wrong, and not that the keys cannot be read. */
function isOfToken(error: unknown): boolean {
  return [
    errors.JWTClaimValidationFailed,
    errors.JWTInvalid,
    errors.JWSInvalid,
    errors.JWSSignatureVerificationFailed,
    errors.JWKSNoMatchingKey,
    errors.JWKSMultipleMatchingKeys,
    errors.JOSEAlgNotAllowed,
    errors.JOSENotSupported,
  ].some((each) => error instanceof each);
}

function isAddress(keys: string): boolean {
  return /^https?:\/\//.test(keys);
}
