/**
 * The exchange for programs, in browsers and in Bun: typed requests, pushes by stream, and a connection
 * that comes back by itself, logged in and subscribed as before.
 *
 *     const client = await ExchangeClient.connect({
 *       url: "ws://localhost:8080", endpoint: "orders", apiKey, apiSecret,
 *     });
 *     const order = await client.place({
 *       symbol: "SYMBOL_12", side: "BUY", type: "LIMIT", quantity: 10, price: 4_250,
 *     });
 *
 * Names, units and errors are those of the wire contract: prices in cents, quantities in shares.
 */
import type { MethodName, Params, Result } from "../protocol/schemas.ts";
import {
  type ConnectionState,
  type ConnectOptions,
  Session,
  type StateHandler,
} from "./session.ts";
import type { StreamHandler, StreamName } from "./streams.ts";
import { Subscriptions } from "./subscriptions.ts";

type Handler = (data: never) => void;

export class ExchangeClient {
  readonly #session: Session;
  readonly #subscriptions = new Subscriptions();
  readonly #handlers = new Map<string, Set<Handler>>();

  private constructor(options: ConnectOptions) {
    this.#session = new Session(options, {
      onPush: (stream, data) => {
        for (const handler of this.#handlers.get(stream) ?? []) handler(data as never);
      },
      restore: async (socket) => {
        for (const params of this.#subscriptions.requests()) {
          await socket.request("subscribe", params);
        }
      },
    });
  }

  /**
   * Connects and logs in, in one attempt, which rejects with `ConnectionError` or `ExchangeError`. After a
   * later loss the client reconnects by itself.
   */
  static async connect(options: ConnectOptions): Promise<ExchangeClient> {
    const client = new ExchangeClient(options);
    await client.#session.open();
    return client;
  }

  get state(): ConnectionState {
    return this.#session.state;
  }

  /** What the last login answered; undefined without one. */
  get login(): Result<"auth.login"> | undefined {
    return this.#session.login;
  }

  /** Calls `handler` with everything pushed on `stream`; returns the function that ends it. */
  on<S extends StreamName>(stream: S, handler: StreamHandler<S>): () => void {
    const handlers = this.#handlers.get(stream) ?? new Set();
    this.#handlers.set(stream, handlers.add(handler));
    return () => handlers.delete(handler);
  }

  /** Calls `handler` at every change of `state`; returns the function that ends it. */
  onState(handler: StateHandler): () => void {
    return this.#session.onState(handler);
  }

  /** Ends the connection for good. */
  close(): void {
    this.#session.close();
  }

  /**
   * Sends any request of the contract. Rejects with `ExchangeError` when it is refused, with
   * `ConnectionError` when it is not known what became of it.
   */
  async request<M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>> {
    return (await this.#session.request(method, params)) as Result<M>;
  }

  place(params: Params<"order.place">) {
    return this.request("order.place", params);
  }

  cancel(params: Params<"order.cancel">) {
    return this.request("order.cancel", params);
  }

  amend(params: Params<"order.amend">) {
    return this.request("order.amend", params);
  }

  cancelAll(params: Params<"order.cancel_all"> = {}) {
    return this.request("order.cancel_all", params);
  }

  orderStatus(params: Params<"order.status">) {
    return this.request("order.status", params);
  }

  openOrders(params: Params<"orders.open"> = {}) {
    return this.request("orders.open", params);
  }

  ordersHistory(params: Params<"orders.history"> = {}) {
    return this.request("orders.history", params);
  }

  balances() {
    return this.request("account.balances", {});
  }

  positions() {
    return this.request("account.positions", {});
  }

  accountTrades(params: Params<"account.trades"> = {}) {
    return this.request("account.trades", params);
  }

  /** Replays one's own events from `from_seq` on, as pushes of `user_data`. */
  resume(params: Params<"user_data.resume">) {
    return this.request("user_data.resume", params);
  }

  listSymbols(params: Params<"symbols.list"> = {}) {
    return this.request("symbols.list", params);
  }

  bookSnapshot(params: Params<"book.snapshot">) {
    return this.request("book.snapshot", params);
  }

  recentTrades(params: Params<"trades.recent">) {
    return this.request("trades.recent", params);
  }

  /** Lasts across reconnections, until `unsubscribe`. */
  async subscribe(params: Params<"subscribe">): Promise<Result<"subscribe">> {
    const result = await this.request("subscribe", params);
    this.#subscriptions.add(params);
    return result;
  }

  async unsubscribe(params: Params<"unsubscribe">): Promise<Result<"unsubscribe">> {
    this.#subscriptions.remove(params);
    return await this.request("unsubscribe", params);
  }
}
