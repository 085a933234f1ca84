import { useEffect, useMemo } from "preact/hooks";

/** What `open` gives for as long as `key` stays the same; it is closed when it changes, and with the component. */
export function useStore<T extends { close(): void }>(open: () => T, key: string): T {
  const store = useMemo(open, [key]);
  useEffect(() => () => store.close(), [store]);
  return store;
}
