/** Price levels that matching has left behind, to be told of after its trades. */
import type { Emit } from "../emit.ts";
import { PAGE_LEVELS, PAGES_PER_BOOK_LIMIT } from "./ladder.ts";

/** All levels that both sides of a book can have. */
const LEVELS_MAX = 2 * PAGES_PER_BOOK_LIMIT * PAGE_LEVELS;

export function createSweptLevels(emit: Emit) {
  const books = new Int32Array(LEVELS_MAX);
  const prices = new Int32Array(LEVELS_MAX);
  const head = new Int32Array(1);

  return {
    add(book: number, price: number): void {
      books[head[0]] = book;
      prices[head[0]++] = price;
    },
    /** Tells of each that nothing waits there any more, and forgets them. */
    tell(): void {
      for (let i = 0; i < head[0]; i++) emit.level(books[i], prices[i], 0);
      head[0] = 0;
    },
  };
}
