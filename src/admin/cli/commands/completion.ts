import { commandTree } from "../command-tree.ts";
import { completionScript, SHELLS } from "../completion-scripts.ts";
import { example } from "../output.ts";
import type { Program } from "../root-command.ts";

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
}
