import { open } from "node:fs/promises";

/** Resolves when the content of a file, or the names in a directory, are on disk. Rejects with what the file system says. */
export async function flushPath(path: string): Promise<void> {
  await using opened = await open(path, "r");
  await opened.sync();
}
