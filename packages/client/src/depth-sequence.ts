/** Keeps the messages of `depth` in their order: each change once, none left out, across connections. */
import type { DepthPush } from "./messages.ts";

export interface DepthSequenceOwner {
  /** A message that follows the last one, or a whole book. */
  deliver(data: DepthPush): void;
  /** Whether what was delivered of the symbol is how its book stands. */
  onLive(symbol: string, isLive: boolean): void;
  /** Changes are missing. */
  onGap(): void;
}

interface Book {
  /** The last change that was delivered. */
  seq: number;
  isLive: boolean;
  /** It is live when this change has been delivered. */
  liveAt: number;
}

export class DepthSequence {
  readonly #owner: DepthSequenceOwner;
  readonly #books = new Map<string, Book>();

  constructor(owner: DepthSequenceOwner) {
    this.#owner = owner;
  }

  onPush(data: DepthPush): void {
    const { symbol, snapshot, first_seq: first, last_seq: last } = data;
    const book = this.#books.get(symbol);
    if (snapshot === true) {
      this.#books.set(symbol, { seq: last, isLive: true, liveAt: 0 });
      this.#owner.deliver(data);
      this.#owner.onLive(symbol, true);
      return;
    }
    // What comes before the whole book is in it, and what comes twice is known.
    if (book === undefined || last <= book.seq) return;
    if (first > book.seq + 1) {
      if (book.isLive) this.#interrupt(symbol, book);
      this.#owner.onGap();
      return;
    }
    book.seq = last;
    this.#owner.deliver(data);
    if (!book.isLive && last >= book.liveAt) this.#setLive(symbol, book, true);
  }

  /** Books that were told and are not any more, or not whole. */
  interrupted(): string[] {
    const waiting = [...this.#books].filter(
      ([, { liveAt }]) => liveAt === Number.POSITIVE_INFINITY,
    );
    return waiting.map(([symbol]) => symbol);
  }

  /** The first change that is missing. */
  nextOf(symbol: string): number {
    return (this.#books.get(symbol)?.seq ?? 0) + 1;
  }

  /** The changes up to `last` are on their way, and later ones behind them. */
  onResumed(symbol: string, last: number): void {
    const book = this.#books.get(symbol);
    if (book === undefined || book.isLive) return;
    book.liveAt = last;
    if (book.seq >= last) this.#setLive(symbol, book, true);
  }

  /** The connection is gone. */
  lose(): void {
    for (const [symbol, book] of this.#books) this.#interrupt(symbol, book);
  }

  /** Forgets what nobody wants. */
  forgetUnless(isWanted: (symbol: string) => boolean): void {
    for (const symbol of [...this.#books.keys()]) if (!isWanted(symbol)) this.forget(symbol);
  }

  /** Nothing of the symbol counts until its whole book comes. */
  forget(symbol: string): void {
    const book = this.#books.get(symbol);
    this.#books.delete(symbol);
    if (book?.isLive === true) this.#owner.onLive(symbol, false);
  }

  #interrupt(symbol: string, book: Book): void {
    book.liveAt = Number.POSITIVE_INFINITY;
    if (book.isLive) this.#setLive(symbol, book, false);
  }

  #setLive(symbol: string, book: Book, isLive: boolean): void {
    book.isLive = isLive;
    this.#owner.onLive(symbol, isLive);
  }
}
