import { statSync } from "node:fs";

const ABSENT = new Set(["ENOENT", "ENOTDIR"]);

/**
 * Whether there is a file or a directory. Throws where this user may not know: `existsSync` says no then, and a journal that
 * belongs to somebody else is no journal that is missing.
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
