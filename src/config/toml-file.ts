/** Reads a TOML file into plain tables. */
import { readFileSync, statSync } from "node:fs";
import { TOML } from "bun";
import { ConfigError } from "./config-error.ts";

export type Table = Record<string, unknown>;

/** Longer is no file that somebody wrote: a log, or an image of a disk. */
const BYTES_MAX = 1024 * 1024;

/** Each line that is tried has the file parsed up to it. */
const LINES_TRIED_MAX = 500;

/** Whether a parsed value is a table: not an array, and not one of the Temporal objects of TOML's dates. */
export function isTable(value: unknown): value is Table {
  return (
    typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}

/** Throws `ConfigError` naming file, line and what is wrong. */
export function readTomlFile(path: string): Table {
  const text = readText(path);
  try {
    return TOML.parse(text) as Table;
  } catch (error) {
    const fault = (error as Error).message.replace(/^TOML Parse error: /, "");
    const line = faultyLine(text);
    const place = line === null ? path : `${path}:${line}`;
    throw new ConfigError([`${place}: not TOML: ${fault}`], { cause: error });
  }
}

function readText(path: string): string {
  const bytes = readBytes(path);
  if (bytes === null || bytes.length > BYTES_MAX) {
    throw new ConfigError([`${path}: has more than ${BYTES_MAX} bytes: no configuration`]);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new ConfigError([`${path}: not TOML: not UTF-8`], { cause: error });
  }
}

/** Null for a file that is too long to be read. A pipe says how long it is when it has been read. */
function readBytes(path: string): Buffer | null {
  try {
    return statSync(path).size > BYTES_MAX ? null : readFileSync(path);
  } catch (error) {
    throw new ConfigError([`${path}: cannot be read: ${(error as Error).message}`], {
      cause: error,
    });
  }
}

/**
 * Bun's parser does not say where the fault is. Every prefix of whole lines before the faulty
 * statement parses and none after it does, so the statement begins behind the longest that parses. Null where that is far
 * from the end of a long file: a reload waits for the answer, and with it the exchange.
 */
function faultyLine(text: string): number | null {
  const lines = text.split("\n");
  const first = Math.max(0, lines.length - LINES_TRIED_MAX);
  for (let count = lines.length - 1; count > first; count--) {
    if (parses(lines.slice(0, count).join("\n"))) return count + 1;
  }
  return first === 0 ? 1 : null;
}

function parses(text: string): boolean {
  try {
    TOML.parse(text);
    return true;
  } catch {
    return false;
  }
}
