import { join } from "node:path";

const CHECKOUT = join(import.meta.dir, "../..");

/** What a command printed, and how it ended. */
export interface CommandResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Starts `waiver` with these arguments, in an environment without settings of its own. */
export function startWaiver(...args: string[]): Bun.Subprocess<"ignore", "pipe", "pipe"> {
  return Bun.spawn([process.execPath, "src/main.ts", ...args], {
    cwd: CHECKOUT,
    env: { PATH: Bun.env.PATH, HOME: Bun.env.HOME, NO_COLOR: "1" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}

/** Runs `waiver` to its end. */
export async function waiver(...args: string[]): Promise<CommandResult> {
  const child = startWaiver(...args);
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, out, err };
}

/** Runs a command that must succeed in silence, and gives what it printed. */
export async function answerOf(...args: string[]): Promise<string> {
  const { code, out, err } = await waiver(...args);
  if (code !== 0 || err !== "") throw new Error(`waiver ${args.join(" ")}: code ${code}: ${err}`);
  return out;
}

/** Of a command that prints JSON, one object a line. */
export async function linesOf<Line>(...args: string[]): Promise<Line[]> {
  const out = await answerOf(...args);
  return out === ""
    ? []
    : out
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Line);
}
