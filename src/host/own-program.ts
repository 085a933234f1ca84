/** How this program starts itself again, from its sources or as one compiled file. */
import { join } from "node:path";

/** What it can be besides `waiver` itself; `main.ts` takes it as first argument. */
export type OwnPart = "snapshot-worker" | "journal-check-worker" | "page-builder" | "demo-market";

/** Where the files of a compiled program seem to be. */
const INSIDE_BINARY = "/$bunfs/";

/** The command that runs `part`, or the command line where there is none; arguments may follow. */
export function ownProgram(part?: OwnPart): string[] {
  const isCompiled = import.meta.path.startsWith(INSIDE_BINARY);
  const main = isCompiled ? [] : [join(import.meta.dir, "..", "main.ts")];
  return [process.execPath, ...main, ...(part === undefined ? [] : [part])];
}
