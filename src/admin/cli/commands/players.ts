import { searchSymbols, symbolTable } from "../find-symbol.ts";
import { example, print } from "../output.ts";
import type { Program } from "../root-command.ts";

export function addPlayersCommands(program: Program): void {
  program
    .command("players")
    .description("Finds players and their symbols.")
    .addHelpText("after", example("players search mahomes"))
    .command("search")
    .description("Lists players by the beginning of a name, team, position, ticker or symbol.")
    .argument("<text...>", "words to look for; every one has to fit")
    .addHelpText("after", example("players search kc qb"))
    .action(async (words) => {
      const globals = program.opts();
      print(globals.json, await searchSymbols(globals, words.join(" ")), ({ symbols }) =>
        symbols.length === 0 ? "Nobody fits." : symbolTable(symbols),
      );
    });
}
