/** What a command prints: tables for people, JSON for programs. */

import Table from "cli-table3";
import type { Answer, AnswerName } from "./answers.ts";
import type { Program } from "./root-command.ts";

type Cell = string | number | boolean;

/** Characters after which a cell goes on in its next line. */
const CELL_WIDTH = 72;

/** Prints the answer of the command of that name as JSON, or as `render` makes it. */
export function print<Name extends AnswerName>(
  program: Program,
  _name: Name,
  answer: Answer<Name>,
  render: (answer: Answer<Name>) => string,
): void {
  const text = program.opts().json
    ? JSON.stringify(answer, null, 2)
    : printableLines(render(answer));
  program.terminal.out(`${text}\n`);
}

/** A table with a heading above each column. */
export function columns(head: string[], rows: Cell[][]): string {
  const table = new Table({ head, style: { head: [], border: [] } });
  table.push(...rows.map((row) => row.map(broken)));
  return table.toString();
}

/** A table of names and values, a line each. */
export function fields(values: Readonly<Record<string, Cell>>): string {
  const table = new Table({ style: { head: [], border: [] } });
  table.push(...Object.entries(values).map(([name, value]) => [name, broken(value)]));
  return table.toString();
}

/** Long text in several lines, broken between words. What has no spaces stays whole: it may be copied. */
function broken(cell: Cell): Cell {
  if (typeof cell !== "string" || cell.length <= CELL_WIDTH) return cell;
  return cell
    .split("\n")
    .map((line) => line.replaceAll(LINE, "$1\n").trimEnd())
    .join("\n");
}

const LINE = new RegExp(`(.{1,${CELL_WIDTH}})(?: +|$)`, "gu");

/** Milliseconds since 1970 as a date; a word for none. */
export function date(milliseconds: number | null, none: string): string {
  return milliseconds === null ? none : new Date(milliseconds).toISOString();
}

/** `1 symbol`, `2 symbols` */
export function counted(count: number, one: string, several: string): string {
  return `${count} ${count === 1 ? one : several}`;
}

function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

/** Names and reasons come from elsewhere: without the characters that a terminal would obey. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ");
}
