/** The best levels of a player's book, at most one change a frame. */
import { signal } from "@preact/signals";
import { type Level, marketLine } from "../lib/exchange.ts";
import { onNextFrame } from "../lib/frames.ts";

export const LEVELS = 20;

interface Book {
  readonly symbol: string;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

export class BookStore {
  /** Best first. Null until the first book is there. */
  readonly book = signal<Book | null>(null);
  readonly #stop: (() => void)[];

  constructor(symbol: string) {
    let latest: Book | null = null;
    const show = (): void => {
      this.book.value = latest;
    };
    this.#stop = [
      marketLine.on("market_data", (book: Book) => {
        if (book.symbol !== symbol) return;
        latest = book;
        onNextFrame(show);
      }),
      marketLine.subscribe({ channels: ["book"], symbols: [symbol] }),
    ];
  }

  close(): void {
    for (const stop of this.#stop) stop();
  }
}
