/**
 * Tokens of an issuer that the operator trusts: JSON Web Tokens, checked with the keys that it publishes (JWKS), in a file
 * or at an address. Which algorithms count is configured, never what a token says; keys of the issuer are public ones, so
 * `none` and signatures with a shared secret are out.
 */
import { createHash } from "node:crypto";
import { decodeJwt, errors, type JWTPayload, jwtVerify } from "jose";
import type { Log } from "../lib/log.ts";
import { remember } from "../lib/remember.ts";
import { isCompactToken } from "./compact-token.ts";
import { AddressKeys, FileKeys, type IssuerKeys } from "./issuer-keys.ts";
import { userNumber } from "./user.ts";

export interface IssuerOptions {
  /** `iss` and `aud` of its tokens. */
  issuer: string;
  audience: string;
  /** Where its keys are: a file, or an address. */
  keys: string;
  /** How long an address may take to answer; 5 s unless it says. */
  keysTimeoutMs?: number;
  /** Signatures that count, such as EdDSA; none with a shared secret. */
  algorithms: readonly string[];
  /** The claim that says whose token it is. */
  userClaim: string;
  /** The user's id (`usr_<n>`) by the claim's value; without any, the value is the id. */
  users: ReadonlyMap<string, string>;
  log: Pick<Log, "warn">;
}

export interface IssuedToken {
  readonly userNumber: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** "over": it was right once. "unavailable": the issuer's keys cannot be read now. */
export type IssuerVerdict = IssuedToken | "wrong" | "over" | "unavailable";

const CLOCK_TOLERANCE_S = 5;
/** Tokens that were checked; past it the oldest is checked again when it comes. */
const CHECKED_MAX = 16_384;

export class IssuerTokens {
  readonly #options: IssuerOptions;
  readonly #keys: IssuerKeys;
  /** By the token's hash: it may be long. */
  readonly #checked = new Map<string, IssuedToken>();
  /** Of the keys that those were checked with. */
  #version = 0;
  #isTold = false;

  /** Throws when the keys are in a file and cannot be read. */
  constructor(options: IssuerOptions) {
    this.#options = options;
    this.#keys = isAddress(options.keys)
      ? new AddressKeys(options.keys, options.keysTimeoutMs)
      : new FileKeys(options.keys);
  }

  /** Whether a token says that it is this issuer's; nothing of it is checked yet. */
  issued(token: string): boolean {
    if (!isCompactToken(token)) return false;
    try {
      return decodeJwt(token).iss === this.#options.issuer;
    } catch {
      return false;
    }
  }

  /** Whether it was checked before, so that `read` is cheap. */
  isChecked(token: string): boolean {
    return this.#checked.has(hashOf(token));
  }

  /** Another number: other keys. */
  get keysVersion(): number {
    return this.#keys.version;
  }

  /** Sees to it that the keys are those of `nowMs`, milliseconds since 1970. */
  async refresh(nowMs: number): Promise<void> {
    await this.#keys.refresh(nowMs);
    this.#forgetOthers();
  }

  /** Whose token it is at `nowMs`, milliseconds since 1970. */
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
      this.#isTold = false;
      const issued = this.#issuedOf(payload);
      if (issued !== "wrong" && version === this.#keys.version) {
        remember(this.#checked, hash, issued, CHECKED_MAX);
      }
      return issued;
    } catch (error) {
      return this.#verdictOn(error);
    }
  }

  /** Tokens that were checked with keys which the issuer may have withdrawn are checked again. */
  #forgetOthers(): void {
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
    // Its seconds may have a fraction, and be more than a client's number holds.
    const expiresAt = Math.floor((Number(payload.exp) + CLOCK_TOLERANCE_S) * 1000);
    return { userNumber: number, expiresAt: Math.min(expiresAt, Number.MAX_SAFE_INTEGER) };
  }

  #verdictOn(error: unknown): IssuerVerdict {
    if (error instanceof errors.JWTExpired) return "over";
    if (isOfToken(error)) return "wrong";
    if (!this.#isTold) {
      const { issuer, keys } = this.#options;
      this.#options.log.warn(
        { issuer, keys, error: String(error) },
        "the keys of the tokens' issuer cannot be read: its tokens log nobody in",
      );
    }
    this.#isTold = true;
    return "unavailable";
  }
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("base64");
}

/** Whether it is the token that is wrong, rather than the keys. */
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
