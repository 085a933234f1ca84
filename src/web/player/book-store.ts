/** A player's book for the page. It changes at most once a frame. */

import { signal } from "@preact/signals";
import type { Level } from "@waiver/client";
import { market } from "../lib/exchange.ts";
import { onNextFrame } from "../lib/frames.ts";

export interface Book {
  /** `[price, quantity]`, best first. */
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  /** Whether this is the present book, as far as the exchange has told it. */
  readonly isLive: boolean;
}

export class BookStore {
  /** Null until the whole book is there. */
  readonly book = signal<Book | null>(null);
  readonly #close: () => void;

  constructor(symbol: string) {
    const live = market.orderBook(symbol);
    let isReady = false;
    const show = (): void => {
      if (isReady) this.book.value = { bids: live.bids, asks: live.asks, isLive: live.isLive };
    };
    const stop = live.onChange(() => onNextFrame(show));
    live.ready.then(
      () => {
        isReady = true;
        onNextFrame(show);
      },
      () => undefined,
    );
    this.#close = () => {
      stop();
      live.close();
    };
  }

  close(): void {
    this.#close();
  }
}
