/**
 * A symbol's book, kept up to date. Every checksum is checked. When one does not fit, or changes are missing
 * that the exchange cannot send again, the whole book is asked for. `isLive` is false meanwhile, and while the
 * line is lost.
 */
import { createDeferred } from "./deferred.ts";
import { ConnectionError } from "./errors.ts";
import { callAll } from "./handlers.ts";
import { type Level, LocalBook } from "./local-book.ts";
import type { MarketFeed } from "./market-feed.ts";
import { Stream } from "./stream.ts";

const RETRY_MS = 1_000;

export class LiveOrderBook {
  /**
   * Resolves when the whole book is there. Rejects when the exchange refuses it, or it is closed before that.
   */
  readonly ready: Promise<void>;
  readonly #ready = createDeferred<void>();
  readonly #book = new LocalBook();
  readonly #handlers = new Set<() => void>();
  readonly #streams = new Set<Stream<this>>();
  readonly #end: () => void;
  readonly #onClose: () => void;
  #asking: ReturnType<typeof setTimeout> | undefined;
  #isWhole = false;
  #isSequenceLive = false;

  /** Made by `orderBook` of a client. */
  constructor(
    feed: MarketFeed,
    readonly symbol: string,
    onClose: () => void,
  ) {
    this.ready = this.#ready.promise;
    this.ready.catch(() => undefined);
    this.#onClose = onClose;
    this.#end = feed.listen("depth", {
      symbols: new Set([symbol]),
      push: (data) => {
        if (data.snapshot !== true && !this.#isWhole) return;
        const wasLive = this.isLive;
        this.#isWhole = this.#book.apply(data);
        clearTimeout(this.#asking);
        if (!this.#isWhole) {
          this.#askAnew(feed, data.snapshot === true);
          if (wasLive) this.#tell();
          return;
        }
        this.#ready.resolve();
        this.#tell();
      },
      fail: (error) => {
        this.#ready.reject(error);
        this.close();
      },
      onLive: (_, isLive) => {
        const wasLive = this.isLive;
        this.#isSequenceLive = isLive;
        if (this.isLive !== wasLive) this.#tell();
      },
    });
  }

  /** `[price, quantity]`, best first: cents and shares. A change makes a new list. */
  get bids(): readonly Level[] {
    return this.#book.bids;
  }

  get asks(): readonly Level[] {
    return this.#book.asks;
  }

  /** Number of the last change in the book. */
  get seq(): number {
    return this.#book.seq;
  }

  /** Whether this is the present book, as far as the exchange has told it. */
  get isLive(): boolean {
    return this.#isWhole && this.#isSequenceLive;
  }

  /** Calls `handler` after every change, also of `isLive`, until the function that it returns is called. */
  onChange(handler: () => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  /** A stream of the present book and of the book after each change. A slow reader skips some. */
  changes(): Stream<this> {
    const stream = new Stream<this>({
      onFull: "latest",
      buffer: 1,
      keyOf: () => "",
      onClose: () => {
        this.#streams.delete(stream);
        end();
      },
    });
    const end = this.onChange(() => stream.push(this));
    this.#streams.add(stream);
    if (this.isLive) stream.push(this);
    return stream;
  }

  /** Ends the book for good. */
  close(): void {
    clearTimeout(this.#asking);
    this.#ready.reject(new ConnectionError("The book is closed"));
    this.#end();
    this.#isSequenceLive = false;
    this.#handlers.clear();
    for (const stream of [...this.#streams]) stream.close();
    this.#onClose();
  }

  /**
   * Asks for the whole book. After a whole book with a wrong checksum it waits, because the next one may be
   * wrong too, and would be asked for without a pause.
   */
  #askAnew(feed: MarketFeed, wasWhole: boolean): void {
    if (wasWhole) this.#asking = setTimeout(() => feed.askBook(this.symbol), RETRY_MS);
    else feed.askBook(this.symbol);
  }

  #tell(): void {
    callAll(this.#handlers);
  }
}
