import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Gives a file or directory, whose content is on disk, its name, in place of what had it. Resolves when the name is on disk
 * too. Rejects with what the file system says; then nothing has changed, unless the disk itself fails.
 */
export async function renameDurably(from: string, to: string): Promise<void> {
  // Opened before: without a descriptor for the flush the new name would stand there, and be told not to.
  await using directory = await open(dirname(to), "r");
  await rename(from, to);
  await directory.sync();
}
