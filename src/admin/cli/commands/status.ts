import { request } from "../admin-client.ts";
import type { Answer } from "../answers.ts";
import { EXIT, ExitWith } from "../cli-error.ts";
import { date, example, print } from "../output.ts";
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

/** What a terminal shows at the least, and a line for the next command. */
const WIDTH = 80;
const LINES_MAX = 23;

/** Those that are not well first. */
const ORDER = { failed: 0, degraded: 1, ok: 2 };

type Component = [name: string, is: Answer<"status">["components"][string]];

/** Fits on one screen of 80×24: a reason that is longer than the room that is left is cut, and whole with `--json`. */
function render(answer: Answer<"status">): string {
  const { status, components, connections, symbols } = answer;
  const all: Component[] = Object.entries(components).toSorted(
    ([, left], [, right]) => ORDER[left.status] - ORDER[right.status],
  );
  const head = [
    `status       ${status}`,
    `market       ${COUNTED.map((name) => `${name} ${answer[name]}`).join(", ")}`,
    `symbols      ${counts(symbols)}`,
    `connections  ${counts(connections)}`,
    "",
    `${"component".padEnd(NAME_WIDTH)}status    since`,
  ];
  const ill = all.filter(([, { reason }]) => reason !== undefined && reason !== null);
  const left = LINES_MAX - head.length - all.length;
  const reasonLines = Math.max(1, Math.floor(left / Math.max(1, ill.length)));
  const rows = all.flatMap(([name, { status: is, since, reason }]) => [
    `${name.padEnd(NAME_WIDTH)}${is.padEnd(10)}${date(since, "")
      .replace("T", " ")
      .replace(/\.\d+Z$/, " UTC")}`,
    ...(reason === undefined || reason === null ? [] : wrapped(reason, reasonLines)),
  ]);
  return [...head.flatMap((line) => wrapped(line, 1, "")), ...rows].join("\n");
}

const NAME_WIDTH = 16;

function counts(of: Readonly<Record<string, number>>): string {
  const [first, ...rest] = Object.entries(of).map(([name, count]) => `${count} ${name}`);
  return [first ?? "none", ...rest].join(", ");
}

/** `text` in as many lines, indented; "…" where more would follow. */
function wrapped(text: string, lines: number, indent = "  "): string[] {
  const room = WIDTH - indent.length;
  const clean = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ");
  const shown = clean.length <= room * lines ? clean : `${clean.slice(0, room * lines - 1)}…`;
  const parts = shown.match(new RegExp(`.{1,${room}}`, "gu")) ?? [""];
  return parts.map((part) => indent + part);
}
