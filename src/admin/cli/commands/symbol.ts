import * as v from "valibot";
import { ask } from "../admin-client.ts";
import { confirm, YES_OPTION } from "../confirm.ts";
import { findSymbol, nameOf, searchSymbols, symbolTable } from "../find-symbol.ts";
import { example, fields, print } from "../output.ts";
import type { Program } from "../root-command.ts";
import { SYMBOL_HELP } from "./market.ts";

const NewState = v.looseObject({ symbol: v.string(), state: v.string() });

/** The last part of the path on the admin API is the command's own name. */
const COMMANDS = [
  { name: "halt", description: "Stops all trading of a symbol." },
  { name: "resume", description: "Opens a symbol for trading, after an auction at one price." },
  { name: "pre-open", description: "Lets orders of a symbol gather without matching." },
  { name: "auction", description: "Announces the auction in which gathered orders will trade." },
  { name: "cancel-only", description: "Lets orders of a symbol be cancelled, and none placed." },
];

export function addSymbolCommands(program: Program): void {
  const symbol = program
    .command("symbol")
    .description("Shows symbols, halts them and lets them trade again.")
    .addHelpText("after", example("symbol halt mahomes"));
  for (const { name, description } of COMMANDS) {
    symbol
      .command(name)
      .description(`${description} Asks first on a terminal.`)
      .argument("<symbol>", SYMBOL_HELP)
      .option(...YES_OPTION)
      .addHelpText("after", example(`symbol ${name} SYMBOL_1`))
      .action(async (text, { yes }) => {
        const globals = program.opts();
        const found = await findSymbol(globals, text);
        await confirm(`${name} ${nameOf(found)}, now ${found.state}?`, yes);
        const answer = await ask(globals, "POST", `/symbols/${found.symbol}/${name}`, NewState);
        print(globals.json, answer, (now) => `${nameOf(found)} is now ${now.state}`);
      });
  }
  symbol
    .command("list")
    .description("Lists all symbols with their players and states.")
    .addHelpText("after", example("symbol list"))
    .action(async () => {
      const globals = program.opts();
      print(globals.json, await searchSymbols(globals, ""), ({ symbols }) => symbolTable(symbols));
    });
  symbol
    .command("show")
    .description("Shows a symbol and its player.")
    .argument("<symbol>", SYMBOL_HELP)
    .addHelpText("after", example("symbol show mahomes"))
    .action(async (text) => {
      const globals = program.opts();
      print(globals.json, await findSymbol(globals, text), (found) =>
        fields(Object.fromEntries(Object.entries(found).map(([key, value]) => [key, `${value}`]))),
      );
    });
}
