import { type Ended, runHere } from "../admin/cli/run-here.ts";
import { AS_OPERATORS_DO } from "./server-process.ts";

/** Starts `waiver` with these arguments, in an environment without other settings. */
export function startWaiver(...args: string[]): Bun.Subprocess<"ignore", "pipe", "pipe"> {
  return Bun.spawn([...AS_OPERATORS_DO, ...args], {
    env: { PATH: Bun.env.PATH, HOME: Bun.env.HOME, NO_COLOR: "1" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}

/** Runs `waiver` to its end, within this process. */
export const waiver = (...args: string[]): Promise<Ended> => runHere(args);

/** Runs a command that must succeed and write no errors; returns what it printed. */
export async function answerOf(...args: string[]): Promise<string> {
  const { code, out, err } = await waiver(...args);
  if (code !== 0 || err !== "") throw new Error(`waiver ${args.join(" ")}: code ${code}: ${err}`);
  return out;
}

/** For a command that prints JSON, one object a line. */
export async function linesOf<Line>(...args: string[]): Promise<Line[]> {
  const out = await answerOf(...args);
  return out === ""
    ? []
    : out
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Line);
}
