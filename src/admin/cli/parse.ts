/** Parses typed values. Every function throws commander's `InvalidArgumentError`, which names the option. */

import { Argument, InvalidArgumentError } from "@commander-js/extra-typings";
import { parseNetwork } from "../../lib/ip-address.ts";
import { PERMISSIONS, type Permission } from "../../protocol/schemas/auth.ts";

/** Help for arguments that are a user, and an account. */
export const USER_HELP = "user id, such as usr_1";
export const USER_OR_ACCOUNT_HELP =
  "user id, such as usr_1; or one of a user's accounts, such as acc_7";
export const ACCOUNT_HELP = "account id, such as acc_1";

const PORT_MAX = 65_535;

/** The origin of an address, or `unix:` and the path of a socket. */
export function parseUrl(text: string): string {
  if (/^unix:.+/.test(text)) return text.replace(/^unix:\/\//, "unix:");
  const url = URL.parse(text);
  // A path after the origin, or a user name, would not be sent.
  if (url === null || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`) {
    throw new InvalidArgumentError(
      "Expected an address such as http://127.0.0.1:8080, or unix:/path/of/the/socket.",
    );
  }
  return url.origin;
}

export function parsePort(text: string): number {
  const port = parseInteger(text);
  if (port < 0 || port > PORT_MAX) {
    throw new InvalidArgumentError(`Expected a port from 0 (any free one) to ${PORT_MAX}.`);
  }
  return port;
}

export function parseInteger(text: string): number {
  if (!/^-?\d+$/.test(text)) throw new InvalidArgumentError("Expected a whole number.");
  const number = Number(text);
  if (Number.isSafeInteger(number)) return number;
  const max = Number.MAX_SAFE_INTEGER;
  throw new InvalidArgumentError(`Expected a whole number from -${max} to ${max}.`);
}

export function parseLimit(text: string): number {
  const limit = parseInteger(text);
  if (limit < 1) throw new InvalidArgumentError("Expected a whole number from 1.");
  return limit;
}

/** An argument that is `on` or `off`; `description` says what it turns on. */
export function onOrOff(description: string) {
  return new Argument("<on|off>", description).choices(["on", "off"] as const);
}

/** Adds a position to those given before: `SYMBOL_1=100`, or a ticker or a player's name before the sign. */
export function collectPosition(
  text: string,
  positions: Record<string, number> = {},
): Record<string, number> {
  const [, symbol, shares] = /^(.+)=(-?\d+)$/.exec(text) ?? [];
  if (symbol === undefined || shares === undefined) {
    throw new InvalidArgumentError(
      "Expected a symbol, a ticker or a player's name, and its shares, such as SYMBOL_1=100.",
    );
  }
  if (Object.hasOwn(positions, symbol)) throw new InvalidArgumentError(`${symbol} is given twice.`);
  return { ...positions, [symbol]: parseInteger(shares) };
}

/** Adds a permission to those given before. */
export function collectPermission(text: string, permissions: Permission[] = []): Permission[] {
  const permission = PERMISSIONS.find((name) => name === text);
  if (permission === undefined) {
    throw new InvalidArgumentError(`Expected one of ${PERMISSIONS.join(", ")}.`);
  }
  return [...permissions, permission];
}

/** Adds a network to those given before. */
export function collectNetwork(text: string, networks: string[] = []): string[] {
  if (parseNetwork(text) === null) {
    throw new InvalidArgumentError(
      "Expected a network or an address such as 192.0.2.0/24, 2001:db8::/32 or 192.0.2.1.",
    );
  }
  return [...networks, text];
}

/** A date, with or without a time, as milliseconds since 1970. */
export function parseDate(text: string): number {
  const time = timeOf(text);
  if (time !== null) return time;
  throw new InvalidArgumentError("Expected a date such as 2027-01-31 or 2027-01-31T18:00:00Z.");
}

/** A day, optionally with a time, optionally with a zone. */
const DATE =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(?: ?(Z|UTC|[+-]\d{2}:\d{2}))?)?$/;

/**
 * A date as milliseconds since 1970; null for what is no date, such as 2027-02-30. A time without a zone is
 * UTC, as in all answers.
 */
export function timeOf(text: string): number | null {
  const [, day, time = "00:00", zone = "Z"] = DATE.exec(text) ?? [];
  if (day === undefined) return null;
  const midnight = Date.parse(day);
  // JavaScript takes 30 February for 2 March.
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(day)) return null;
  const moment = Date.parse(`${day}T${time}${zone === "UTC" ? "Z" : zone}`);
  return Number.isNaN(moment) ? null : moment;
}
