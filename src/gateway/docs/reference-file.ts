import { join } from "node:path";

/** The path of Scalar's reference in its package. `scripts/binary.ts` puts the file into the program instead. */
export function referenceFile(): string {
  const path = Bun.resolveSync("@scalar/api-reference/package.json", import.meta.dir);
  return join(path, "../dist/browser/standalone.js");
}
