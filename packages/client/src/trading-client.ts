/** Orders, market data and one's own account, in one object. */
import { Clock } from "./clock.ts";
import { ConnectionError } from "./errors.ts";
import type { Line, LineOwner } from "./line.ts";
import { LiveAccount } from "./live-account.ts";
import { Login, type LoginInfo } from "./login.ts";
import type { OrderPlaceParams, OrderState, Params, Result } from "./messages.ts";
import { ORDER_TIMEOUT_MS, type TradingOptions } from "./options.ts";
import { OrderEntry } from "./order-entry.ts";
import { PublicClient } from "./public-client.ts";
import type { RequestMethod } from "./requests.ts";
import { Stream } from "./stream.ts";
import { type UserEvent, UserFeed } from "./user-feed.ts";

export interface UserEventsOptions {
  /** The first event wanted, as after a restart of the program; without it a snapshot comes first. */
  readonly fromSeq?: number;
  /** Default 65536; beyond it the stream ends with `SlowConsumerError`, and `fromSeq` goes on. */
  readonly buffer?: number;
  /** Closes the stream. */
  readonly signal?: AbortSignal;
}

const EVENTS_BUFFER = 65_536;

export class TradingClient extends PublicClient {
  readonly #orders: Line;
  readonly #userData: Line;
  readonly #entry: OrderEntry;
  readonly #account: LiveAccount;
  readonly #listeners = new Set<(event: UserEvent) => void>();

  /** Made by `createTradingClient`. */
  constructor(options: TradingOptions) {
    const clock = new Clock();
    super(options, clock, new Login(options.url, options.auth, clock, options.cancelOnDisconnect));
    const { requestTimeoutMs } = this;
    this.#orders = this.addLine("orders", {
      onPush: () => undefined,
      onConnect: () => undefined,
      onOpen: () => undefined,
      onState: () => undefined,
    });
    this.#account = new LiveAccount((before) => this.openOrders({ before }));
    const feed = new UserFeed(requestTimeoutMs, {
      push: (event) => {
        this.#account.apply(event);
        for (const listener of [...this.#listeners]) listener(event);
      },
      onLive: (isLive) => this.#account.setLive(isLive),
    });
    this.#userData = this.addLine(
      "user-data",
      ownerOf(feed, (error) => this.#account.fail(error)),
    );
    const orderTimeoutMs = options.orderTimeoutMs ?? ORDER_TIMEOUT_MS;
    this.#entry = new OrderEntry(this.#orders, { requestTimeoutMs, orderTimeoutMs });
  }

  /** Who one is; connects and logs in if that has not happened. */
  async login(): Promise<LoginInfo> {
    const known = [...this.lines.values()].find(({ login }) => login !== undefined)?.login;
    if (known !== undefined) return known;
    await this.#orders.open();
    return this.#orders.login as LoginInfo;
  }

  /** One's own account, kept up to date from the first use on. */
  get account(): LiveAccount {
    this.#userData.wake();
    return this.#account;
  }

  override request<M extends RequestMethod>(method: M, params: Params<M>): Promise<Result<M>> {
    switch (method) {
      case "order.place":
        return this.place(params as Params<"order.place">) as Promise<Result<M>>;
      case "order.batch":
        return this.batch(params as Params<"order.batch">) as Promise<Result<M>>;
      case "order.cancel":
        return this.cancel(params as Params<"order.cancel">) as Promise<Result<M>>;
      default:
        return super.request(method, params);
    }
  }

  /**
   * Places an order, once: where the answer is lost it is looked up by its `client_order_id`, which it gets if it has
   * none, and sent again if it did not come in. Rejects with `ExchangeError` when it is refused, with
   * `OutcomeUnknownError` when it could not be found out in `orderTimeoutMs`.
   */
  place(params: OrderPlaceParams): Promise<OrderState> {
    return this.#entry.place(params);
  }

  /** Up to 100 orders, each judged alone and placed once, as `place`. */
  batch(params: Params<"order.batch">): Promise<Result<"order.batch">> {
    return this.#entry.batch(params);
  }

  cancel(params: Params<"order.cancel">): Promise<OrderState> {
    return this.#entry.cancel(params);
  }

  /** The new price and quantity are what the order has then: where the answer is lost it is sent again. */
  amend(params: Params<"order.amend">): Promise<OrderState> {
    return this.request("order.amend", params);
  }

  /** After a lost answer `cancelled` counts what the last try has cancelled. */
  cancelAll(params: Params<"order.cancel_all"> = {}): Promise<Result<"order.cancel_all">> {
    return this.request("order.cancel_all", params);
  }

  /**
   * The dead man's switch: all orders are cancelled `timeout_ms` after the last call. It outlives the line, but not a
   * crash of the exchange: call it every few seconds.
   */
  cancelAllAfter(
    params: Params<"orders.cancel_all_after">,
  ): Promise<Result<"orders.cancel_all_after">> {
    return this.request("orders.cancel_all_after", params);
  }

  orderStatus(params: Params<"order.status">): Promise<OrderState> {
    return this.request("order.status", params);
  }

  openOrders(params: Params<"orders.open"> = {}): Promise<Result<"orders.open">> {
    return this.request("orders.open", params);
  }

  ordersHistory(params: Params<"orders.history"> = {}): Promise<Result<"orders.history">> {
    return this.request("orders.history", params);
  }

  balances(): Promise<Result<"account.balances">> {
    return this.request("account.balances", {});
  }

  positions(): Promise<Result<"account.positions">> {
    return this.request("account.positions", {});
  }

  accountTrades(params: Params<"account.trades"> = {}): Promise<Result<"account.trades">> {
    return this.request("account.trades", params);
  }

  /**
   * One's own events: a snapshot, then each event once and in order, over lost connections and crashes of the exchange.
   * A snapshot later on says that events before it are lost for good: begin from it. With `fromSeq` it has a line of its
   * own.
   */
  userEvents(options: UserEventsOptions = {}): Stream<UserEvent> {
    let end = (): void => undefined;
    const stream = this.track(
      new Stream<UserEvent>({
        onFull: "fail",
        buffer: options.buffer ?? EVENTS_BUFFER,
        keyOf: () => "",
        onClose: () => end(),
      }),
      options.signal,
    );
    const push = (event: UserEvent): void => stream.push(event);
    if (options.fromSeq === undefined) {
      const snapshot = this.#account.snapshot();
      if (snapshot !== undefined) push(snapshot);
      this.#listeners.add(push);
      end = () => this.#listeners.delete(push);
      this.#userData.wake();
    } else {
      const listener = { push, onLive: () => undefined };
      const feed = new UserFeed(this.requestTimeoutMs, listener, options.fromSeq);
      const line = this.makeLine(
        "user-data",
        ownerOf(feed, (error) => stream.fail(error)),
      );
      end = () => line.close();
      line.wake();
    }
    return stream;
  }
}

/** The line of a feed; `onClosed` is told when the login is refused, or the client closed. */
function ownerOf(feed: UserFeed, onClosed: (error: Error) => void): LineOwner {
  return {
    onPush: (stream, data) => feed.onPush(stream, data),
    onConnect: () => feed.onConnect(),
    onOpen: (socket) => feed.onOpen(socket),
    onState: (state, error) => {
      if (state === "offline" || state === "closed") feed.onLost();
      if (state === "closed") onClosed(error ?? new ConnectionError("The client is closed"));
    },
  };
}

/** A client that trades. Nothing is opened before it is needed. */
export function createTradingClient(options: TradingOptions): TradingClient {
  return new TradingClient(options);
}
