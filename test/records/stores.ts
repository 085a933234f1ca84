/** What a snapshot does with the parts of a state. */
import type { Store } from "../../src/lib/store.ts";

/** Fills empty stores with what the same ones of another state hold, as far as it is in use. */
export function copyStores(from: readonly Store[], to: readonly Store[]): void {
  const parts = new Map(from.map((store) => [store.name, store]));
  for (const { name, words } of to) {
    const part = parts.get(name);
    if (part === undefined) throw new Error(`there is no store ${name}`);
    words.set(part.words.subarray(0, part.used()));
  }
}

/** What a snapshot would hold. */
export function contents(stores: readonly Store[]): Record<string, Int32Array> {
  return Object.fromEntries(stores.map((each) => [each.name, each.words.slice(0, each.used())]));
}
