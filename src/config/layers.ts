/**
 * Merges defaults, file, environment and command line: a later layer replaces values of an earlier one. Unknown keys
 * become problems. The merged table has known keys only; their values are not checked yet.
 */
import { show } from "./config-error.ts";
import { KNOWN_KEYS, type KnownKey, meantVariable, nearest, SECTIONS } from "./known-keys.ts";
import { isTable, type Table } from "./toml-file.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface CoveredValue {
  name: string;
  source: string;
  /** A table with this value alone, in the sections of its key. */
  table: Table;
}

export class Layers {
  readonly table: Table = {};
  /** One line for every key that is unknown or should have been a table. */
  readonly problems: string[] = [];
  /** Values that a later layer replaced. They are checked all the same. */
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
   * Takes every variable that names a key. A variable with `WAIVER_` in front and `__` within that names no key is a
   * problem, and so is one that misspells a known variable. All others belong to other programs.
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
        // The value may be a secret, so it is not shown.
        const meant = isServiceOfKubernetes(value) ? undefined : meantVariable(variable);
        if (meant !== undefined) this.problems.push(`${variable}: unknown, ${meant} may be meant`);
      }
    }
  }

  /** Sets a known key, and remembers the value that it replaces. */
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

  /** Where the value of a key, or of an item of its list, comes from: a file, a variable, an option or "default". */
  sourceOf(name: string): string {
    return this.#sources.get(name.replace(/\.\d+$/, "")) ?? "default";
  }
}

/** A key as it stands in TOML. Quotes tell the one key `"a.b"` from the key `b` in the table `a`. */
function asWritten(key: string): string {
  return /^[\w-]+$/.test(key) ? key : JSON.stringify(key);
}

/** The table in `root` that the last key of `path` belongs to. It is made when it is not there. */
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

/** The value of a variable in the key's type. Text that is not of this type stays text, and the check reports it. */
function typedValue(value: string, type: KnownKey["type"]): unknown {
  if (type === "number" && /^[+-]?\d+(\.\d+)?$/.test(value)) return Number(value);
  if (type === "boolean" && (value === "true" || value === "false")) return value === "true";
  if (type === "array" && value !== "") return listOf(value);
  return value;
}

/** Parses a JSON list, or items between commas. */
function listOf(text: string): unknown[] {
  try {
    const list: unknown = JSON.parse(text);
    if (Array.isArray(list)) return list;
  } catch {
    // Not JSON.
  }
  return text.split(",").map((item) => item.trim());
}

/** Kubernetes (for a service `waiver-gateway`) and Docker (for a link) set `WAIVER_GATEWAY_PORT` to such an address. */
function isServiceOfKubernetes(value: string): boolean {
  return /^(?:tcp|udp|sctp):\/\//.test(value);
}
