/** The price levels that an order has emptied, whose LEVEL events come after its trades. */
import { freshInts } from "../../lib/fresh-memory.ts";
import { ORDER_SLOT_COUNT } from "../command.ts";
import type { Emit } from "../emit.ts";

/** Each swept level had at least one order, so there are no more levels than orders. */
const LEVELS_MAX = ORDER_SLOT_COUNT;

export type SweptLevels = ReturnType<typeof createSweptLevels>;

export function createSweptLevels(emit: Emit) {
  const books = freshInts(LEVELS_MAX);
  const prices = freshInts(LEVELS_MAX);
  const head = new Int32Array(1);

  return {
    add(book: number, price: number): void {
      books[head[0]] = book;
      prices[head[0]++] = price;
    },
    /** Emits a LEVEL with a total of 0 for each, and forgets them. */
    tell(): void {
      for (let i = 0; i < head[0]; i++) emit.level(books[i], prices[i], 0);
      head[0] = 0;
    },
  };
}
