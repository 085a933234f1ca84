import { CommanderError } from "@commander-js/extra-typings";
import { CliError, EXIT, ExitWith } from "./cli-error.ts";
import type { Program } from "./root-command.ts";

/** Names of the language's own errors. Such an error is a bug, so its stack is shown. */
const BUILT_IN_ERRORS = new Set(["Error", "TypeError", "RangeError", "ReferenceError"]);

/**
 * Runs the program with these arguments. Returns the exit code: 0, or one of `EXIT` with the reason on standard
 * error.
 */
export async function runCli(program: Program, args: readonly string[]): Promise<number> {
  try {
    const code = await codeOf(program, program.parseAsync(args, { from: "user" }));
    program.terminal.flush();
    return code;
  } catch (error) {
    return tell(program, error);
  }
}

/** The exit code of `run`. Rejects only when an error cannot be written. */
async function codeOf(program: Program, run: Promise<unknown>): Promise<number> {
  try {
    await run;
    return 0;
  } catch (error) {
    if (error instanceof ExitWith) return error.exitCode;
    // Commander has printed it already. `--help` ends here too, with code 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
    return tell(program, error);
  }
}

function tell(program: Program, error: unknown): number {
  program.terminal.err(`waiver: ${describe(error)}\n`);
  if (!(error instanceof Error)) return EXIT.failed;
  if (error.name === "ConfigError") return EXIT.usage;
  return error instanceof CliError ? error.exitCode : EXIT.failed;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // System errors (address in use, no such directory) are built-in too, but carry a code.
  const foreseen = !BUILT_IN_ERRORS.has(error.name) || "code" in error;
  return foreseen ? error.message : (error.stack ?? error.message);
}
