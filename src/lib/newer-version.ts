/**
 * Why a file of JSON that says its `version` cannot be read: a newer program than this, which knows versions up to `newest`,
 * wrote it. It is whole, and not to be moved away as a damaged one is. Null for any other.
 */
export function newerVersion(json: unknown, newest: number): string | null {
  if (typeof json !== "object" || json === null || !("version" in json)) return null;
  const { version } = json;
  if (typeof version !== "number" || version <= newest) return null;
  return `it has version ${version}, and this program knows ${newest} at most: start the newer program`;
}

/**
 * The content of the file of JSON at `path`, as `parse` takes it, which throws what is wrong with it. Throws that it is of a newer
 * program, or why it is damaged and what the file's absence means: `without`.
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
