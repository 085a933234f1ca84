/** How this program starts itself again: from its sources, from a bundle, or from one compiled file. */
import { join } from "node:path";

/** What the program can be besides `waiver` itself; `main.ts` takes it as its first argument. */
export type OwnPart = "snapshot-worker" | "journal-check-worker" | "page-builder" | "demo-market";

/** What the program can do in a thread of its own. */
export type OwnThread = "read-ahead";

/** In a compiled program, the paths of its source files begin with this. */
const INSIDE_BINARY = "/$bunfs/";

/** The command that runs `part`, or `waiver` itself without one. Arguments may follow. */
export function ownProgram(part?: OwnPart): string[] {
  return [process.execPath, ...mainFile(import.meta.path), ...(part === undefined ? [] : [part])];
}

/**
 * What a process of this program needs in its environment to end with the process that started it, however that ends. Linux
 * kills it, so it need not be running: one that is stopped cannot notice anything.
 */
export const ENDS_WITH_ITS_PARENT = { BUN_OPTIONS: "--no-orphans" };

/** Starts a thread that runs `part` and gets `task` as a message. It does not keep the process alive. */
export function startOwnThread(part: OwnThread, task: object): Worker {
  const [file = Bun.main] = mainFile(import.meta.path);
  const thread = new Worker(file, { argv: [part] });
  thread.unref();
  thread.postMessage(task);
  return thread;
}

/** The file that Bun has to run, where this file is at `path`; none for a compiled program, which runs itself. */
function mainFile(path: string): string[] {
  if (path.startsWith(INSIDE_BINARY)) return [];
  // In a bundle, this file is a part of the file that was started.
  return path.endsWith("/own-program.ts") ? [join(path, "../../main.ts")] : [path];
}
