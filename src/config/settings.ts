/** The configuration in use, key by key, and where each value comes from. */
import { KNOWN_KEYS } from "./known-keys.ts";
import type { Layers } from "./layers.ts";
import type { RawConfig } from "./raw-config.ts";

type Value = string | number | boolean | readonly (string | number)[] | null;

export interface Setting {
  /** With its sections, as `gateway.port`. */
  readonly key: string;
  /** The value as it was configured, or the default; null = none. */
  readonly value: Value;
  /** "default", a file, an environment variable or an option. */
  readonly source: string;
}

/**
 * Every key, in the order of the example file. There are no secrets among them: those stand in the environment and in files
 * of their own. A user and password in an address are left out.
 */
export function settingsOf(raw: RawConfig, layers: Pick<Layers, "sourceOf">): Setting[] {
  return KNOWN_KEYS.map(({ name, path }) => ({
    key: name,
    value: withoutUser(valueAt(raw, path)),
    source: layers.sourceOf(name),
  }));
}

function valueAt(raw: RawConfig, path: readonly string[]): Value {
  let value: unknown = raw;
  for (const part of path) value = (value as Record<string, unknown> | undefined)?.[part];
  return (value as Value | undefined) ?? null;
}

function withoutUser(value: Value): Value {
  const url = typeof value === "string" ? URL.parse(value) : null;
  if (url === null || url.username + url.password === "") return value;
  url.username = "";
  url.password = "";
  return url.href;
}
