/** Asks before something that everybody in the market feels. */
import { createInterface } from "node:readline/promises";
import { CliError } from "./cli-error.ts";

export const YES_OPTION = ["--yes", "do not ask"] as const;

/**
 * Resolves when the person at the terminal agrees, and at once with `yes`, or where nobody is there to be asked: scripts
 * mean what they say. Rejects with `CliError` otherwise.
 */
export async function confirm(question: string, yes = false): Promise<void> {
  if (yes || !process.stdin.isTTY) return;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `);
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    terminal.close();
  }
  throw new CliError("Nothing was done.");
}
