/** The index of a book's pages against a sorted list. */
import { expect, test } from "bun:test";
import { createPageIndex } from "../../src/core/whistle/page-index.ts";
import { Random } from "./fuzz/random.ts";

const KEY_MAX = 2 ** 23 - 1;
const BOOKS = 4;

/** The first key that is not better, 0 = none, as a naive search finds it. */
function firstNotBetter(keys: number[], book: number, key: number): number | undefined {
  const isBid = book % 2 === 0;
  const candidates = keys.filter((each) => (isBid ? each <= key : each >= key));
  if (candidates.length === 0) return undefined;
  return isBid ? Math.max(...candidates) : Math.min(...candidates);
}

test("the index finds the same pages as a sorted list, after any insertions and removals", () => {
  const random = new Random(1);
  const index = createPageIndex(BOOKS, 300);
  for (let round = 0; round < 30; round++) {
    const pages = Array.from({ length: BOOKS }, () => new Map<number, number>());
    const center = random.pick([0, 40, 5_000, KEY_MAX - 33, KEY_MAX]);
    const width = random.pick([3, 40, 2_000, KEY_MAX]);
    const aKey = (): number =>
      Math.min(KEY_MAX, Math.max(0, center + random.between(-width, width)));
    for (let i = 0; i < 2_000; i++) {
      const book = random.between(0, BOOKS - 1);
      const own = pages[book] ?? new Map<number, number>();
      const key = random.once(2) ? aKey() : (random.pick([...own.keys(), aKey()]) ?? 0);
      if (own.has(key)) {
        if (random.once(2)) {
          index.remove(book, key);
          own.delete(key);
        }
      } else if (own.size < 70) {
        own.set(key, i + 1);
        index.add(book, key, i + 1);
      }
      const sought = random.once(3) ? aKey() : key;
      const expected = firstNotBetter([...own.keys()], book, sought);
      expect(index.at(book, sought)).toBe(expected === undefined ? 0 : (own.get(expected) ?? 0));
    }
    // One by one, so that nodes are used again, or all at once.
    if (random.once(2)) {
      index.reset();
      continue;
    }
    for (const [book, own] of pages.entries()) {
      for (const key of own.keys()) index.remove(book, key);
    }
  }
});
