/** How this program starts itself again: from its sources, bundled, or as one compiled file. */
import { join } from "node:path";

/** What it can be besides `waiver` itself; `main.ts` takes it as first argument. */
export type OwnPart = "snapshot-worker" | "journal-check-worker" | "page-builder" | "demo-market";

/** What it can be in a thread of its own. */
export type OwnThread = "read-ahead";

/** Where the files of a compiled program seem to be. */
const INSIDE_BINARY = "/$bunfs/";

/** The command that runs `part`, or the command line where there is none; arguments may follow. */
export function ownProgram(part?: OwnPart): string[] {
  return [process.execPath, ...mainFile(import.meta.path), ...(part === undefined ? [] : [part])];
}

/** Starts a thread that does `task` as `part`, which `main.ts` hands it. It does not keep the process alive. */
export function startOwnThread(part: OwnThread, task: object): Worker {
  const [file = Bun.main] = mainFile(import.meta.path);
  const thread = new Worker(file, { argv: [part] });
  thread.unref();
  thread.postMessage(task);
  return thread;
}

/** What Bun is given to run, of the program that has this file at `path`. */
function mainFile(path: string): string[] {
  if (path.startsWith(INSIDE_BINARY)) return [];
  // Bundled, this file is a part of the one that was started.
  return path.endsWith("/own-program.ts") ? [join(path, "../../main.ts")] : [path];
}
