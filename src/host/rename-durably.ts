import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Renames a file or directory whose content is on disk already, and replaces what had the new name. Resolves when the name
 * is on disk too. Rejects with what the file system says; then nothing has changed, unless the disk itself failed.
 */
export async function renameDurably(from: string, to: string): Promise<void> {
  // Opened before the rename: if there were no descriptor afterwards, this would reject although the name is there.
  await using directory = await open(dirname(to), "r");
  await rename(from, to);
  await directory.sync();
}
