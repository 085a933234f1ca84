import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { ErrorCode } from "../protocol/errors.ts";
import type { Permission } from "../protocol/schemas/auth.ts";
import type { User } from "./user.ts";

/** An API key as everybody inside may see it; its secret is known to its owner alone. */
export interface ApiKey {
  /** `ak_` and 24 hexadecimal digits; no secret, and safe to log. */
  readonly apiKey: string;
  readonly userNumber: number;
  /** Never more than its user's. */
  readonly permissions: readonly Permission[];
  /** Milliseconds since 1970, as the next two. */
  readonly createdAt: number;
  /** First moment at which the key no longer works; null = never. */
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  /** Networks (CIDR) that it may be used from; none = from anywhere. */
  readonly allowedAddresses: readonly string[];
}

/** Whether a key has ended at `nowMs`, milliseconds since 1970. */
export function hasEnded({ revokedAt, expiresAt }: ApiKey, nowMs: number): boolean {
  return revokedAt !== null || (expiresAt !== null && nowMs >= expiresAt);
}

/**
 * 40101: there is no such key, or the secret or signature is wrong; one answer, so that nobody learns which keys
 * exist. 40102: that is right, but the key has expired or was revoked, or its user is disabled.
 */
export type LoginResult =
  | { ok: true; user: User; key: ApiKey }
  | { ok: false; code: typeof ErrorCode.WRONG_CREDENTIALS | typeof ErrorCode.KEY_NOT_VALID };

/** A key with its secret, as shown to its owner once. */
export interface Credentials {
  api_key: string;
  /** `sk_` and 64 hexadecimal digits: 256 random bits. */
  api_secret: string;
}

/** What is kept of a secret. */
export interface SecretDigest {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

const KEY_RANDOM_BYTES = 12;
const SECRET_RANDOM_BYTES = 32;
const SALT_BYTES = 16;
/** For every digest: it begins anew after each. */
const sha256 = new Bun.CryptoHasher("sha256");
/** HMAC-SHA256 hashes a key that is longer than its block, and takes the hash for the key. */
const HMAC_BLOCK_BYTES = 64;

export function issueCredentials(): Credentials {
  return {
    api_key: `ak_${randomBytes(KEY_RANDOM_BYTES).toString("hex")}`,
    api_secret: `sk_${randomBytes(SECRET_RANDOM_BYTES).toString("hex")}`,
  };
}

export function digestSecret(secret: string): SecretDigest {
  const salt = randomBytes(SALT_BYTES);
  return { salt, hash: saltedHash(salt, secret) };
}

/** Compares in a time that does not depend on where the two differ. */
export function secretMatches(secret: string, digest: SecretDigest): boolean {
  return timingSafeEqual(saltedHash(digest.salt, secret), digest.hash);
}

/** One round is enough: the secret is 256 random bits, not a password that could be guessed. */
function saltedHash(salt: Buffer, secret: string): Buffer {
  return sha256.update(salt).update(secret, "utf8").digest();
}

/**
 * What signatures with a secret are checked with, so that the secret itself is not kept: its hash, which HMAC makes of a
 * key of this length. Whoever has it can sign; it is kept sealed.
 */
export function signingKeyOf(secret: string): Buffer {
  const bytes = Buffer.from(secret, "utf8");
  return bytes.length > HMAC_BLOCK_BYTES ? createHash("sha256").update(bytes).digest() : bytes;
}

/** `signature`: 64 hexadecimal digits. Compares in a time that does not depend on where the two differ. */
export function signatureMatches(signature: string, text: string, signingKey: Buffer): boolean {
  const expected = createHmac("sha256", signingKey).update(text, "utf8").digest();
  const given = Buffer.from(signature, "hex");
  return given.length === expected.length && timingSafeEqual(given, expected);
}
