import * as v from "valibot";
import { ask } from "../admin-client.ts";
import { example, print } from "../output.ts";
import type { Program } from "../root-command.ts";

const CancelledOrder = v.looseObject({ order_id: v.string(), status: v.string() });

export function addOrderCommands(program: Program): void {
  program
    .command("order")
    .description("Looks after orders.")
    .addHelpText("after", example("order cancel ord_2097153"))
    .command("cancel")
    .description("Cancels an open order, whoever placed it.")
    .argument("<order>", "order id, such as ord_2097153")
    .addHelpText("after", example("order cancel ord_2097153"))
    .action(async (order) => {
      const globals = program.opts();
      const path = `/orders/${encodeURIComponent(order)}/cancel`;
      const answer = await ask(globals, "POST", path, CancelledOrder);
      print(globals.json, answer, (now) => `${now.order_id} is ${now.status}`);
    });
}
