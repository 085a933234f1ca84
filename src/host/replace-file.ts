import { open } from "node:fs/promises";
import { renameDurably } from "./rename-durably.ts";

/**
 * Writes a file in place of the one at `path`. Only its owner may read it unless `mode` says otherwise. Resolves when it is
 * on disk under its name; a crash before that leaves the old file or the new one. Rejects with what the file system says.
 */
export async function replaceFile(path: string, text: string, mode = 0o600): Promise<void> {
  const temporary = `${path}.new`;
  await using file = await open(temporary, "w", mode);
  // The umask cuts the mode of `open`, and a temporary file that a crash left behind has kept its own mode.
  await file.chmod(mode);
  await file.writeFile(text);
  await file.sync();
  await renameDurably(temporary, path);
}
