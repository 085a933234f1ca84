/** Tables as CSV, for spreadsheets. */

import { averageDollars, plainDecimal } from "./money.ts";

/** Text, a whole number, or a number as text. */
export type Cell = string | number | { readonly number: string } | null | undefined;

/** The rows of a table as CSV (RFC 4180). The first row has the heads. */
export function csvText(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map(cellText).join(",")}\r\n`).join("");
}

function cellText(cell: Cell): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell === "number") return String(cell);
  if (typeof cell === "object") return cell.number;
  // A spreadsheet would run text with such a beginning as a formula; some also take the wide characters.
  const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * Cents as dollars in the form in which a spreadsheet reads a number. It is a number, so its minus sign starts
 * no formula. Without an amount the cell is empty.
 */
export function csvMoney(cents: number | null | undefined): Cell {
  if (cents === null || cents === undefined) return null;
  return { number: cents < 0 ? `-${plainDecimal(-cents)}` : plainDecimal(cents) };
}

/** As `csvMoney`, for an average price, which has more decimals and is never negative. */
export function csvAverage(cents: number | null | undefined): Cell {
  if (cents === null || cents === undefined) return null;
  return { number: averageDollars(cents).replaceAll(/[$,]/g, "") };
}
