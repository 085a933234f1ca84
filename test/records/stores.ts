/** Copies the stores of a state as a snapshot does. */
import type { Store } from "../../src/lib/store.ts";

/** Fills empty stores with the used part of another state's stores. */
export function copyStores(from: readonly Store[], to: readonly Store[]): void {
  const parts = new Map(from.map((store) => [store.name, store]));
  for (const { name, words } of to) {
    const part = parts.get(name);
    if (part === undefined) throw new Error(`there is no store ${name}`);
    words.set(part.words.subarray(0, part.used()));
  }
}

/** The stores as a snapshot would keep them. */
export function contents(stores: readonly Store[]): Record<string, Int32Array> {
  return Object.fromEntries(stores.map((each) => [each.name, each.words.slice(0, each.used())]));
}
