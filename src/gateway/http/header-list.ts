/**
 * Headers that are lists. Anybody may send thousands of items, and reading them takes time and memory before anything is paid
 * for. So only the first or the last items are read.
 */

/** More than any honest client sends. */
export const ITEMS_MAX = 64;

/** The first items of a list, without blanks around them; none without the header. */
export function listItems(header: string | null, separator: "," | ";" = ","): string[] {
  return header === null ? [] : header.split(separator, ITEMS_MAX).map((item) => item.trim());
}

/** The last `count` items, in their order; null without the header. */
export function lastListItems(header: string | null, count: number): string[] | null {
  if (header === null) return null;
  let comma = header.length;
  for (let items = 0; items < count && comma >= 0; items++) {
    comma = comma === 0 ? -1 : header.lastIndexOf(",", comma - 1);
  }
  return header
    .slice(comma + 1)
    .split(",")
    .map((item) => item.trim());
}
