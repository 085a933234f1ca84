/** Bids of a person at the best price, and what became of each within a minute. */
import type { TradingClient } from "@waiver/client";

const QUANTITY = 2;
const PATIENCE_MS = 60_000;

/** `outbid`: not filled, and at the end of its minute no longer at the best price. */
export type BidEnd = "filled" | "outbid" | "waited";

export interface RestingBid {
  readonly symbol: string;
  readonly end: BidEnd;
  readonly ms: number;
}

export class RestingBids {
  readonly done: RestingBid[] = [];
  readonly #client: TradingClient;
  readonly #bestBid: (symbol: string) => number | null;
  readonly #filled = new Map<string, () => void>();

  /** `bestBid`: cents; null without one. */
  constructor(client: TradingClient, bestBid: (symbol: string) => number | null) {
    this.#client = client;
    this.#bestBid = bestBid;
    client.userEvents().on((event) => {
      if (event.event === "order" && event.status === "FILLED")
        this.#filled.get(event.order_id)?.();
    });
  }

  /** One bid, until it is filled or its minute is over. Rejects when it is refused. */
  async bid(symbol: string): Promise<void> {
    const price = this.#bestBid(symbol);
    if (price === null) return;
    const begun = performance.now();
    const order = await this.#client.place({
      ...{ symbol, side: "BUY", type: "LIMIT", price, quantity: QUANTITY },
    });
    const isFilled = order.status === "FILLED" || (await this.#isFilled(order.order_id));
    const end = isFilled ? "filled" : this.#bestBid(symbol) === price ? "waited" : "outbid";
    this.done.push({ symbol, end, ms: performance.now() - begun });
    // It may be filled just now.
    if (!isFilled) await this.#client.cancel({ order_id: order.order_id }).catch(() => undefined);
  }

  async #isFilled(id: string): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#filled.set(id, () => resolve(true));
    const timer = setTimeout(() => resolve(false), PATIENCE_MS);
    const { status } = await this.#client.orderStatus({ order_id: id });
    if (status === "FILLED") resolve(true);
    const isFilled = await promise;
    clearTimeout(timer);
    this.#filled.delete(id);
    return isFilled;
  }
}
