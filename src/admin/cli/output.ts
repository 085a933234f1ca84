/** What a command prints: tables for people, JSON for programs. */

import Table from "cli-table3";
import type { Answer, AnswerName } from "./answers.ts";
import type { Program } from "./root-command.ts";

type Cell = string | number | boolean;

/** Characters after which a cell goes on in its next line. */
const CELL_WIDTH = 72;

/** As cli-table3 takes it: no colours, and no line between two rows. */
const STYLE = { head: [], border: [], compact: true };

/**
 * Prints the answer of the command of that name as JSON, or as `render` makes it, given the characters that fit on a
 * line.
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

/** A table with a heading above each column; where that is wider than `width`, a table for each row. A word without rows. */
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

/** As `fields`, of an answer with a secret, which `what` names. */
export function fieldsOnce(what: string, values: Readonly<Record<string, Cell>>): string {
  return `${fields(values)}\nKeep the ${what} now: it cannot be shown again.`;
}

/**
 * Long text in several lines, broken between words. What has no spaces stays whole: it may be copied. Printable before its
 * width is measured.
 */
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

/** Milliseconds since 1970 as a date; a word for none. What is later than a date can be stays a number. */
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

/** Names and reasons come from elsewhere: without the characters that a terminal would obey. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ");
}
