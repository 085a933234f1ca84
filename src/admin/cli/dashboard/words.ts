/** Figures as an operator reads them, in as many columns as there are. */

import { ERRORS, isErrorCode } from "../../../protocol/errors.ts";
import { printable } from "../output.ts";

export const NONE = "–";

/** Cents as dollars: `1,234.50`. */
export function money(cents: number | null | undefined): string {
  if (cents === null || cents === undefined) return NONE;
  const dollars = (Math.abs(cents) / 100).toLocaleString("en-US", {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  });
  return `${cents < 0 ? "-" : ""}${dollars}`;
}

/** Cents as dollars, with a sign also when positive. */
export function signed(cents: number): string {
  return cents > 0 ? `+${money(cents)}` : money(cents);
}

export function whole(value: number | null | undefined): string {
  return value === null || value === undefined ? NONE : Math.round(value).toLocaleString("en-US");
}

const COMPACT = new Intl.NumberFormat("en-US", {
  notation: "compact",
  maximumSignificantDigits: 4,
});

/** `text`, or when it does not fit, `value` in the form `2.056M`: a figure that is cut would be a wrong one. */
export function short(text: string, value: number | null | undefined, width: number): string {
  const fits = value === null || value === undefined || text.length <= width;
  return fits ? text : COMPACT.format(value);
}

/** Name of an error code; empty when it has none. */
export const errorName = (code: number): string => (isErrorCode(code) ? ERRORS[code].name : "");

/** A rate a second; a small one with one decimal. */
export function rate(value: number | null): string {
  if (value === null) return NONE;
  return value > 0 && value < 10 ? value.toFixed(1) : whole(value);
}

export function seconds(value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE;
  // Units end where the rounded figure would be one of the next.
  if (value < 0.000_999_5) return `${Math.round(value * 1e6)} µs`;
  if (value < 0.9995) return `${(value * 1000).toPrecision(3)} ms`;
  if (value < 120) return `${Math.round(value)} s`;
  if (value < 7200) return `${Math.round(value / 60)} min`;
  if (value < 172_800) return `${Math.round(value / 3600)} h`;
  return `${Math.round(value / 86_400)} d`;
}

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE;
  let power = 0;
  let scaled = value;
  // A figure that rounds to 1024 of a unit is shown as 1 of the next.
  while (Math.round(scaled) >= 1024 && power < BYTE_UNITS.length - 1) {
    scaled /= 1024;
    power += 1;
  }
  return `${power === 0 || scaled >= 100 ? Math.round(scaled) : scaled.toFixed(1)} ${BYTE_UNITS[power]}`;
}

/** Milliseconds since 1970 as the time of day here. */
export function clock(milliseconds: number): string {
  return new Date(milliseconds).toLocaleTimeString("en-GB");
}

export function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 0.1) return "<0.1%";
  return `${value > 0 && value < 10 ? value.toFixed(1) : Math.round(value)}%`;
}

/** `■■■·······` */
export function bar(share: number, width: number): string {
  const clipped = Math.min(1, Math.max(0, share));
  const full = clipped === 0 ? 0 : Math.max(1, Math.round(clipped * width));
  return "■".repeat(full) + "·".repeat(width - full);
}

const HEIGHTS = "▁▂▃▄▅▆▇█";

/** A bar for each value, of the last values that fit, aligned right. */
export function sparkline(values: readonly number[], width: number): string {
  const shown = values.slice(-width);
  const max = Math.max(1, ...shown);
  const columns = shown.map((value) => HEIGHTS[Math.round((value / max) * 7)] ?? " ");
  return columns.join("").padStart(width);
}

/** The printable characters of `text`, cut or filled to exactly `width` columns. */
export function fit(text: string, width: number, side: "left" | "right" = "left"): string {
  const clean = printable(text);
  const shown = Bun.stringWidth(clean) <= width ? clean : cut(clean, width);
  const space = " ".repeat(Math.max(0, width - Bun.stringWidth(shown)));
  return side === "left" ? shown + space : space + shown;
}

function cut(text: string, width: number): string {
  if (width < 1) return "";
  let shown = "";
  for (const character of text) {
    if (Bun.stringWidth(shown + character) > width - 1) break;
    shown += character;
  }
  return `${shown}…`;
}
