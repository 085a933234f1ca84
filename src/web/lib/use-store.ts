import { useEffect, useMemo } from "preact/hooks";

/**
 * The store that `open` makes, as long as `key` stays the same. It is closed when `key` changes, and with the
 * component.
 */
export function useStore<T extends { close(): void }>(open: () => T, key: string): T {
  const store = useMemo(open, [key]);
  useEffect(() => () => store.close(), [store]);
  return store;
}
