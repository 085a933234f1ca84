import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { ErrorCode } from "../protocol/errors.ts";
import type { Permission } from "../protocol/schemas/auth.ts";
import type { User } from "./user.ts";

/** An API key as the rest of the program may see it. Only its owner knows its secret. */
export interface ApiKey {
  /** `ak_` and 24 hexadecimal digits. It is no secret and may be logged. */
  readonly apiKey: string;
  readonly userNumber: number;
  /** Never more than its user has. */
  readonly permissions: readonly Permission[];
  /** Milliseconds since 1970, as `expiresAt` and `revokedAt`. */
  readonly createdAt: number;
  /** First moment at which the key no longer works; null = never. */
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  /** Networks (CIDR) that the key may be used from; empty = anywhere. */
  readonly allowedAddresses: readonly string[];
  /** The only account of the user that it may use; null = all of them. It is never changed. */
  readonly account: number | null;
}

/** Whether a key has ended at `nowMs`, milliseconds since 1970. */
export function hasEnded({ revokedAt, expiresAt }: ApiKey, nowMs: number): boolean {
  return revokedAt !== null || (expiresAt !== null && nowMs >= expiresAt);
}

/**
 * Result of a login with a key. 40101: there is no such key, or the secret or signature is wrong. It is one code for both, so
 * that nobody learns which keys exist. 40102: secret or signature is right, but the key has expired or was revoked, or its
 * user is disabled.
 */
export type LoginResult =
  | { ok: true; user: User; key: ApiKey }
  | { ok: false; code: typeof ErrorCode.WRONG_CREDENTIALS | typeof ErrorCode.KEY_NOT_VALID };

/** A key with its secret, as it is shown to its owner once. */
export interface Credentials {
  api_key: string;
  /** `sk_` and 64 hexadecimal digits: 256 random bits. */
  api_secret: string;
}

/** What the store keeps of a secret. */
export interface SecretDigest {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

const KEY_RANDOM_BYTES = 12;
const SECRET_RANDOM_BYTES = 32;
const SALT_BYTES = 16;
/** One hasher serves for every digest, because `digest()` resets it. */
const sha256 = new Bun.CryptoHasher("sha256");
/** When a key is longer than this block, HMAC-SHA256 uses the hash of the key in its place. */
const HMAC_BLOCK_BYTES = 64;

/** A new random key and secret. */
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

/** Whether `secret` is the one of `digest`. The time it takes does not depend on where the two differ. */
export function secretMatches(secret: string, digest: SecretDigest): boolean {
  return timingSafeEqual(saltedHash(digest.salt, secret), digest.hash);
}

/** One round of hashing is enough: a secret is 256 random bits, not a password that could be guessed. */
function saltedHash(salt: Buffer, secret: string): Buffer {
  return sha256.update(salt).update(secret, "utf8").digest();
}

/**
 * The key that checks signatures made with `secret`, so that the secret itself need not be kept: its hash, which HMAC uses in
 * place of so long a key. Who has it can also sign, so the store keeps it sealed.
 */
export function signingKeyOf(secret: string): Buffer {
  const bytes = Buffer.from(secret, "utf8");
  return bytes.length > HMAC_BLOCK_BYTES ? createHash("sha256").update(bytes).digest() : bytes;
}

/**
 * Whether `signature` is the HMAC-SHA256 of `text` as 64 hexadecimal digits. The time it takes does not depend on where the
 * two differ.
 */
export function signatureMatches(signature: string, text: string, signingKey: Buffer): boolean {
  const expected = createHmac("sha256", signingKey).update(text, "utf8").digest();
  const given = Buffer.from(signature, "hex");
  return given.length === expected.length && timingSafeEqual(given, expected);
}
