/** How a command ends; the RUNBOOK has the table. */
export const EXIT = {
  failed: 1,
  usage: 2,
  /** No symbol, ticker or player is meant by what was typed. */
  unknown: 3,
  /** Several are. */
  ambiguous: 4,
} as const;

/** Something that the person at the terminal can correct: shown as it is. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: number;

  constructor(message: string, { exitCode = EXIT.failed, ...options }: Options = {}) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

interface Options extends ErrorOptions {
  exitCode?: number;
}
