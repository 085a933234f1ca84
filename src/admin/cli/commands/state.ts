import { type Reply, request } from "../admin-client.ts";
import { example } from "../example.ts";
import { symbolTitles } from "../find-symbol.ts";
import { columns, date, fields, print } from "../output.ts";
import type { Program } from "../root-command.ts";
import { withNames } from "../symbol-names.ts";

const ROWS_SHOWN_MAX = 40;

export function addStateCommand(program: Program): void {
  program
    .command("state")
    .description("Shows tick, sequence number, state hash and components.")
    .option("--symbols", "every symbol too", false)
    .addHelpText("after", example("state --json"))
    .action(async (query) => {
      const state = await request(program, "GET /admin/v1/state", { query });
      const titles = query.symbols ? await symbolTitles(program) : new Map();
      print(program, "state", withNames(state, titles), renderState);
    });
}

/** Plain values in one table, and a table for each member that is a list or a map of objects. */
function renderState(state: Reply<"GET /admin/v1/state">): string {
  const plain: Record<string, string> = {};
  const tables: string[] = [];
  for (const [name, value] of Object.entries(state)) {
    if (typeof value === "object" && value !== null) {
      tables.push(`\n${name}\n${renderRows(value)}`);
    } else {
      plain[name] = String(value);
    }
  }
  return [fields(plain), ...tables].join("\n");
}

function renderRows(group: object): string {
  const entries = Object.entries(group).map(([key, value]) => toRow(key, value, group));
  const head = [...new Set(entries.flatMap((row) => Object.keys(row)))];
  const rows = entries.slice(0, ROWS_SHOWN_MAX).map((row) => head.map((name) => row[name] ?? ""));
  const rest = entries.length - rows.length;
  const more = rest > 0 ? `\n… and ${rest} more; --json shows all` : "";
  return columns(head, rows) + more;
}

/** A cell as text; times are shown as dates. */
const plain = (name: string, cell: unknown): string =>
  name === "since" ? date(Number(cell), "") : String(cell);

/** A row of the table. A member of a map has its key in the column `name`. */
function toRow(key: string, value: unknown, group: object): Record<string, string> {
  const row: Record<string, string> = Array.isArray(group) ? {} : { name: key };
  if (typeof value !== "object" || value === null) return { ...row, value: String(value) };
  for (const [name, cell] of Object.entries(value)) {
    row[name] = typeof cell === "object" ? JSON.stringify(cell) : plain(name, cell);
  }
  return row;
}
