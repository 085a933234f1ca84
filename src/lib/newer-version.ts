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
