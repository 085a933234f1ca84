/** Reads a TOML file into plain tables. */
import { readFileSync, statSync } from "node:fs";
import { TOML } from "bun";
import { ConfigError } from "./config-error.ts";

export type Table = Record<string, unknown>;

/** A longer file is no configuration, but a log or the image of a disk. */
const BYTES_MAX = 1024 * 1024;

/** How many lines the search for a fault tries. For each, all of the file before it is parsed. */
const LINES_TRIED_MAX = 500;

/** Whether a parsed value is a table: not an array, and not one of the Temporal objects of TOML's dates. */
export function isTable(value: unknown): value is Table {
  return (
    typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}

/** Reads a TOML file. Throws `ConfigError` that names the file, the line and what is wrong. */
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

/** Null for a file that is too long. The size of a pipe is known only after it was read. */
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
 * The line in which the faulty statement begins. Bun's parser does not tell it. The whole lines before this statement parse,
 * and no longer beginning of the file does: the statement begins after the longest beginning that parses. Null when it is
 * not among the last `LINES_TRIED_MAX` lines: the exchange stands still during the search, also at a reload.
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
