/** The watch list, which this browser remembers. */
import { computed } from "@preact/signals";
import { remembered } from "../lib/storage.ts";

const WATCHED_MAX = 500;

const isNames = (value: unknown): boolean =>
  Array.isArray(value) && value.every((name) => typeof name === "string");

const symbols = remembered<string[]>("watched", [], isNames);

export const watched = computed<ReadonlySet<string>>(() => new Set(symbols.value));

export function toggleWatched(symbol: string): void {
  const rest = symbols.value.filter((each) => each !== symbol);
  const isNew = rest.length === symbols.value.length;
  symbols.value = isNew ? [...rest, symbol].slice(-WATCHED_MAX) : rest;
}
