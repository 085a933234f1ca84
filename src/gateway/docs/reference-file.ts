import { join } from "node:path";

/** Where Scalar's reference is, as its package has it. `scripts/binary.ts` puts the file inside the program instead. */
export function referenceFile(): string {
  const path = Bun.resolveSync("@scalar/api-reference/package.json", import.meta.dir);
  return join(path, "../dist/browser/standalone.js");
}
