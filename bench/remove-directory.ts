import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { diskFileSystem } from "../src/persistence/wal/file-system.ts";

/**
 * Removes a directory for good. Left alone, the file system would free what was in it with its next commit, seconds
 * later: then the flushes of what is measured next wait behind that, for 10 ms and more.
 */
export async function removeDirectory(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
  await diskFileSystem.syncDirectory(dirname(path));
}
