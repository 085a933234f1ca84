import { statSync } from "node:fs";

const ABSENT = new Set(["ENOENT", "ENOTDIR"]);

/**
 * Whether a file or directory is at `path`. Throws when this user may not look there. `existsSync` would answer no, and a
 * journal that belongs to another user would count as missing.
 */
export function isThere(path: string): boolean {
  try {
    statSync(path);
    return true;
  } catch (error) {
    if (ABSENT.has((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}
