/**
 * Why a JSON file cannot be read whose `version` is above `newest`, the latest that this program knows: a newer program
 * wrote it. Such a file is not damaged, so it must not be moved away. Null for any other content.
 */
export function newerVersion(json: unknown, newest: number): string | null {
  if (typeof json !== "object" || json === null || !("version" in json)) return null;
  const { version } = json;
  if (typeof version !== "number" || version <= newest) return null;
  return `it has version ${version}, and this program knows ${newest} at most: start the newer program`;
}

/**
 * Reads the JSON `text` of the file at `path` with `parse`, which throws what is wrong with the content. Throws an
 * error with the path: that a newer program wrote the file, or that it is damaged, why, and what happens when it is
 * moved away (`without`).
 */
export function parseVersioned<Content>(
  path: string,
  text: string,
  newest: number,
  parse: (json: unknown) => Content,
  without: string,
): Content {
  const damaged = (cause: unknown): Error => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const advice = `Put back a copy of it, or move it away: then ${without}`;
    return new Error(`${path}: damaged: ${reason}. ${advice}`, { cause });
  };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw damaged(error);
  }
  const newer = newerVersion(json, newest);
  if (newer !== null) throw new Error(`${path}: ${newer}`);
  try {
    return parse(json);
  } catch (error) {
    throw damaged(error);
  }
}
