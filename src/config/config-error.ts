/** The configuration is refused: one line for every key that is wrong. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  constructor(
    readonly problems: readonly string[],
    options?: ErrorOptions,
  ) {
    super(
      problems.length === 1
        ? `configuration refused: ${problems[0]}`
        : `configuration refused:\n${problems.map((problem) => `  ${problem}`).join("\n")}`,
      options,
    );
  }
}

const VALUE_CHARACTERS_MAX = 80;

/** A value as it would stand in the file, shortened to `VALUE_CHARACTERS_MAX`. */
export function show(value: unknown): string {
  // TOML's dates have a toJSON that would make them look like strings.
  const isDate = typeof value === "object" && value !== null && "toJSON" in value;
  const text = isDate || typeof value === "number" ? String(value) : JSON.stringify(value);
  return text.length > VALUE_CHARACTERS_MAX ? `${text.slice(0, VALUE_CHARACTERS_MAX)}…` : text;
}
