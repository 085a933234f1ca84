/** Places bids at the best price, and records how each of them ended. */
import type { TradingClient } from "@waiver/client";

const QUANTITY = 2;
/** A bid that was at the best price for this long without a fill counts as "waited". */
const PATIENCE_MS = 60_000;
/** A bid is open for this long at most. */
const OPEN_MAX_MS = 2 * PATIENCE_MS;

/**
 * How a bid ended. `waited`: it was at the best price for a minute and not filled. `outbid`: it was there for less than
 * one of two minutes, and not filled.
 */
export type BidEnd = "filled" | "outbid" | "waited";

export interface RestingBid {
  readonly symbol: string;
  readonly end: BidEnd;
  /** How long it was at the best price. */
  readonly ms: number;
}

export class RestingBids {
  readonly done: RestingBid[] = [];
  readonly #client: TradingClient;
  readonly #best = new Map<string, number | null>();
  readonly #open = new Map<string, TimeAtBest>();
  readonly #filled = new Map<string, () => void>();

  constructor(client: TradingClient) {
    this.#client = client;
    client.userEvents().on((event) => {
      if (event.event === "order" && event.status === "FILLED")
        this.#filled.get(event.order_id)?.();
    });
  }

  /** Takes the best bid of a symbol in cents, or null if it has none. */
  hear(symbol: string, bestBid: number | null): void {
    this.#best.set(symbol, bestBid);
    this.#open.get(symbol)?.hear(bestBid);
  }

  /** Places a bid and waits until it has ended. A symbol has one bid at a time. Rejects if the order is refused. */
  async bid(symbol: string): Promise<void> {
    const price = this.#best.get(symbol) ?? null;
    if (price === null) return;
    const order = await this.#client.place({
      ...{ symbol, side: "BUY", type: "LIMIT", price, quantity: QUANTITY },
    });
    using time = new TimeAtBest(price, this.#best.get(symbol) ?? null);
    this.#open.set(symbol, time);
    const end = order.status === "FILLED" ? "filled" : await this.#end(order.order_id, time);
    this.#open.delete(symbol);
    this.done.push({ symbol, end, ms: time.ms });
    if (end === "filled") return;
    // The cancel fails if the bid was filled meanwhile.
    await this.#client.cancel({ order_id: order.order_id }).catch(() => undefined);
  }

  async #end(id: string, time: TimeAtBest): Promise<BidEnd> {
    const { promise: filled, resolve } = Promise.withResolvers<"filled">();
    this.#filled.set(id, () => resolve("filled"));
    const { status } = await this.#client.orderStatus({ order_id: id });
    if (status === "FILLED") resolve("filled");
    const { promise: outbid, resolve: giveUp } = Promise.withResolvers<"outbid">();
    const timer = setTimeout(() => giveUp("outbid"), OPEN_MAX_MS);
    const end = await Promise.race([filled, time.over, outbid]);
    clearTimeout(timer);
    this.#filled.delete(id);
    return end;
  }
}

/** How long a price has been the best price, in total. */
class TimeAtBest {
  /** Resolves when the total reaches `PATIENCE_MS`. */
  readonly over: Promise<"waited">;
  readonly #price: number;
  readonly #resolve: (end: "waited") => void;
  #before = 0;
  #since: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(price: number, best: number | null) {
    const { promise, resolve } = Promise.withResolvers<"waited">();
    this.over = promise;
    this.#resolve = resolve;
    this.#price = price;
    this.hear(best);
  }

  get ms(): number {
    return this.#before + (this.#since === null ? 0 : performance.now() - this.#since);
  }

  hear(best: number | null): void {
    const isBest = best === this.#price;
    if (isBest === (this.#since !== null)) return;
    this.#before = this.ms;
    clearTimeout(this.#timer);
    this.#since = isBest ? performance.now() : null;
    if (!isBest) return;
    this.#timer = setTimeout(() => this.#resolve("waited"), PATIENCE_MS - this.#before);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.hear(null);
  }
}
