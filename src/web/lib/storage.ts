/** What this browser remembers: values, and signals that are kept. */
import { effect, type Signal, signal } from "@preact/signals";

/** A signal whose value is kept under `name`. A kept value for which `isValid` is false is not used. */
export function remembered<T>(
  name: string,
  initial: T,
  isValid: (value: unknown) => boolean,
): Signal<T> {
  const key = `waiver.${name}`;
  const kept = signal(readKept(key, initial, isValid));
  effect(() => keep(key, kept.value));
  addEventListener("storage", (event) => {
    if (event.key === key) kept.value = readKept(key, initial, isValid);
  });
  return kept;
}

/** Where a value is kept: for this tab, or for all tabs, also later ones. */
export type Place = "sessionStorage" | "localStorage";

/** The value that is kept under `key`; `initial` when there is none for which `isValid` is true. */
export function readKept<T>(
  key: string,
  initial: T,
  isValid: (value: unknown) => boolean,
  place: Place = "localStorage",
): T {
  try {
    const value: unknown = JSON.parse(globalThis[place].getItem(key) ?? "null");
    return value !== null && isValid(value) ? (value as T) : initial;
  } catch {
    return initial;
  }
}

export function keep(key: string, value: unknown, place: Place = "localStorage"): void {
  try {
    globalThis[place].setItem(key, JSON.stringify(value));
  } catch {
    // This browser keeps nothing. The page works, but forgets.
  }
}
