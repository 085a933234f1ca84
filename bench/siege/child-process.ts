/** Runs a process of the siege: victim, readers, echo server or attacker. */
import { cpus, setPriority } from "node:os";
import { join } from "node:path";
import { jsonLines } from "../load/json-lines.ts";

/** The `nice` value of attackers and readers. Real ones have their own machines and take no processor time here. */
const ATTACKER_PRIORITY = 5;
/** Attackers and readers only run on the last processor, so that the server has another one. */
const ATTACKER_COMMAND = pinning();

export type Line = Record<string, unknown> & { event?: string };

export interface ChildOptions {
  /** A file of this folder. */
  script: "victim.ts" | "readers.ts" | "echo-server.ts" | "attack-process.ts";
  plan: object;
  onLine: (line: Line) => void;
  isAttacker?: boolean;
  /** The process is killed after this time. */
  secondsMax?: number;
}

export class ChildProcess implements AsyncDisposable {
  /** Resolves when all lines are read: with the exit code, or null after a kill. */
  readonly ended: Promise<number | null>;
  readonly #child: Bun.Subprocess<Blob, "pipe", "inherit">;

  constructor({ script, plan, onLine, isAttacker = false, secondsMax }: ChildOptions) {
    const before = isAttacker ? ATTACKER_COMMAND : [];
    this.#child = Bun.spawn(
      [...before, process.execPath, "--no-orphans", join(import.meta.dir, script)],
      {
        // Without it Bun passes on the environment that this process was started with.
        env: process.env,
        stdin: new Blob([JSON.stringify(plan)]),
        stdout: "pipe",
        stderr: "inherit",
        killSignal: "SIGKILL",
        ...(secondsMax === undefined ? {} : { timeout: secondsMax * 1000 }),
      },
    );
    if (isAttacker) setPriority(this.#child.pid, ATTACKER_PRIORITY);
    this.ended = this.#read(onLine);
  }

  get pid(): number {
    return this.#child.pid;
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.ended;
  }

  async #read(onLine: (line: Line) => void): Promise<number | null> {
    for await (const line of jsonLines(this.#child.stdout)) onLine(line);
    await this.#child.exited;
    return this.#child.exitCode;
  }
}

/** The command that pins a process to the last processor; empty if the system has none. */
function pinning(): string[] {
  const taskset = Bun.which("taskset");
  return taskset === null ? [] : [taskset, "--cpu-list", String(cpus().length - 1)];
}
