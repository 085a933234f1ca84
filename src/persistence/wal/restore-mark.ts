import { join } from "node:path";
import { StorageFailedError } from "../backend.ts";
import type { FileSystem } from "./file-system.ts";

/** In the journal's directory while `waiver restore` fills it; gone when all files are there. */
export const RESTORE_MARK = "restore-unfinished";

/** Throws `StorageFailedError` when the journal in `directory` is one of a restore that was not finished. */
export function requireRestored(directory: string, fileSystem: FileSystem): void {
  if (!fileSystem.exists(join(directory, RESTORE_MARK))) return;
  throw new StorageFailedError(
    `${directory}: a restore into it was not finished. Wait for it if it still runs; else remove this directory, ` +
      "the snapshots' and the identity.sqlite that it made, and restore again",
  );
}
