/** Signals that this browser remembers. */
import { effect, type Signal, signal } from "@preact/signals";

/** A signal whose value is kept under `name`. A kept value for which `isValid` is false is not used. */
export function remembered<T>(
  name: string,
  initial: T,
  isValid: (value: unknown) => boolean,
): Signal<T> {
  const key = `waiver.${name}`;
  const kept = signal(read(key, initial, isValid));
  effect(() => write(key, kept.value));
  addEventListener("storage", (event) => {
    if (event.key === key) kept.value = read(key, initial, isValid);
  });
  return kept;
}

function read<T>(key: string, initial: T, isValid: (value: unknown) => boolean): T {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
    return value !== null && isValid(value) ? (value as T) : initial;
  } catch {
    return initial;
  }
}

function write(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // This browser keeps nothing. The page works, but forgets.
  }
}
