/** One market maker: an account with its connections, and the quotes that it has in the books. */
import { ExchangeError, type TradingClient } from "@waiver/client";
import { ErrorCode } from "../protocol/errors.ts";
import type { PushData, Result } from "../protocol/schemas.ts";
import type { OpenQuote, Quote, QuoteAction } from "./quotes.ts";
import { Rests } from "./rests.ts";

type OrderState = Result<"order.place">;

/** Called when a quote, or a part of it, has traded. */
export type FillHandler = (symbol: string, fill: Quote) => void;

export class Maker {
  readonly rests = new Rests();
  onFill: FillHandler = () => undefined;
  readonly #client: TradingClient;
  readonly #quotesBySymbol = new Map<string, Map<string, OpenQuote>>();
  #missedEvents = true;

  constructor(client: TradingClient) {
    this.#client = client;
    client.userEvents().on((event) => {
      if (event.event === "order") this.#onOrder(event);
    });
    client.onState(({ state }) => {
      if (state === "live") this.#missedEvents = true;
    });
  }

  /** Whether it may not know all of its own quotes: at the start, and after a lost connection. */
  get isBehind(): boolean {
    return this.#missedEvents;
  }

  /** Reads the open orders anew. Throws what `TradingClient.request` throws; the maker is then still behind. */
  async catchUp(): Promise<void> {
    this.#missedEvents = false;
    try {
      const open: OrderState[] = [];
      for (let before: number | undefined; ; ) {
        const page = await this.#client.openOrders(before === undefined ? {} : { before });
        open.push(...page.orders);
        if (page.next === undefined) break;
        before = page.next;
      }
      this.#quotesBySymbol.clear();
      for (const order of open) this.#keep(order);
    } catch (error) {
      this.#missedEvents = true;
      throw error;
    }
  }

  /** The symbols with open quotes. */
  symbols(): string[] {
    return [...this.#quotesBySymbol.keys()];
  }

  quotes(symbol: string): OpenQuote[] {
    return [...(this.#quotesBySymbol.get(symbol)?.values() ?? [])];
  }

  /** Carries out one action; throws what `TradingClient.request` throws. */
  async perform(symbol: string, action: QuoteAction): Promise<void> {
    try {
      this.#keep(await this.#send(symbol, action));
    } catch (error) {
      const gone = error instanceof ExchangeError && error.code === ErrorCode.UNKNOWN_ORDER;
      if (gone && action.kind !== "place") this.#drop(symbol, action.order.orderId);
      throw error;
    }
  }

  /** Trades at once as many shares as it can at this price or better; returns how many. */
  async take(symbol: string, { side, price, quantity }: Quote): Promise<number> {
    const terms = { type: "LIMIT", time_in_force: "IOC", price, quantity } as const;
    const { filled_quantity } = await this.#client.place({ symbol, side, ...terms });
    return filled_quantity;
  }

  #send(symbol: string, action: QuoteAction): Promise<OrderState> {
    switch (action.kind) {
      case "place": {
        const { side, price, quantity } = action.quote;
        const terms = { type: "LIMIT", price, quantity, post_only: true } as const;
        return this.#client.place({ symbol, side, ...terms });
      }
      case "amend":
        return this.#client.amend({ order_id: action.order.orderId, price: action.price });
      case "cancel":
        return this.#client.cancel({ order_id: action.order.orderId });
    }
  }

  #onOrder(order: PushData<"order">): void {
    const isKnown = this.#quotesBySymbol.get(order.symbol)?.has(order.order_id) ?? false;
    // A new order is noted when the answer to its request comes, which keeps the order of the requests.
    if (isKnown) this.#keep(order);
    const { last_fill: fill } = order;
    if (fill?.liquidity === "MAKER") {
      this.onFill(order.symbol, { side: order.side, price: fill.price, quantity: fill.quantity });
    }
  }

  /** Notes the order's quote, or forgets it when the order is done. */
  #keep(order: OrderState | PushData<"order">): void {
    const { order_id: orderId, symbol, side, price, quantity, filled_quantity: filled } = order;
    const isOpen = order.status === "ACCEPTED" || order.status === "PARTIALLY_FILLED";
    if (!isOpen || price === undefined) {
      this.#drop(symbol, orderId);
      return;
    }
    const quotes = this.#quotesBySymbol.get(symbol) ?? new Map<string, OpenQuote>();
    this.#quotesBySymbol.set(symbol, quotes);
    quotes.set(orderId, { orderId, side, price, quantity: quantity - filled });
  }

  #drop(symbol: string, orderId: string): void {
    const quotes = this.#quotesBySymbol.get(symbol);
    quotes?.delete(orderId);
    if (quotes?.size === 0) this.#quotesBySymbol.delete(symbol);
  }
}
