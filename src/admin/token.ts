/** The admin token: what makes a request an operator's. */

import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { bearerToken } from "../gateway/http/bearer-token.ts";

/** The token's file in the data directory. */
export const ADMIN_TOKEN_FILE = "admin-token";

const TOKEN_RANDOM_BYTES = 32;

/**
 * The token that the exchange asks for: `given` (from the environment) unless that is blank, else
 * the one in the data directory, which is made at the first start: 256 random bits in hexadecimal,
 * mode 0600.
 */
export function adminToken(dataDir: string, given: string | undefined): string {
  // A blank token would be matched by a blank header.
  if (given !== undefined && given.trim() !== "") return given.trim();
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, ADMIN_TOKEN_FILE);
  // Closed to others before there is anything in it to read.
  closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
  const kept = readAdminToken(dataDir);
  if (kept !== null) return kept;
  const token = randomBytes(TOKEN_RANDOM_BYTES).toString("hex");
  writeFileSync(path, `${token}\n`);
  return token;
}

/** The token kept in the data directory; null when there is none yet. */
export function readAdminToken(dataDir: string): string | null {
  const path = join(dataDir, ADMIN_TOKEN_FILE);
  if (!existsSync(path)) return null;
  const token = readFileSync(path, "utf8").trim();
  return token === "" ? null : token;
}

/**
 * Whether the request carries `token` as `Authorization: Bearer`. How long it takes does not depend on the
 * tokens.
 */
export function bearsToken(request: Request, token: string): boolean {
  // Hashes have equal length, which the comparison asks for and the tokens might not have.
  return timingSafeEqual(sha256(bearerToken(request)), sha256(token));
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text, "utf8").digest();
}
