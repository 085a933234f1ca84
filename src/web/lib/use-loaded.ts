import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

export interface Loaded<T> {
  /** Null until it is there. */
  readonly value: Signal<T | null>;
  /** Why it is not. */
  readonly fault: Signal<unknown>;
  reload(): Promise<void>;
}

/** What `load` gives, asked for when the component appears and whenever `reload` is called. */
export function useLoaded<T>(load: () => Promise<T>): Loaded<T> {
  const value = useSignal<T | null>(null);
  const fault = useSignal<unknown>(null);
  const reload = async (): Promise<void> => {
    try {
      value.value = await load();
      fault.value = null;
    } catch (error) {
      fault.value = error;
    }
  };
  useEffect(() => void reload(), []);
  return { value, fault, reload };
}
