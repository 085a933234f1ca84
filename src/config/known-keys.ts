/** The keys of the configuration, read off its schema, and the nearest of them to a misspelt one. */
import { rawConfigSchema } from "./raw-config.ts";

export interface KnownKey {
  /** Section, subsection and name. */
  readonly path: readonly string[];
  /** `gateway.rate_limits.burst_limit` */
  readonly name: string;
  /** `WAIVER_GATEWAY__RATE_LIMITS__BURST_LIMIT` */
  readonly variable: string;
  readonly type: "number" | "boolean" | "string" | "array";
}

/** The part of a valibot schema that the walk below reads. */
interface SchemaNode {
  readonly type: string;
  readonly wrapped?: SchemaNode;
  readonly entries?: Readonly<Record<string, SchemaNode>>;
}

/** Types whose values have to be parsed from the text of an environment variable. */
const TYPES = ["number", "boolean", "array"] as const;

function collect(node: SchemaNode, path: readonly string[]): KnownKey[] {
  const schema = node.wrapped ?? node;
  if (schema.entries) {
    return Object.entries(schema.entries).flatMap(([key, child]) => collect(child, [...path, key]));
  }
  return [
    {
      path,
      name: path.join("."),
      variable: `WAIVER_${path.map((part) => part.toUpperCase()).join("__")}`,
      type: TYPES.find((type) => type === schema.type) ?? "string",
    },
  ];
}

export const KNOWN_KEYS: readonly KnownKey[] = collect(rawConfigSchema, []);

/** Every section's name: `gateway`, `gateway.rate_limits`, … */
export const SECTIONS: ReadonlySet<string> = new Set(
  KNOWN_KEYS.flatMap(({ path }) => path.slice(0, -1).map((_, i) => path.slice(0, i + 1).join("."))),
);

/** Environment variables that hold secrets; no key of the configuration has them. */
const SECRETS = ["WAIVER_ADMIN_TOKEN", "WAIVER_ARCHIVE_KEY"];
/** Enough for one underscore too few in front of two sections, or for two wrong letters. */
const MISSPELT_EDITS_MAX = 2;

/**
 * The variable that `name` misspells; undefined for a variable of another program. Kubernetes, for example, sets
 * `WAIVER_PORT` and `WAIVER_SERVICE_HOST` for a service that is called `waiver`.
 */
export function meantVariable(name: string): string | undefined {
  const all = [...KNOWN_KEYS.map(({ variable }) => variable), ...SECRETS];
  if (SECRETS.includes(name)) return undefined;
  return all.find((each) => editDistance(name, each) <= MISSPELT_EDITS_MAX);
}

/**
 * The candidate that is the fewest edits away from `name`. A key in the wrong section counts as
 * near: names are compared whole and by their last part, with one edit added for the section.
 */
export function nearest(name: string, candidates: Iterable<string>): string {
  let best = "";
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const distance = Math.min(
      editDistance(name, candidate),
      editDistance(lastPart(name), lastPart(candidate)) + 1,
    );
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

/** Levenshtein distance: insertions, deletions and replacements of one character. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[to.length] ?? 0;
}
