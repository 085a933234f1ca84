/** So many commands leave room for everybody else's in the smallest inbound ring, which has 1,024. */
export const COMMANDS_AT_ONCE_MAX = 512;

/**
 * Does `work`, a command of the exchange itself, for each item: for some at once, and for the next when those are done.
 * Rejects with the first fault, and begins no more then.
 */
export async function inParts<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  for (let start = 0; start < items.length; start += COMMANDS_AT_ONCE_MAX) {
    await Promise.all(items.slice(start, start + COMMANDS_AT_ONCE_MAX).map(work));
  }
}
