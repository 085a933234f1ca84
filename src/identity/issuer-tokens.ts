/**
 * Tokens of an issuer that the operator trusts: JSON Web Tokens, checked with the keys that it publishes (JWKS), in a file
 * or at an address. Which algorithms count is configured, never what a token says; keys of the issuer are public ones, so
 * `none` and signatures with a shared secret are out.
 */
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeJwt,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from "jose";
import type { Log } from "../lib/log.ts";
import { isCompactToken } from "./compact-token.ts";
import { userNumber } from "./user.ts";

export interface IssuerOptions {
  /** `iss` and `aud` of its tokens. */
  issuer: string;
  audience: string;
  /** Where its keys are: a file, or an address. */
  keys: string;
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
const KEYS_TIMEOUT_MS = 5000;
/** Keys from an address are read anew after this, and at most this often for one that is not known. */
const KEYS_KEPT_MS = 600_000;
const KEYS_COOLDOWN_MS = 30_000;
/** How often a file is looked at. */
const FILE_COOLDOWN_MS = 1000;
/** Tokens that were checked; past it the oldest is checked again when it comes. */
const CHECKED_MAX = 16_384;

export class IssuerTokens {
  readonly #options: IssuerOptions;
  readonly #getKey: JWTVerifyGetKey;
  /** By the token's hash: it may be long. */
  readonly #checked = new Map<string, IssuedToken>();
  #isTold = false;
  /** Of the last token, milliseconds since 1970. */
  #now = 0;

  /** Throws when the keys are in a file and cannot be read. */
  constructor(options: IssuerOptions) {
    this.#options = options;
    this.#getKey = isAddress(options.keys)
      ? keysAt(options.keys)
      : keysIn(options.keys, () => this.#now);
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

  /** Whose token it is at `nowMs`, milliseconds since 1970. */
  async read(token: string, nowMs: number): Promise<IssuerVerdict> {
    this.#now = nowMs;
    const hash = hashOf(token);
    const known = this.#checked.get(hash);
    if (known !== undefined) {
      if (nowMs < known.expiresAt) return known;
      this.#checked.delete(hash);
      return "over";
    }
    try {
      const { issuer, audience, algorithms } = this.#options;
      const { payload } = await jwtVerify(token, this.#getKey, {
        ...{ issuer, audience, algorithms: [...algorithms] },
        requiredClaims: ["exp"],
        clockTolerance: CLOCK_TOLERANCE_S,
        currentDate: new Date(nowMs),
      });
      this.#isTold = false;
      return this.#keep(hash, payload);
    } catch (error) {
      return this.#verdictOn(error);
    }
  }

  #keep(hash: string, payload: JWTPayload): IssuedToken | "wrong" {
    const { userClaim, users } = this.#options;
    const value = payload[userClaim];
    if (typeof value !== "string") return "wrong";
    const number = userNumber(users.size === 0 ? value : (users.get(value) ?? ""));
    if (number === 0) return "wrong";
    const expiresAt = (Number(payload.exp) + CLOCK_TOLERANCE_S) * 1000;
    const issued: IssuedToken = { userNumber: number, expiresAt };
    this.#checked.set(hash, issued);
    if (this.#checked.size > CHECKED_MAX) {
      this.#checked.delete(this.#checked.keys().next().value as string);
    }
    return issued;
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

function keysAt(address: string): JWTVerifyGetKey {
  return createRemoteJWKSet(new URL(address), {
    timeoutDuration: KEYS_TIMEOUT_MS,
    cacheMaxAge: KEYS_KEPT_MS,
    cooldownDuration: KEYS_COOLDOWN_MS,
  });
}

/** Reads the file at once, and again when it has changed. One that cannot be read then changes nothing. */
function keysIn(path: string, clock: () => number): JWTVerifyGetKey {
  let keys = readKeys(path);
  let changedAt = statSync(path).mtimeMs;
  let lookedAt = 0;
  return (header, token) => {
    const now = clock();
    if (Math.abs(now - lookedAt) >= FILE_COOLDOWN_MS) {
      lookedAt = now;
      try {
        const { mtimeMs } = statSync(path);
        if (mtimeMs !== changedAt) keys = readKeys(path);
        changedAt = mtimeMs;
      } catch {
        // It may be on its way to its place: the next look finds it.
      }
    }
    return keys(header, token);
  };
}

function readKeys(path: string): ReturnType<typeof createLocalJWKSet> {
  try {
    return createLocalJWKSet(JSON.parse(readFileSync(path, "utf8")) as JSONWebKeySet);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`gateway.auth.jwt_keys: ${path} is no JSON Web Key Set: ${reason}`, {
      cause: error,
    });
  }
}
