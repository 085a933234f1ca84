/**
 * Notices when the npm or npx that started the exchange has ended. They run a command below a shell. A SIGTERM to them ends
 * them and the shell, but not the command, which would go on without a parent and keep its port.
 *
 * ```
 *   npx ──► sh ──► bun start ──► bun src/main.ts serve
 *    └── the launchers: npx itself, and all below it that have its variables ──┘
 * ```
 *
 * An exchange that a person, a supervisor or a container starts directly has no launchers.
 */

import { readFileSync } from "node:fs";

const CHECK_INTERVAL_MS = 500;

/** npm and other runners of package scripts give their children this variable. */
const MARK = "npm_config_user_agent=";

export interface Launcher {
  pid: number;
  /** When it began, in the system's own unit. Needed because the system may give a process id again. */
  since: string;
}

/** What the system knows of processes. Tests replace it. */
export interface ProcessTable {
  /** Null when there is no such process. */
  look(pid: number): { parent: number; since: string; isLaunched: boolean } | null;
}

/** Reads /proc; on other systems than Linux no process is found. */
const linux: ProcessTable = {
  look(pid) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      // The name of a process may contain spaces and brackets.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const [state, parent] = fields;
      // A zombie: it has ended, and its parent has not collected it yet.
      if (state === "Z") return null;
      return { parent: Number(parent), since: fields[19] ?? "", isLaunched: isMarked(pid) };
    } catch {
      return null;
    }
  },
};

function isMarked(pid: number): boolean {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, "utf8")}`.includes(`\0${MARK}`);
  } catch {
    // It belongs to another user, so it is no launcher.
    return false;
  }
}

/** The processes above `pid` that launched it, the nearest first; none when it was started directly. */
export function launchersOf(pid: number, table: ProcessTable = linux): Launcher[] {
  const launchers: Launcher[] = [];
  let process = table.look(pid);
  while (process?.isLaunched && process.parent > 1) {
    const parent = table.look(process.parent);
    if (parent === null) break;
    launchers.push({ pid: process.parent, since: parent.since });
    process = parent;
  }
  return launchers;
}

/** Calls `onGone` once, when one of the launchers of this process has ended. Returns a function that ends the watch. */
export function watchLaunchers(onGone: (launcher: Launcher) => void): () => void {
  const launchers = launchersOf(process.pid);
  if (launchers.length === 0) return () => undefined;
  const timer = setInterval(() => {
    const gone = launchers.find(({ pid, since }) => linux.look(pid)?.since !== since);
    if (gone === undefined) return;
    clearInterval(timer);
    onGone(gone);
  }, CHECK_INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);
}
