import { chmodSync, closeSync, openSync } from "node:fs";

/**
 * Makes an empty file where there is none, and has it open to its owner alone: before there is anything in it to read.
 * Throws what the file system says.
 */
export function makeOwnFile(path: string): void {
  closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
}
