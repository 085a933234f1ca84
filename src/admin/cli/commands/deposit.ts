import * as v from "valibot";
import { ask } from "../admin-client.ts";
import { findPositions } from "../find-symbol.ts";
import { columns, example, print } from "../output.ts";
import { collectPosition, parseInteger } from "../parse.ts";
import type { Program } from "../root-command.ts";

const Totals = v.looseObject({
  account_id: v.string(),
  cash: v.optional(v.number()),
  positions: v.optional(v.record(v.string(), v.number()), {}),
});

export function addDepositCommand(program: Program): void {
  program
    .command("deposit")
    .description("Deposits cash or shares into an account; negative amounts withdraw.")
    .argument("<account>", "account id, such as acc_1")
    .option("--cash <cents>", "cash in cents: 1000000 is $10,000.00", parseInteger)
    .option("--position <symbol=shares>", "shares; may be repeated", collectPosition)
    .addHelpText("after", example("deposit acc_1 --cash -5000 --position SYMBOL_1=10"))
    .action(async (account, { cash, position }) => {
      const globals = program.opts();
      const path = `/accounts/${encodeURIComponent(account)}/deposit`;
      const body = { cash, positions: await findPositions(globals, position) };
      print(globals.json, await ask(globals, "POST", path, Totals, body), (totals) =>
        columns(
          [totals.account_id, "now"],
          [
            ...(totals.cash === undefined ? [] : [["cash (cents)", totals.cash]]),
            ...Object.entries(totals.positions).map(([symbol, shares]) => [symbol, shares]),
          ],
        ),
      );
    });
}
