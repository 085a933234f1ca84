/** A system with its own systemd in namespaces of this machine, for the time of a test. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LineReader } from "./line-reader.ts";

const SCRIPT = join(import.meta.dir, "machine.sh");
const SYSTEMD = "/usr/lib/systemd/systemd";
const INTO = ["--mount", "--pid", "--uts", "--ipc", "--cgroup"];

export class Machine implements AsyncDisposable {
  readonly #directory: string;
  readonly #process: Bun.Subprocess;
  /** The id of its process 1, as this machine sees it. */
  readonly #id: number;

  private constructor(directory: string, process: Bun.Subprocess, id: number) {
    this.#directory = directory;
    this.#process = process;
    this.#id = id;
  }

  /** What this machine lacks to run one; null if it can. */
  static whyNot(): string | null {
    if (process.getuid?.() !== 0) return "root";
    if (!existsSync(SYSTEMD)) return "systemd";
    const directory = directoryOf();
    const tried = Bun.spawnSync(["unshare", "--mount", SCRIPT, "try", directory]);
    rmSync(directory, { recursive: true });
    return tried.success ? null : `namespaces: ${tried.stderr.toString().trim()}`;
  }

  /** Resolves when it has started all its services. */
  static async boot(): Promise<Machine> {
    const directory = directoryOf();
    const child = Bun.spawn(["unshare", "--mount", SCRIPT, "boot", directory], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const id = await new LineReader(child.stdout)
      .next(() => true)
      .catch(async () => {
        const said = await child.stderr.text();
        await rm(directory, { recursive: true });
        throw new Error(`no systemd: ${said}`);
      });
    const machine = new Machine(directory, child, Number(id));
    // At first nobody answers.
    let state = "";
    while (!/running|degraded/.test(state)) {
      if (child.exitCode !== null) throw new Error(`systemd ended: ${await child.stderr.text()}`);
      state = (await machine.run("systemctl", "is-system-running", "--wait")).said;
    }
    return machine;
  }

  /** The path on this machine of one of its files. */
  path(inside: string): string {
    return `/proc/${this.#id}/root${inside}`;
  }

  /** Runs a program there as root. */
  async run(...command: readonly string[]): Promise<{ exitCode: number; said: string }> {
    const child = this.start(...command);
    const [out, err, exitCode] = await Promise.all([
      child.stdout.text(),
      child.stderr.text(),
      child.exited,
    ]);
    return { exitCode, said: out + err };
  }

  /** Runs a program that must succeed, and returns its output. */
  async output(...command: readonly string[]): Promise<string> {
    const { exitCode, said } = await this.run(...command);
    if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${exitCode}: ${said}`);
    return said;
  }

  start(...command: readonly string[]): Bun.Subprocess<"ignore", "pipe", "pipe"> {
    return Bun.spawn(["nsenter", `--target=${this.#id}`, ...INTO, "--", ...command], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: "/usr/local/bin:/usr/bin:/usr/sbin", LC_ALL: "C.UTF-8" },
    });
  }

  /** Ends it with everything that runs in it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null) process.kill(this.#id, "SIGKILL");
    await this.#process.exited;
    await rm(this.#directory, { recursive: true });
  }
}

function directoryOf(): string {
  return mkdtempSync(join(tmpdir(), "waiver-machine-"));
}
