/** Something that the person at the terminal can correct: shown as it is, exit code 1. */
export class CliError extends Error {
  override readonly name = "CliError";
}
