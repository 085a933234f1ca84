/** How a command ends. `docs/CLI.md` has the table. */
export const EXIT = {
  failed: 1,
  usage: 2,
  /** No symbol, ticker or player is meant by what was typed. */
  unknown: 3,
  /** Several players are meant by what was typed. */
  ambiguous: 4,
} as const;

/** What each exit code means, for the documents. */
export const EXIT_CODES: Readonly<Record<number, string>> = {
  0: "done",
  [EXIT.failed]:
    "not done: the exchange refused it, cannot be reached or cannot trade, or a check failed. Standard error says which",
  [EXIT.usage]:
    "nothing was tried: the command line or the configuration is wrong, there is no journal in that place, or nobody could be asked and `--yes` was not given",
  [EXIT.unknown]:
    "no symbol, ticker or player fits what was typed; `audit`: the journal does not reach back so far",
  [EXIT.ambiguous]: "several players fit what was typed; standard error has the first ten",
};

/** An error that the person at the terminal can correct. Its message is shown as it is. */
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

/** Ends the command with another code than 0 when it has printed everything already. */
export class ExitWith extends Error {
  override readonly name = "ExitWith";
  constructor(readonly exitCode: number) {
    super(`exit code ${exitCode}`);
  }
}
