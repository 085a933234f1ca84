import { open } from "node:fs/promises";
import { renameDurably } from "./rename-durably.ts";

/**
 * Writes a file, which only its owner may read unless `mode` says otherwise. Resolves when it is on disk under its name: a
 * crash leaves the file before it or this one. Rejects with what the file system says.
 */
export async function replaceFile(path: string, text: string, mode = 0o600): Promise<void> {
  const temporary = `${path}.new`;
  await using file = await open(temporary, "w", mode);
  // The mode of `open` is cut by the umask, and a file that a crash left keeps its own.
  await file.chmod(mode);
  await file.writeFile(text);
  await file.sync();
  await renameDurably(temporary, path);
}
