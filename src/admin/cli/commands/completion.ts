import { ask } from "../admin-client.ts";
import { commandTree } from "../command-tree.ts";
import { completionScript, SHELLS } from "../completion-scripts.ts";
import { example } from "../example.ts";
import type { Program } from "../root-command.ts";

/** How long a shell waits for the exchange when somebody presses Tab. */
const TIMEOUT_MS = 500;

export function addCompletionCommands(program: Program): void {
  const completion = program
    .command("completion")
    .description("Prints a script with which a shell completes commands and options.")
    .addHelpText("after", example("completion bash > /etc/bash_completion.d/waiver"));
  for (const shell of SHELLS) {
    completion
      .command(shell)
      .description(`Prints the script for ${shell}.`)
      .addHelpText("after", example(`completion ${shell}`))
      .action(() => void program.terminal.out(completionScript(shell, commandTree(program))));
  }
  completion
    .command("symbols")
    .description(
      "Prints the tickers and symbols that begin with the text, for the completion scripts. Prints nothing when no exchange answers at once.",
    )
    .argument("[beginning]", "in whatever case", "")
    .addHelpText("after", example("completion symbols pma"))
    .action(async (beginning) => {
      const query = { query: beginning || undefined };
      const asked = ask(program.opts(), "GET /admin/v1/symbols", { query, timeoutMs: TIMEOUT_MS });
      // A completion shows no errors.
      const { symbols } = await asked.catch(() => ({ symbols: [] }));
      const names = symbols.map(({ symbol, ticker }) =>
        [ticker, symbol].find((name) => name?.toLowerCase().startsWith(beginning.toLowerCase())),
      );
      for (const name of names) if (name !== undefined) program.terminal.out(`${name}\n`);
    });
}
