/** Tables for spreadsheets. */

import { averageDollars, plainDecimal } from "./money.ts";

/** Text, or a number: whole, or as it is to be written. */
export type Cell = string | number | { readonly number: string } | null | undefined;

/** Rows of a table, the first its heads, as RFC 4180 has them. */
export function csvText(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map(cellText).join(",")}\r\n`).join("");
}

function cellText(cell: Cell): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell === "number") return String(cell);
  if (typeof cell === "object") return cell.number;
  // A spreadsheet would take these for a formula, some of them the wide ones too, and run it.
  const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * Cents as dollars, as a spreadsheet reads a number; below zero with a hyphen. It is no text that could be a formula.
 * Without an amount the cell is empty.
 */
export function csvMoney(cents: number | null | undefined): Cell {
  if (cents === null || cents === undefined) return null;
  return { number: cents < 0 ? `-${plainDecimal(-cents)}` : plainDecimal(cents) };
}

/** As `csvMoney`, of an average price: with all its decimals, and never below zero. */
export function csvAverage(cents: number | null | undefined): Cell {
  if (cents === null || cents === undefined) return null;
  return { number: averageDollars(cents).replaceAll(/[$,]/g, "") };
}
