/** How this program starts itself again: from its sources, bundled, or as one compiled file. */
import { join } from "node:path";

/** What it can be besides `waiver` itself; `main.ts` takes it as first argument. */
export type OwnPart = "snapshot-worker" | "journal-check-worker" | "page-builder" | "demo-market";

/** Where the files of a compiled program seem to be. */
const INSIDE_BINARY = "/$bunfs/";

/** The command that runs `part`, or the command line where there is none; arguments may follow. */
export function ownProgram(part?: OwnPart): string[] {
  return [process.execPath, ...mainFile(import.meta.path), ...(part === undefined ? [] : [part])];
}

/** What Bun is given to run, of the program that has this file at `path`. */
function mainFile(path: string): string[] {
  if (path.startsWith(INSIDE_BINARY)) return [];
  // Bundled, this file is a part of the one that was started.
  return path.endsWith("/own-program.ts") ? [join(path, "../../main.ts")] : [path];
}
