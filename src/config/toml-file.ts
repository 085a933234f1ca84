/** Reads a TOML file into plain tables. */
import { readFileSync } from "node:fs";
import { TOML } from "bun";
import { ConfigError } from "./config-error.ts";

export type Table = Record<string, unknown>;

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
    throw new ConfigError([`${path}:${faultyLine(text)}: not TOML: ${fault}`], { cause: error });
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError([`${path}: cannot be read: ${(error as Error).message}`], {
      cause: error,
    });
  }
}

/**
 * Bun's parser does not say where the fault is. Every prefix of whole lines before the faulty
 * statement parses and none after it does, so the statement begins behind the longest that parses.
 */
function faultyLine(text: string): number {
  const lines = text.split("\n");
  for (let count = lines.length - 1; count > 0; count--) {
    if (parses(lines.slice(0, count).join("\n"))) return count + 1;
  }
  return 1;
}

function parses(text: string): boolean {
  try {
    TOML.parse(text);
    return true;
  } catch {
    return false;
  }
}
