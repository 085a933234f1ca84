/** The admin token that the exchange starts with, `root`: it may everything. */

import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeOwnFile } from "../host/own-file.ts";

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
  makeOwnFile(path);
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
