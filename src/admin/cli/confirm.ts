/** Asks before an action that the whole market feels, or that cannot be undone. */
import { CliError, EXIT } from "./cli-error.ts";
import type { Program } from "./root-command.ts";

export const YES_OPTION = [
  "--yes",
  "do not ask; needed in a script, where nobody can be asked",
] as const;

/**
 * Resolves when the person at the terminal agrees, and at once with `yes`. Rejects with `CliError` otherwise,
 * also when nobody can be asked. `question` has no question mark.
 */
export async function confirm(
  { terminal }: Program,
  question: string,
  yes: boolean | undefined,
): Promise<void> {
  if (yes === true) return;
  if (!terminal.isInteractive) {
    throw new CliError(
      `${question}? Nobody can be asked, because this is not a terminal: give --yes to do it. Nothing was done.`,
      { exitCode: EXIT.usage },
    );
  }
  const answer = await terminal.ask(`${question}? [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliError("Nothing was done.");
}
