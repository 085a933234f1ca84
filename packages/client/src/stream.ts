/**
 * Pushed items, read one by one:
 *
 *     for await (const trade of client.stream("trades", { symbols: ["SYMBOL_1"] })) …
 *
 * or by callback, `stream.on(handler)`. A stream has one reader: two loops over the same stream share its items.
 * Leaving the loop closes the stream.
 */
import { createDeferred, type Deferred } from "./deferred.ts";
import { SlowConsumerError } from "./errors.ts";
import { callAll } from "./handlers.ts";

/**
 * What a slow reader gets. "latest": a newer item replaces an unread one of the same symbol, so the reader skips items
 * but is never late. "fail": no item is skipped; when the buffer is full, the reader gets what is in it, and then the
 * stream ends with `SlowConsumerError`.
 */
export type OnFull = "latest" | "fail";

export interface StreamSettings<T> {
  readonly onFull: OnFull;
  /** Items that "fail" holds at most. */
  readonly buffer: number;
  /** The key of an item: "latest" keeps one item of each. */
  keyOf(item: T): string;
  /** Called when the stream has ended, whoever ended it. */
  onClose(): void;
}

interface Backlog<T> {
  /** Adds an item; false when there is no room. */
  put(item: T): boolean;
  take(): { readonly item: T } | undefined;
}

export class Stream<T> implements AsyncIterable<T> {
  /** Resolves when the stream has ended: with the error, or with undefined when it was closed. */
  readonly closed: Promise<Error | undefined>;
  readonly #settings: StreamSettings<T>;
  readonly #backlog: Backlog<T>;
  readonly #closed = createDeferred<Error | undefined>();
  readonly #handlers = new Set<(item: T) => void>();
  readonly #readers: Deferred<IteratorResult<T, undefined>>[] = [];
  #isOver = false;
  #error: Error | undefined;

  constructor(settings: StreamSettings<T>) {
    this.closed = this.#closed.promise;
    this.#settings = settings;
    this.#backlog =
      settings.onFull === "latest"
        ? new LatestBacklog((item) => settings.keyOf(item))
        : new QueueBacklog(settings.buffer);
  }

  /** Adds an item; for the code that makes the stream. */
  push(item: T): void {
    if (this.#isOver) return;
    if (this.#handlers.size > 0) {
      callAll(this.#handlers, item);
      return;
    }
    const reader = this.#readers.shift();
    if (reader !== undefined) reader.resolve({ done: false, value: item });
    else if (!this.#backlog.put(item)) {
      this.fail(new SlowConsumerError(`More than ${this.#settings.buffer} items were not read`));
    }
  }

  /** Ends the stream with an error, which its reader gets after the items in the buffer. */
  fail(error: Error): void {
    this.#end(error);
  }

  /** Ends the stream; what is in the buffer can still be read. */
  close(): void {
    this.#end(undefined);
  }

  /**
   * Calls `handler` with every item at once, without a buffer; first with the items that wait already. The
   * function that it returns removes the handler. With the last handler the stream is closed.
   */
  on(handler: (item: T) => void): () => void {
    this.#handlers.add(handler);
    for (let held = this.#backlog.take(); held !== undefined; held = this.#backlog.take()) {
      handler(held.item);
    }
    return () => {
      this.#handlers.delete(handler);
      if (this.#handlers.size === 0) this.close();
    };
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return {
      next: () => this.#next(),
      return: async () => {
        this.close();
        return { done: true, value: undefined };
      },
    };
  }

  async #next(): Promise<IteratorResult<T, undefined>> {
    const held = this.#backlog.take();
    if (held !== undefined) return { done: false, value: held.item };
    if (!this.#isOver) {
      const reader = createDeferred<IteratorResult<T, undefined>>();
      this.#readers.push(reader);
      return await reader.promise;
    }
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined) throw error;
    return { done: true, value: undefined };
  }

  #end(error: Error | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
    for (const reader of this.#readers.splice(0)) {
      if (this.#error === undefined) reader.resolve({ done: true, value: undefined });
      else reader.reject(this.#error);
      this.#error = undefined;
    }
    this.#settings.onClose();
    this.#closed.resolve(error);
  }
}

/** A stream of the pushes of a channel. */
export class TopicStream<T> extends Stream<T> {
  readonly #handlers = new Set<() => void>();
  #hasBegun = false;

  /** Told when the exchange pushes everything from here on; for the code that makes the stream. */
  begin(): void {
    this.#hasBegun = true;
    callAll(this.#handlers);
  }

  /**
   * Calls `handler` each time that the exchange begins to push, until the returned function is called: at the
   * start (at once if it has begun already), after a lost line, and after a subscription that was refused for
   * its rate. Items from before may be missing. A program that asks for them in `handler`, and merges by id,
   * misses nothing.
   */
  onBegin(handler: () => void): () => void {
    this.#handlers.add(handler);
    if (this.#hasBegun) handler();
    return () => this.#handlers.delete(handler);
  }
}

/** First in, first out. It takes memory only for the items that wait. */
class QueueBacklog<T> implements Backlog<T> {
  readonly #max: number;
  #items: T[] = [];
  #taken = 0;

  constructor(max: number) {
    this.#max = max;
  }

  put(item: T): boolean {
    if (this.#items.length - this.#taken >= this.#max) return false;
    this.#items.push(item);
    return true;
  }

  take(): { readonly item: T } | undefined {
    if (this.#taken === this.#items.length) return undefined;
    const item = this.#items[this.#taken] as T;
    this.#taken += 1;
    if (2 * this.#taken >= this.#items.length) {
      this.#items = this.#items.slice(this.#taken);
      this.#taken = 0;
    }
    return { item };
  }
}

/** The newest item of each key, in the order in which the keys began to wait. */
class LatestBacklog<T> implements Backlog<T> {
  readonly #keyOf: (item: T) => string;
  readonly #items = new Map<string, T>();

  constructor(keyOf: (item: T) => string) {
    this.#keyOf = keyOf;
  }

  put(item: T): boolean {
    this.#items.set(this.#keyOf(item), item);
    return true;
  }

  take(): { readonly item: T } | undefined {
    for (const [key, item] of this.#items) {
      this.#items.delete(key);
      return { item };
    }
    return undefined;
  }
}
