import * as v from "valibot";
import { ask } from "../admin-client.ts";
import { EXIT } from "../cli-error.ts";
import { columns, date, example, fields, print } from "../output.ts";
import type { Program } from "../root-command.ts";

const State = v.looseObject({
  status: v.string(),
  components: v.record(
    v.string(),
    v.looseObject({
      status: v.string(),
      reason: v.optional(v.nullable(v.string()), null),
      since: v.optional(v.nullable(v.number()), null),
    }),
  ),
  tick: v.number(),
  seq: v.number(),
  accounts: v.number(),
  open_orders: v.number(),
  trades: v.number(),
  connections: v.record(v.string(), v.number()),
  symbols: v.array(v.looseObject({ state: v.string() })),
});

const COUNTED = ["tick", "seq", "accounts", "open_orders", "trades"] as const;

export function addStatusCommand(program: Program): void {
  program
    .command("status")
    .description(
      "Shows on one screen whether the exchange can trade, and what ails it. Exit code 1 when it cannot.",
    )
    .addHelpText("after", example("status"))
    .action(async () => {
      const globals = program.opts();
      const { symbols, ...state } = await ask(globals, "GET", "/state", State);
      const states: Record<string, number> = {};
      for (const { state: name } of symbols) states[name] = (states[name] ?? 0) + 1;
      const { status, components, tick, seq, accounts, open_orders, trades, connections } = state;
      const answer: Answer = {
        ...{ status, components, tick, seq, accounts, open_orders, trades, connections },
        symbols: states,
      };
      print(globals.json, answer, render);
      if (status === "failed") process.exitCode = EXIT.failed;
    });
}

interface Answer extends Record<(typeof COUNTED)[number], number> {
  status: string;
  components: v.InferOutput<typeof State>["components"];
  connections: Record<string, number>;
  /** How many symbols are in each state. */
  symbols: Record<string, number>;
}

function render(answer: Answer): string {
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
