import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

export interface Loaded<T> {
  /** The loaded value; null until it is there. */
  readonly value: Signal<T | null>;
  /** Why the last load failed; null when it did not. */
  readonly fault: Signal<unknown>;
  reload(): Promise<void>;
}

/**
 * Calls `load` when the component appears and whenever `reload` is called. Of several answers the one to the
 * last call counts.
 */
export function useLoaded<T>(load: () => Promise<T>): Loaded<T> {
  const value = useSignal<T | null>(null);
  const fault = useSignal<unknown>(null);
  const asked = useRef(0);
  const reload = async (): Promise<void> => {
    const mine = ++asked.current;
    try {
      const loaded = await load();
      if (mine !== asked.current) return;
      value.value = loaded;
      fault.value = null;
    } catch (error) {
      if (mine === asked.current) fault.value = error;
    }
  };
  useEffect(() => void reload(), []);
  return { value, fault, reload };
}
