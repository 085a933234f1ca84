/** The three kinds of clients: one reads books, one reads an account's events, one trades. */
import { DepthBook } from "../integration/depth-book.ts";
import type { SeededRandom } from "../integration/load-generator.ts";
import type { User } from "../integration/venue.ts";
import { Link, type LinkCounts, type Message } from "./link.ts";

const REPLAY_UNAVAILABLE = 41001;

export interface Counts extends LinkCounts {
  faults: string[];
  resumed: number;
  begunAnew: number;
  ordersSentAgain: number;
}

/** Builds the books of all symbols from depth messages. After a reconnect it resumes where it was. */
export class DepthLink extends Link {
  readonly books = new Map<string, DepthBook>();
  readonly #symbols: readonly string[];
  readonly #told: Counts;
  /** Symbols of this connection whose subscription or resume is not answered yet. */
  #asked = new Set<string>();

  constructor(url: string, symbols: readonly string[], counts: Counts) {
    super(`${url}/market-data`, counts);
    this.#symbols = symbols;
    this.#told = counts;
  }

  protected onOpen(): void {
    this.#asked = new Set(this.#symbols);
    this.send("heartbeat", "subscribe", { channels: ["heartbeat"] });
    for (const symbol of this.#symbols) {
      const book = this.books.get(symbol);
      if (book === undefined) this.#begin(symbol);
      else this.send(`resume ${symbol}`, "depth.resume", { symbol, from_seq: book.lastSeq + 1 });
    }
  }

  protected onMessage({ id, error, stream, data = {} }: Message): void {
    if (stream === "depth") return this.#onDepth(data);
    const [what, symbol = ""] = String(id).split(" ");
    if (what !== "resume" && what !== "begin") return;
    if (error === undefined) {
      if (what === "resume") this.#told.resumed++;
      this.#asked.delete(symbol);
      if (this.#asked.size === 0) this.ready();
    } else if (what === "resume" && error.code === REPLAY_UNAVAILABLE) {
      this.#told.begunAnew++;
      this.#begin(symbol);
    } else if (what === "resume" && error.code === 40001) {
      // The server publishes only durable changes, so it must know them even after it was killed.
      this.#told.faults.push(
        `${symbol}: a change that was told is unknown: ${JSON.stringify(error)}`,
      );
    } else {
      this.drop();
    }
  }

  #begin(symbol: string): void {
    this.send(`begin ${symbol}`, "subscribe", { channels: ["depth"], symbols: [symbol] });
  }

  #onDepth(data: Record<string, unknown>): void {
    const symbol = String(data.symbol);
    let book = this.books.get(symbol);
    if (book === undefined) {
      book = new DepthBook(symbol);
      this.books.set(symbol, book);
    }
    const known = book.faults.length;
    book.apply(data);
    this.#told.faults.push(...book.faults.slice(known));
    // Only the newest book matters here, and the history would grow large.
    book.history.clear();
  }
}

/** Receives every event of an account exactly once. */
export class AccountLink extends Link {
  readonly events: string[] = [];
  firstSeq = 0;
  #last = 0;
  #isResuming = false;
  readonly #key: User;
  readonly #told: Counts;

  constructor(url: string, key: User, counts: Counts) {
    super(`${url}/user-data`, counts);
    this.#key = key;
    this.#told = counts;
  }

  /** The sequence number of the last event received. */
  get last(): number {
    return this.#last;
  }

  protected onOpen(): void {
    // Events that come before the answer to `user_data.resume` are sent again after it.
    this.#isResuming = this.firstSeq !== 0;
    this.login(this.#key);
    if (this.#isResuming) this.send("resume", "user_data.resume", { from_seq: this.#last + 1 });
  }

  protected onMessage(message: Message, text: string): void {
    const { id, error, stream, data } = message;
    if (error !== undefined && (this.isLogin(message) || id === "resume")) {
      if (id === "resume") this.#told.faults.push(`${this.#key.account_id}: ${text}`);
      return this.drop();
    }
    if (id === "resume") {
      this.#isResuming = false;
      this.#told.resumed++;
      this.ready();
    }
    if (stream === "user_data" && data !== undefined && !this.#isResuming) this.#onEvent(data);
  }

  #onEvent(data: Record<string, unknown>): void {
    const seq = Number(data.seq);
    if (data.event === "snapshot") {
      if (this.firstSeq !== 0) return;
      this.firstSeq = seq + 1;
      this.#last = seq;
      return this.ready();
    }
    if (seq !== this.#last + 1) {
      this.#told.faults.push(`${this.#key.account_id}: event ${this.#last} is followed by ${seq}`);
    }
    this.#last = seq;
    this.events.push(JSON.stringify(data));
  }
}

/**
 * Places one order after another. If an answer is lost, it sends the order again with the same client order
 * id.
 */
export class TraderLink extends Link {
  /** The order id of each accepted order, by client order id. */
  readonly orders: Record<string, string> = {};
  readonly #key: User;
  readonly #symbols: readonly string[];
  readonly #random: SeededRandom;
  readonly #told: Counts;
  #order: Record<string, unknown> | null = null;
  #next = 1;
  #isStopping = false;

  constructor(
    url: string,
    key: User,
    symbols: readonly string[],
    random: SeededRandom,
    counts: Counts,
  ) {
    super(`${url}/orders`, counts);
    this.#key = key;
    this.#symbols = symbols;
    this.#random = random;
    this.#told = counts;
  }

  /** Places no new orders. The order that is in flight is still answered. */
  stop(): void {
    this.#isStopping = true;
  }

  get isDone(): boolean {
    return this.#isStopping && this.#order === null;
  }

  protected onOpen(): void {
    this.login(this.#key);
  }

  protected onMessage(message: Message): void {
    const { id, result, error } = message;
    if (this.isLogin(message)) {
      if (error !== undefined) return this.drop();
      this.ready();
      if (this.#order === null) return this.#place();
      this.#told.ordersSentAgain++;
      return this.#send();
    }
    if (this.#order === null || id !== this.#order.client_order_id) return;
    if (error !== undefined && error.code >= 50_000) {
      // The server does not know what became of the order: ask again.
      setTimeout(() => this.#send(), 100);
      return;
    }
    if (result !== undefined) this.#onPlaced(String(id), String(result.order_id));
    this.#order = null;
    setTimeout(() => this.#place(), 20);
  }

  #onPlaced(id: string, order: string): void {
    const before = this.orders[id];
    if (before !== undefined && before !== order) {
      this.#told.faults.push(`${id} was placed as ${before} and as ${order}`);
    }
    this.orders[id] = order;
  }

  #place(): void {
    if (this.#isStopping || this.#order !== null || !this.isReady) return;
    const random = this.#random;
    this.#order = {
      client_order_id: `${this.#key.account_id}-${this.#next++}`,
      symbol: this.#symbols[random.below(this.#symbols.length)],
      side: random.below(2) === 0 ? "BUY" : "SELL",
      type: "LIMIT",
      time_in_force: random.below(4) === 0 ? "IOC" : "GTC",
      price: 990 + random.below(21),
      quantity: 1 + random.below(20),
    };
    this.#send();
  }

  #send(): void {
    if (this.#order !== null)
      this.send(String(this.#order.client_order_id), "order.place", this.#order);
  }
}
