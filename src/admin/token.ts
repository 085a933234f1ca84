/** The admin token that the exchange starts with, `root`: it has all rights. */

import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isThere } from "../host/is-there.ts";
import { replaceFile } from "../host/replace-file.ts";
import { isTokenText } from "../lib/token-text.ts";

/** The token's file in the data directory. */
export const ADMIN_TOKEN_FILE = "admin-token";

const TOKEN_RANDOM_BYTES = 32;

/**
 * The root token: `given` (from the environment) unless that is blank, else the one in the data directory. The
 * first start makes that one, 256 random bits in hexadecimal, in a file of mode 0600 that is on disk before the
 * token is used. Rejects when the file has no token, such as zeros after a crash of the machine.
 */
export async function adminToken(dataDir: string, given: string | undefined): Promise<string> {
  // A blank token would match a blank header.
  if (given !== undefined && given.trim() !== "") return given.trim();
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, ADMIN_TOKEN_FILE);
  const kept = readAdminToken(dataDir);
  if (kept !== null) {
    chmodSync(path, 0o600);
    if (isTokenText(kept)) return kept;
    throw new Error(
      `${path} has no token: expected printable ASCII without spaces. Remove it: then a start makes a new one`,
    );
  }
  const token = randomBytes(TOKEN_RANDOM_BYTES).toString("hex");
  await replaceFile(path, `${token}\n`);
  return token;
}

/** The token kept in the data directory; null when there is none yet. Throws when it may not be read. */
export function readAdminToken(dataDir: string): string | null {
  const path = join(dataDir, ADMIN_TOKEN_FILE);
  if (!isThere(path)) return null;
  const token = readFileSync(path, "utf8").trim();
  return token === "" ? null : token;
}
