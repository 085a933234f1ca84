/** So many commands leave others half of what may gather in the smallest inbound ring: of its 1,024, 512 may. */
export const COMMANDS_AT_ONCE_MAX = 256;

/**
 * Calls `work`, which submits a command of the exchange itself, for each item: for some items at once, and for the next
 * ones when those are done. Rejects with the first error, and then begins no more.
 */
export async function inParts<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  for (let start = 0; start < items.length; start += COMMANDS_AT_ONCE_MAX) {
    await Promise.all(items.slice(start, start + COMMANDS_AT_ONCE_MAX).map(work));
  }
}
