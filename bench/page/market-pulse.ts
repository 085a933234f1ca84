/** Two traders who trade shares of every player every second, at a price that moves. */
import { createTradingClient, type OrderPlaceParams, type TradingClient } from "@waiver/client";
import { createLoadUser, loadSymbols } from "../load/exchange-admin.ts";
import type { ServerProcess } from "../load/server-process.ts";

/** As many players as an exchange without a network lists. */
const SYMBOLS = 512;
const BATCH = 64;
const EVERY_MS = 1000;
const PRICE = 5000;

export class MarketPulse implements AsyncDisposable {
  /** Trades so far. */
  trades = 0;
  readonly #symbols: readonly string[];
  readonly #buyer: TradingClient;
  readonly #seller: TradingClient;
  #isOver = false;
  #running: Promise<void>;

  private constructor(symbols: readonly string[], buyer: TradingClient, seller: TradingClient) {
    this.#symbols = symbols;
    this.#buyer = buyer;
    this.#seller = seller;
    this.#running = this.#run();
  }

  static async start(server: ServerProcess): Promise<MarketPulse> {
    const symbols = await loadSymbols(server.port, SYMBOLS);
    const clientOf = async (name: string): Promise<TradingClient> => {
      const { api_key: apiKey, api_secret: apiSecret } = await createLoadUser(
        server,
        name,
        symbols,
      );
      const url = `ws://127.0.0.1:${server.port}`;
      return createTradingClient({ url, auth: { apiKey, apiSecret } });
    };
    return new MarketPulse(symbols, await clientOf("buyer"), await clientOf("seller"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#running;
    this.#buyer.close();
    this.#seller.close();
  }

  async #run(): Promise<void> {
    for (let beat = 0; !this.#isOver; beat++) {
      const begun = performance.now();
      for (let i = 0; i < this.#symbols.length && !this.#isOver; i += BATCH) {
        await this.#trade(this.#symbols.slice(i, i + BATCH), beat);
        // The trades are spread over the second, like those of many users.
        const due = begun + (EVERY_MS * (i + BATCH)) / this.#symbols.length;
        await Bun.sleep(Math.max(0, due - performance.now()));
      }
    }
  }

  async #trade(symbols: readonly string[], beat: number): Promise<void> {
    const orders = (side: "BUY" | "SELL"): OrderPlaceParams[] =>
      symbols.map((symbol, i) => ({
        ...{ symbol, side, type: "LIMIT", quantity: 1 + (i % 7) },
        price: PRICE + ((beat * 7 + i * 13) % 400),
      }));
    await this.#seller.batch({ orders: orders("SELL") });
    const { results } = await this.#buyer.batch({ orders: orders("BUY") });
    this.trades += results.filter((each) => "result" in each).length;
  }
}
