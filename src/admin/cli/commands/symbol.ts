import * as v from "valibot";
import { ask } from "../admin-client.ts";
import { example, print } from "../output.ts";
import type { Program } from "../root-command.ts";

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
    .description("Halts symbols and lets them trade again.")
    .addHelpText("after", example("symbol halt SYMBOL_1"));
  for (const { name, description } of COMMANDS) {
    symbol
      .command(name)
      .description(description)
      .argument("<symbol>", "symbol, such as SYMBOL_1")
      .addHelpText("after", example(`symbol ${name} SYMBOL_1`))
      .action(async (wanted) => {
        const globals = program.opts();
        const path = `/symbols/${encodeURIComponent(wanted)}/${name}`;
        const answer = await ask(globals, "POST", path, NewState);
        print(globals.json, answer, (now) => `${now.symbol} is now ${now.state}`);
      });
  }
}
