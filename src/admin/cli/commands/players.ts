import { searchSymbols } from "../find-symbol.ts";
import { columns, example, print } from "../output.ts";
import type { Program } from "../root-command.ts";

export function addPlayersCommands(program: Program): void {
  program
    .command("players")
    .description("Finds players and their symbols.")
    .addHelpText("after", example("players search mahomes"))
    .command("search")
    .description("Lists players whose name, team, position, ticker or symbol begins so.")
    .argument("<text...>", "words, of which every one has to fit")
    .addHelpText("after", example("players search kc qb"))
    .action(async (words) => {
      const globals = program.opts();
      print(globals.json, await searchSymbols(globals, words.join(" ")), ({ symbols }) =>
        symbols.length === 0
          ? "Nobody fits."
          : columns(
              ["symbol", "ticker", "player", "team", "position", "state"],
              symbols.map((each) => [
                ...[each.symbol, each.ticker, each.player_name],
                ...[each.team ?? "", each.position ?? "", each.state],
              ]),
            ),
      );
    });
}
