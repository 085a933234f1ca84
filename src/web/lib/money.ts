/**
 * Converts between dollars for people and whole cents for the exchange. It works on digits as text, so no
 * fraction is ever a number.
 */

/** Largest price in cents: 31 bits. */
export const PRICE_MAX = 0x7fff_ffff;

const grouped = new Intl.NumberFormat("en-US");

/** `1234567` as `$12,345.67`, `-5` as `−$0.05`. */
export function dollars(cents: number): string {
  return `${cents < 0 ? "−" : ""}$${decimal(Math.abs(cents))}`;
}

/** As `dollars`, with a plus sign before gains. */
export function signedDollars(cents: number): string {
  return cents > 0 ? `+${dollars(cents)}` : dollars(cents);
}

/** `1234567` as `12,345.67`. Never negative. */
export function decimal(cents: number): string {
  const rest = cents % 100;
  return `${grouped.format((cents - rest) / 100)}.${String(rest).padStart(2, "0")}`;
}

/** An amount in the form of `format`; a dash when there is none. */
export function orDash(cents: number | null | undefined, format = dollars): string {
  return cents === null || cents === undefined ? "–" : format(cents);
}

/** `1234567` as `12345.67`, the text for a field. */
export function plainDecimal(cents: number): string {
  return decimal(cents).replaceAll(",", "");
}

/**
 * Cents with up to 4 decimals, such as an average price, as dollars with as many decimals as needed:
 * `$77.1725`.
 */
export function averageDollars(cents: number): string {
  const parts = Math.round(cents * 10_000);
  const whole = Math.trunc(parts / 10_000);
  const fraction = String(parts - whole * 10_000)
    .padStart(4, "0")
    .replace(/0+$/, "");
  return dollars(whole) + fraction;
}

/** Shares, with separators. */
export const shares = (quantity: number): string => grouped.format(quantity);

/** `1 share`, `1,200 shares`. */
export const counted = (count: number, one: string): string =>
  `${shares(count)} ${one}${count === 1 ? "" : "s"}`;

const compactFormat = new Intl.NumberFormat("en-US", {
  notation: "compact",
  maximumFractionDigits: 1,
});

/** `12345` as `12.3K`. */
export const compact = (quantity: number): string => compactFormat.format(quantity);

/** The change from `from` to `to` in percent, with two decimals and its sign; empty when `from` is 0. */
export function percentChange(from: number, to: number): string {
  if (from === 0) return "";
  const hundredths = Math.round(((to - from) * 10_000) / from);
  const sign = hundredths > 0 ? "+" : hundredths < 0 ? "−" : "";
  return `${sign}${decimal(Math.abs(hundredths))}%`;
}

export type Parsed = { readonly value: number } | { readonly fault: string };

/** Typed dollars as cents: `12`, `12.5`, `$1,234.50`, also in wide digits. */
export function parseDollars(text: string): Parsed {
  const match = /^\$?(\d{1,3}(?:,\d{3})+|\d*)(?:\.(\d*))?$/.exec(plain(text));
  const [, whole = "", fraction = ""] = match ?? [];
  if (match === null || whole + fraction === "") {
    return { fault: "Enter dollars and cents, such as 12.50" };
  }
  if (fraction.length > 2) return { fault: "A price has at most two decimals" };
  const digits = whole.replaceAll(",", "") + fraction.padEnd(2, "0");
  const value = Number(digits);
  if (value === 0) return { fault: "Enter more than zero" };
  if (value > PRICE_MAX) return { fault: `Enter at most ${dollars(PRICE_MAX)}` };
  return { value };
}

/** The next multiple of `increment` above the price, or below it; in cents. */
export function steppedPrice(price: number, increment: number, isUp: boolean): number {
  const steps = isUp ? Math.floor(price / increment) + 1 : Math.ceil(price / increment) - 1;
  return steps < 1 || steps * increment > PRICE_MAX ? price : steps * increment;
}

/** A typed number of shares. */
export function parseShares(text: string): Parsed {
  const typed = plain(text);
  // A comma that does not group thousands is meant as a decimal point.
  if (!/^(\d{1,3}(,\d{3})+|\d+)$/.test(typed)) return { fault: "Enter a whole number of shares" };
  const value = Number(typed.replaceAll(",", ""));
  if (value === 0) return { fault: "Enter at least one share" };
  if (value > PRICE_MAX) return { fault: `Enter at most ${shares(PRICE_MAX)} shares` };
  return { value };
}

/** Replaces wide digits and signs, which some keyboards have, by the usual ones. */
const plain = (text: string): string => text.normalize("NFKC").trim();
