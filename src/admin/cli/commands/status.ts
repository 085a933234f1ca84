import { request } from "../admin-client.ts";
import type { Answer } from "../answers.ts";
import { EXIT, ExitWith } from "../cli-error.ts";
import { columns, date, example, fields, print } from "../output.ts";
import type { Program } from "../root-command.ts";

const COUNTED = ["tick", "seq", "accounts", "open_orders", "trades"] as const;

export function addStatusCommand(program: Program): void {
  program
    .command("status")
    .description(
      "Shows on one screen whether the exchange can trade, and what ails it. Exit code 1 when it cannot.",
    )
    .addHelpText("after", example("status"))
    .action(async () => {
      const query = { symbols: false, hash: false };
      const state = await request(program, "GET /admin/v1/state", { query });
      const { status, components, tick, seq, accounts, open_orders, trades, connections } = state;
      const answer = {
        ...{ status, components, tick, seq, accounts, open_orders, trades, connections },
        symbols: state.symbol_states,
      };
      print(program, "status", answer, render);
      if (status === "failed") throw new ExitWith(EXIT.failed);
    });
}

function render(answer: Answer<"status">): string {
  const { status, components, connections, symbols } = answer;
  const counts = (of: Record<string, number>): string =>
    Object.entries(of)
      .map(([name, count]) => `${count} ${name}`)
      .join(", ");
  const plain = Object.fromEntries(COUNTED.map((name) => [name, answer[name]]));
  return [
    fields({
      status,
      ...plain,
      connections: counts(connections),
      symbols: counts(symbols),
    }),
    columns(
      ["component", "status", "since", "reason"],
      Object.entries(components).map(([name, component]) => [
        ...[name, component.status, date(component.since, "")],
        component.reason ?? "",
      ]),
    ),
  ].join("\n");
}
