import { request } from "../admin-client.ts";
import { CliError } from "../cli-error.ts";
import { example } from "../example.ts";
import { searchSymbols, symbolTable } from "../find-symbol.ts";
import { date, fields, print } from "../output.ts";
import type { Program } from "../root-command.ts";

export function addPlayersCommands(program: Program): void {
  const players = program
    .command("players")
    .description("Finds players and their symbols, and fetches them anew.")
    .addHelpText("after", example("players search mahomes"));
  players
    .command("search")
    .description("Lists players by the beginning of a name, team, position, ticker or symbol.")
    .argument("<text...>", "words to look for; every one has to fit")
    .addHelpText("after", example("players search kc qb"))
    .action(async (words) => {
      const answer = await searchSymbols(program, words.join(" "));
      print(program, "players search", answer, ({ symbols }) =>
        symbols.length === 0 ? "Nobody fits." : symbolTable(symbols),
      );
    });
  players
    .command("sync")
    .description(
      "Makes a running exchange fetch the players from Sleeper now, and list those who are new.",
    )
    .option("--accept", "take them also when far more have come or gone than a day explains")
    .addHelpText("after", example("players sync"))
    .action(async ({ accept = false }) => {
      const answer = await request(program, "POST /admin/v1/players/sync", { body: { accept } });
      print(program, "players sync", answer, ({ status, since, players: count }) =>
        fields({ players: count, status, since: date(since) }),
      );
      const { status, reason } = answer;
      if (status !== "ok")
        throw new CliError(`Not all players and symbols are up to date: ${reason}`);
    });
}
