import { request } from "../admin-client.ts";
import type { Answer } from "../answers.ts";
import { EXIT, ExitWith } from "../cli-error.ts";
import { example } from "../example.ts";
import { date, print, printable } from "../output.ts";
import type { Program } from "../root-command.ts";
import { worstFirst } from "../worst-first.ts";

const COUNTED = ["tick", "seq", "accounts", "open_orders", "trades"] as const;

export function addStatusCommand(program: Program): void {
  program
    .command("status")
    .description(
      "Shows on one screen whether the exchange can trade, and what is wrong. Exit code 1 when it cannot.",
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

/** Width of the smallest terminal, and its height without the line of the next command. */
const WIDTH = 80;
const LINES_MAX = 23;
const NAME_WIDTH = 16;

/** The status as text that fits on a screen of 80×24. Long reasons are cut; `--json` has them whole. */
function render(answer: Answer<"status">): string {
  const { status, components, connections, symbols } = answer;
  const all = worstFirst(components);
  const head = [
    `status       ${status}`,
    `market       ${COUNTED.map((name) => `${name} ${answer[name]}`).join(", ")}`,
    `symbols      ${counts(symbols)}`,
    `connections  ${counts(connections)}`,
    "",
    `${"component".padEnd(NAME_WIDTH)}status    since`,
  ];
  const ill = all.filter(([, { reason }]) => reason !== undefined);
  const left = LINES_MAX - head.length - all.length;
  const reasonLines = Math.max(1, Math.floor(left / Math.max(1, ill.length)));
  const rows = all.flatMap(([name, { status: is, since, reason }]) => [
    `${name.padEnd(NAME_WIDTH)}${is.padEnd(10)}${date(since)
      .replace("T", " ")
      .replace(/\.\d+Z$/, " UTC")}`,
    ...(reason === undefined ? [] : wrapped(reason, reasonLines)),
  ]);
  return [...head.flatMap((line) => wrapped(line, 1, "")), ...rows].join("\n");
}

function counts(of: Readonly<Record<string, number>>): string {
  const [first, ...rest] = Object.entries(of).map(([name, count]) => `${count} ${name}`);
  return [first ?? "none", ...rest].join(", ");
}

/** `text` in so many lines at most, broken between words, indented; "…" where more would follow. */
export function wrapped(text: string, lines: number, indent = "  "): string[] {
  const room = WIDTH - indent.length;
  // A word that is longer than a line is broken anywhere.
  const parts = printable(text).match(new RegExp(`.{1,${room}}(?= |$)|.{${room}}`, "gu")) ?? [""];
  const shown = parts.slice(0, lines).map((part) => part.trimStart());
  if (parts.length > lines) shown.push(`${shown.pop()?.slice(0, room - 1)}…`);
  return shown.map((part) => indent + part);
}
