import type { SeededRandom } from "./load-generator.ts";
import type { User, Venue } from "./venue.ts";
import type { Encoding, Members, Response, WireClient } from "./wire-client.ts";

/** How many open orders are remembered. Older ones are forgotten and stay in the book. */
const KNOWN_MAX = 200;

const DONE = new Set(["FILLED", "CANCELLED", "EXPIRED"]);

/** A user who sends random orders of every kind, amendments and cancels as fast as he is answered. */
export class RandomOrders implements Disposable {
  /** How many requests were accepted, and the codes of those that were refused. */
  taken = 0;
  readonly refusals = new Set<number>();
  readonly #open: Members[] = [];

  private constructor(
    readonly user: User,
    readonly client: WireClient,
    private readonly symbols: readonly string[],
    private readonly random: SeededRandom,
  ) {}

  static async open(
    venue: Venue,
    symbols: readonly string[],
    encoding: Encoding,
    random: SeededRandom,
  ): Promise<RandomOrders> {
    const positions = Object.fromEntries(symbols.map((symbol) => [symbol, 1_000_000]));
    const user = await venue.user({ cash: 1_000_000_000, positions });
    const client = await venue.connect("/orders", encoding, user);
    return new RandomOrders(user, client, symbols, random);
  }

  /** Sends `count` requests, `inFlight` of them at a time; resolves when the last one was answered. */
  async run(count: number, inFlight: number): Promise<void> {
    let left = count;
    const chain = async (): Promise<void> => {
      while (left-- > 0) this.#onAnswer(await this.#next());
    };
    await Promise.all(Array.from({ length: inFlight }, chain));
  }

  /**
   * Sends `count` requests every `everyMs`, if the last ones were answered. That is hundreds a second, and
   * less than two processors can do. It goes on until the returned function is called, which resolves when
   * the last request was answered.
   */
  runAtPace(count: number, everyMs: number): () => Promise<void> {
    let last: Promise<void> | undefined;
    const timer = setInterval(() => {
      last ??= this.run(count, count).then(() => {
        last = undefined;
      });
    }, everyMs);
    return async () => {
      clearInterval(timer);
      await last;
    };
  }

  /** Sends requests until the connection ends, without waiting for the last answers. */
  runUntilClosed(inFlight: number): void {
    const chain = (): void => {
      if (!this.client.isOpen) return;
      const [method, params] = this.#request();
      this.client.notify(method, params, (response) => {
        this.#onAnswer(response);
        chain();
      });
    };
    for (let n = 0; n < inFlight; n++) chain();
  }

  [Symbol.dispose](): void {
    this.client[Symbol.dispose]();
  }

  #next(): Promise<Response> {
    return this.client.request(...this.#request());
  }

  #onAnswer({ result, error }: Response): void {
    if (error !== undefined) this.refusals.add(error.code);
    if (result === undefined) return;
    this.taken++;
    if (DONE.has(String(result.status))) return;
    this.#open.push(result);
    if (this.#open.length > KNOWN_MAX) this.#open.shift();
  }

  #request(): [string, Members] {
    const roll = this.random.below(10);
    if (roll < 6 || this.#open.length === 0) return ["order.place", this.#order()];
    const at = this.random.below(this.#open.length);
    const [order] = this.#open.splice(at, 1);
    const { order_id } = order ?? {};
    if (roll < 8) return ["order.cancel", { order_id }];
    return ["order.amend", { order_id, ...this.#amendment(order ?? {}) }];
  }

  #order(): Members {
    const { random } = this;
    const order = {
      symbol: this.symbols[random.below(this.symbols.length)],
      side: random.below(2) === 0 ? "BUY" : "SELL",
      quantity: 1 + random.below(20),
      self_trade_prevention: this.#oneOf(["NONE", "DECREMENT", "CANCEL_OLDEST", "CANCEL_BOTH"]),
    };
    const price = this.#price();
    const limit = { ...order, type: "LIMIT", price };
    switch (random.below(12)) {
      case 0:
        return { ...order, type: "MARKET" };
      case 1:
        return { ...limit, time_in_force: "IOC" };
      case 2:
        return { ...limit, time_in_force: "FOK" };
      case 3:
        return { ...limit, post_only: true };
      case 4:
        return { ...order, type: "STOP", stop_price: price };
      case 5:
        return { ...order, type: "STOP_LIMIT", stop_price: price, price: this.#price() };
      default:
        return limit;
    }
  }

  #amendment({ price, stop_price }: Members): Members {
    const { random } = this;
    const roll = random.below(3);
    if (roll === 0 && stop_price !== undefined) return { stop_price: this.#price() };
    if (roll === 1 && price !== undefined) return { price: this.#price() };
    return { quantity: 1 + random.below(20) };
  }

  /** Prices around 1000, most of them near it, so that the books are deep and orders trade. */
  #price(): number {
    return 970 + this.random.below(31) + this.random.below(31);
  }

  #oneOf<T>(values: readonly T[]): T | undefined {
    return values[this.random.below(values.length)];
  }
}
