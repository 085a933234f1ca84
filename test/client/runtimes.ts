/** The runtimes of clients in tests: two versions of Node, and Python. */
import { join } from "node:path";

const SCRIPT = join(import.meta.dir, "../../scripts/client-runtimes.sh");
const missing = Bun.spawnSync([SCRIPT, "missing"]).stdout.toString().trim();

/** Whether tests on other runtimes are skipped, which is logged in one line. In CI they never are. */
export function skipsWithoutRuntimes(): boolean {
  if (process.env.CI !== undefined || missing === "") return false;
  process.stderr.write(
    `Tests of clients are skipped without ${missing.replaceAll("\n", ", ")}: scripts/client-runtimes.sh install\n`,
  );
  return true;
}

/** The command that runs a program on Node. */
export function nodeCommand(version: "20" | "22"): string[] {
  const path = Bun.spawnSync([SCRIPT, "node", version]).stdout.toString().trim();
  // Node 20 has a WebSocket only behind a flag.
  return version === "20" ? [path, "--no-warnings", "--experimental-websocket"] : [path];
}

export const PYTHON = ["/usr/bin/python3"];

/** Runs a program to its end and returns its output; throws with its error output if it fails. */
export async function run(
  command: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<string> {
  const child = Bun.spawn([...command], {
    ...options,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...options.env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: 60_000,
    killSignal: "SIGKILL",
  });
  const [out, complaints] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")}:\n${out}\n${complaints}`);
  return out;
}
