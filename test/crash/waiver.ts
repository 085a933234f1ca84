/** Runs the `waiver` commands, each in its own process. */
import { join } from "node:path";
import { AS_OPERATORS_DO } from "../integration/server-process.ts";

const CHECKOUT = join(import.meta.dir, "../..");

/** Variables for the process's environment. It inherits none of the tests' own settings. */
export type Environment = Readonly<Record<string, string>>;

/** Runs a command and returns the JSON that it printed; throws with its output if it fails. */
export async function askWaiver(
  dataDir: string,
  env: Environment,
  ...command: string[]
): Promise<unknown> {
  const child = Bun.spawn([...AS_OPERATORS_DO, ...command, "--data-dir", dataDir, "--json"], {
    cwd: CHECKOUT,
    env: { PATH: Bun.env.PATH, HOME: Bun.env.HOME, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, errors] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) === 0) return JSON.parse(output);
  throw new Error(`waiver ${command.join(" ")} failed:\n${output}${errors}`);
}

/** Starts the exchange and kills it after `milliseconds`; returns its log. */
export async function startAndKill(
  dataDir: string,
  milliseconds: number,
  env: Environment,
): Promise<string> {
  const serve = ["serve", "--port", "0", "--data-dir", dataDir, "--config", `${dataDir}.toml`];
  const child = Bun.spawn([...AS_OPERATORS_DO, ...serve], {
    cwd: CHECKOUT,
    env: { PATH: Bun.env.PATH, HOME: Bun.env.HOME, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
    timeout: milliseconds,
    killSignal: "SIGKILL",
  });
  const log = await new Response(child.stdout).text();
  await child.exited;
  if (child.signalCode !== "SIGKILL") throw new Error(`the start was refused:\n${log}`);
  return log;
}
