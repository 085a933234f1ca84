import { CommanderError } from "@commander-js/extra-typings";
import { CliError, EXIT } from "./cli-error.ts";
import type { Program } from "./root-command.ts";

/** Error names that the language gives: one of these is a bug, and its stack is wanted. */
const BUILT_IN_ERRORS = new Set(["Error", "TypeError", "RangeError", "ReferenceError"]);

/**
 * Runs the program with the process's arguments. Sets the exit code: 0, or one of `EXIT` with why
 * on standard error.
 */
export async function runCli(program: Program): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", unlessReaderIsGone);
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has said it already; asking for help ends here too, with code 0.
      process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage;
      return;
    }
    console.error(`waiver: ${describe(error)}`);
    process.exitCode = error instanceof CliError ? error.exitCode : EXIT.failed;
  }
}

/** Who reads has had enough, as in `waiver … | head`: what the command does it does to its end. */
function unlessReaderIsGone(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // System errors (address in use, no such directory) are built-in too, but carry a code.
  const foreseen = !BUILT_IN_ERRORS.has(error.name) || "code" in error;
  return foreseen ? error.message : (error.stack ?? error.message);
}
