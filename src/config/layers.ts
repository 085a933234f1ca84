/**
 * Lays file, environment and command line over one another, the later above the earlier, and sorts
 * out what is no key. What is left holds known keys only, their values not yet checked.
 */
import { show } from "./config-error.ts";
import { KNOWN_KEYS, type KnownKey, meantVariable, nearest, SECTIONS } from "./known-keys.ts";
import { isTable, type Table } from "./toml-file.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface CoveredValue {
  name: string;
  source: string;
  /** The value alone, under the tables that its key names. */
  table: Table;
}

export class Layers {
  readonly table: Table = {};
  /** One line for every key that is unknown or should have been a table. */
  readonly problems: string[] = [];
  /** Values that a later layer took the place of: they have to be right all the same. */
  readonly covered: CoveredValue[] = [];
  readonly #sources = new Map<string, string>();

  /** Takes every known key of a parsed file. */
  addFile(source: string, table: Table, path: readonly string[] = []): void {
    for (const [key, value] of Object.entries(table)) {
      const child = [...path, key];
      const name = child.map(asWritten).join(".");
      if (SECTIONS.has(name)) {
        if (isTable(value)) this.addFile(source, value, child);
        else
          this.problems.push(`${name} = ${show(value)} (${source}): expected a table, [${name}]`);
      } else if (KEYS_BY_NAME.has(name)) {
        this.set(child, value, source);
      } else {
        const near = nearest(name, [...KEYS_BY_NAME.keys(), ...SECTIONS]);
        this.problems.push(
          `${name} = ${show(value)} (${source}): unknown key, the nearest known one is ${near}`,
        );
      }
    }
  }

  /**
   * Takes every variable that names a key. One that only looks like it, with `WAIVER_` in front and
   * `__` within, is a problem, and so is one that misspells another; other variables are somebody else's.
   */
  addEnvironment(environment: Environment): void {
    for (const [variable, value] of Object.entries(environment)) {
      if (value === undefined || !variable.startsWith("WAIVER_")) continue;
      const key = KEYS_BY_VARIABLE.get(variable);
      if (key) {
        this.set(key.path, typedValue(value, key.type), variable);
      } else if (variable.includes("__")) {
        const near = nearest(variable.toUpperCase(), KEYS_BY_VARIABLE.keys());
        this.problems.push(
          `${variable} = ${show(value)}: unknown key, the nearest known one is ${near}`,
        );
      } else {
        // Its value is not shown: it may be a secret.
        const meant = isServiceOfKubernetes(value) ? undefined : meantVariable(variable);
        if (meant !== undefined) this.problems.push(`${variable}: unknown, ${meant} may be meant`);
      }
    }
  }

  set(path: readonly string[], value: unknown, source: string): void {
    const name = path.join(".");
    const table = tableAt(this.table, path);
    const last = path.at(-1) as string;
    const before = this.#sources.get(name);
    if (before !== undefined) {
      const alone: Table = {};
      tableAt(alone, path)[last] = table[last];
      this.covered.push({ name, source: before, table: alone });
    }
    table[last] = value;
    this.#sources.set(name, source);
  }

  /** Where the value of a key, or of an item of its list, came from: a file, a variable or an option. */
  sourceOf(name: string): string {
    return this.#sources.get(name.replace(/\.\d+$/, "")) ?? "default";
  }
}

/** A key as TOML has it: in quotes, where it has a dot in it for instance, it is another than two keys with a dot between. */
function asWritten(key: string): string {
  return /^[\w-]+$/.test(key) ? key : JSON.stringify(key);
}

/** The table in `root` that has the last key of `path`; made where there is none. */
function tableAt(root: Table, path: readonly string[]): Table {
  let table = root;
  for (const section of path.slice(0, -1)) {
    table[section] ??= {};
    table = table[section] as Table;
  }
  return table;
}

const KEYS_BY_NAME = new Map(KNOWN_KEYS.map((key) => [key.name, key]));
const KEYS_BY_VARIABLE = new Map(KNOWN_KEYS.map((key) => [key.variable, key]));

/** The text as the key's type; text that does not read as one stays as it is, for the check to name. */
function typedValue(value: string, type: KnownKey["type"]): unknown {
  if (type === "number" && /^[+-]?\d+(\.\d+)?$/.test(value)) return Number(value);
  if (type === "boolean" && (value === "true" || value === "false")) return value === "true";
  if (type === "array" && value !== "") return listOf(value);
  return value;
}

/** Items between commas, or a list in JSON. */
function listOf(text: string): unknown[] {
  try {
    const list: unknown = JSON.parse(text);
    if (Array.isArray(list)) return list;
  } catch {
    // It is no JSON.
  }
  return text.split(",").map((item) => item.trim());
}

/** For a service `waiver-gateway` Kubernetes sets `WAIVER_GATEWAY_PORT`, and Docker for a link: no misspelling. */
function isServiceOfKubernetes(value: string): boolean {
  return /^(?:tcp|udp|sctp):\/\//.test(value);
}
