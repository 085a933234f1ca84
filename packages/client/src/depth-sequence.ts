/** Hands on the messages of `depth` in order, each change once and none left out, across connections. */
import type { DepthPush } from "./messages.ts";

export interface DepthSequenceOwner {
  /** Gets a message that follows the last one, or a whole book. */
  deliver(data: DepthPush): void;
  /** Told whether the delivered messages of a symbol give its present book. */
  onLive(symbol: string, isLive: boolean): void;
  /** Called when changes are missing. */
  onGap(): void;
}

interface Book {
  /** Number of the last change that was delivered. */
  seq: number;
  isLive: boolean;
  /** The book is live when this change has been delivered. */
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
    // The whole book, which comes later, includes this change; or the change came before.
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

  /** Symbols of books whose changes are missing, since the connection was lost or because of a gap. */
  interrupted(): string[] {
    const waiting = [...this.#books].filter(
      ([, { liveAt }]) => liveAt === Number.POSITIVE_INFINITY,
    );
    return waiting.map(([symbol]) => symbol);
  }

  /** Number of the first change that is missing. */
  nextOf(symbol: string): number {
    return (this.#books.get(symbol)?.seq ?? 0) + 1;
  }

  /** Called when the exchange sends the missing changes up to `last`, and later ones after them. */
  onResumed(symbol: string, last: number): void {
    const book = this.#books.get(symbol);
    if (book === undefined || book.isLive) return;
    book.liveAt = last;
    if (book.seq >= last) this.#setLive(symbol, book, true);
  }

  /** Called when the connection is gone. */
  lose(): void {
    for (const [symbol, book] of this.#books) this.#interrupt(symbol, book);
  }

  /** Forgets the books that nobody wants. */
  forgetUnless(isWanted: (symbol: string) => boolean): void {
    for (const symbol of [...this.#books.keys()]) if (!isWanted(symbol)) this.forget(symbol);
  }

  /** Ignores the symbol's changes until its whole book comes. */
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
