/** The siege's own processes: victim, readers, attackers. */
import { cpus, setPriority } from "node:os";
import { join } from "node:path";
import { jsonLines } from "../load/json-lines.ts";

/** Of attackers: they stand for other people's machines, and shall not take this one's processors. */
const ATTACKER_PRIORITY = 5;
/** They keep to the last processor, so that there is one that they cannot take. */
const ATTACKER_COMMAND = pinning();

export type Line = Record<string, unknown> & { event?: string };

export interface ChildOptions {
  /** File in this folder. */
  script: "victim.ts" | "readers.ts" | "echo-server.ts" | "attack-process.ts";
  plan: object;
  onLine: (line: Line) => void;
  isAttacker?: boolean;
  /** It is killed after so long. */
  secondsMax?: number;
}

export class ChildProcess implements AsyncDisposable {
  /** Settles with the exit code, null after a kill, once every line was read. */
  readonly ended: Promise<number | null>;
  readonly #child: Bun.Subprocess<Blob, "pipe", "inherit">;

  constructor({ script, plan, onLine, isAttacker = false, secondsMax }: ChildOptions) {
    const before = isAttacker ? ATTACKER_COMMAND : [];
    this.#child = Bun.spawn(
      [...before, process.execPath, "--no-orphans", join(import.meta.dir, script)],
      {
        // Without it Bun hands down the environment as it was at the start.
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

/** Empty where the system has no way to do it. */
function pinning(): string[] {
  const taskset = Bun.which("taskset");
  return taskset === null ? [] : [taskset, "--cpu-list", String(cpus().length - 1)];
}
