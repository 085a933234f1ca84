/** Prints the answers of commands: tables for people, JSON for programs. */

import Table from "cli-table3";
import type { Answer, AnswerName } from "./answers.ts";
import type { Program } from "./root-command.ts";

type Cell = string | number | boolean;

/** The most characters of a line in a cell. */
const CELL_WIDTH = 72;

/** Style of cli-table3: no colours, and no line between two rows. */
const STYLE = { head: [], border: [], compact: true };

/**
 * Prints the answer of a command: as JSON, or as the text that `render` makes. `width`: characters that fit on
 * a line. The command's name is for the type of the answer only.
 */
export function print<Name extends AnswerName>(
  program: Program,
  _name: Name,
  answer: Answer<Name>,
  render: (answer: Answer<Name>, width: number) => string,
): void {
  const { terminal } = program;
  const text = program.opts().json
    ? JSON.stringify(answer, null, 2)
    : printableLines(render(answer, terminal.width));
  terminal.out(`${text}\n`);
}

/**
 * A table with a heading above each column; a table for each row when that is wider than `width`; "None."
 * without rows.
 */
export function columns(head: string[], rows: Cell[][], width = Number.POSITIVE_INFINITY): string {
  if (rows.length === 0) return "None.";
  const table = new Table({ head, style: STYLE });
  table.push(...rows.map((row) => row.map(broken)));
  const text = table.toString();
  if (Bun.stringWidth(text.slice(0, text.indexOf("\n"))) <= width) return text;
  return rows
    .map((row) => fields(Object.fromEntries(head.map((name, i) => [name, row[i] ?? ""]))))
    .join("\n");
}

/** A table of names and values, a line each. */
export function fields(values: Readonly<Record<string, Cell>>): string {
  const table = new Table({ style: STYLE });
  table.push(...Object.entries(values).map(([name, value]) => [name, broken(value)]));
  return table.toString();
}

/** As `fields`, for an answer with a secret. `what`: what the secret is called. */
export function fieldsOnce(what: string, values: Readonly<Record<string, Cell>>): string {
  return `${fields(values)}\nKeep the ${what} now: it cannot be shown again.`;
}

/** Breaks long text into lines, between words. A word stays whole, because somebody may copy it. */
function broken(cell: Cell): Cell {
  if (typeof cell !== "string") return cell;
  const text = printableLines(cell);
  if (text.length <= CELL_WIDTH) return text;
  return text
    .split("\n")
    .map((line) => line.replaceAll(LINE, "$1\n").trimEnd())
    .join("\n");
}

const LINE = new RegExp(`(.{1,${CELL_WIDTH}})(?: +|$)`, "gu");

/** Milliseconds since 1970 as a date; `none` for null. A number that is too large for a date stays a number. */
export function date(milliseconds: number | null, none = ""): string {
  if (milliseconds === null) return none;
  const time = new Date(milliseconds);
  return Number.isNaN(time.getTime()) ? String(milliseconds) : time.toISOString();
}

/** `1 symbol`, `2 symbols` */
export function counted(count: number, one: string, several: string): string {
  return `${count} ${count === 1 ? one : several}`;
}

function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

/** Text without the characters that a terminal would obey, because names and reasons come from elsewhere. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ");
}
