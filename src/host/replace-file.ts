import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Writes a file that only its owner may read. Resolves when it is on disk under its name: a crash leaves the file
 * before it or this one.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  await using file = await open(temporary, "w", 0o600);
  await file.writeFile(text);
  await file.sync();
  await rename(temporary, path);
  await using parent = await open(dirname(path), "r");
  await parent.sync();
}
