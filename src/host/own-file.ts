import { chmodSync, closeSync, openSync } from "node:fs";

/**
 * Makes an empty file if there is none, and lets only its owner read and write it. So nobody else can read what is written
 * to it afterwards. Throws what the file system says.
 */
export function makeOwnFile(path: string): void {
  closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
}
