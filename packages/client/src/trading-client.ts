/** A client for orders, market data and the user's own account. */
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
  /** The first event wanted, for a program that goes on after a restart; without it a snapshot comes first. */
  readonly fromSeq?: number;
  /** Events that wait for a slow reader; default 65536. Beyond it the stream ends with `SlowConsumerError`. */
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
    super(options, clock, new Login(options, clock));
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

  /** The user and account of the login. Connects and logs in if necessary; rejects with what `connect` rejects with. */
  async login(): Promise<LoginInfo> {
    const known = [...this.lines.values()].find(({ login }) => login !== undefined)?.login;
    if (known !== undefined) return known;
    await this.#orders.open();
    return this.#orders.login as LoginInfo;
  }

  /** The user's own account, kept up to date from the first use on. */
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
   * Places an order exactly once. It gets a `client_order_id` if it has none. When the answer is lost, the order is
   * looked up by that id, and sent again if it did not arrive. Rejects with `ExchangeError` when it is refused, with
   * `OutcomeUnknownError` when `orderTimeoutMs` was not enough to find out.
   */
  place(params: OrderPlaceParams): Promise<OrderState> {
    return this.#entry.place(params);
  }

  /** Places up to 100 orders. Each is accepted or refused on its own, and placed exactly once, as by `place`. */
  batch(params: Params<"order.batch">): Promise<Result<"order.batch">> {
    return this.#entry.batch(params);
  }

  /**
   * Cancels an order. When the answer is lost, the cancel is sent again. Rejects with UNKNOWN_ORDER when the
   * order is done.
   */
  cancel(params: Params<"order.cancel">): Promise<OrderState> {
    return this.#entry.cancel(params);
  }

  /**
   * Changes an order's price, in cents, or its quantity, in shares, to the given values. It is sent again when the answer
   * is lost.
   */
  amend(params: Params<"order.amend">): Promise<OrderState> {
    return this.request("order.amend", params);
  }

  /** Cancels all open orders, or those of a symbol. After a lost answer, `cancelled` counts only the last try. */
  cancelAll(params: Params<"order.cancel_all"> = {}): Promise<Result<"order.cancel_all">> {
    return this.request("order.cancel_all", params);
  }

  /**
   * The dead man's switch: all orders are cancelled `timeout_ms` after the last call. It stays armed when the line is
   * lost, but not after a crash of the exchange: call it every few seconds.
   */
  cancelAllAfter(
    params: Params<"orders.cancel_all_after">,
  ): Promise<Result<"orders.cancel_all_after">> {
    return this.request("orders.cancel_all_after", params);
  }

  /** An order, open or done, by its id or `client_order_id`. Rejects with UNKNOWN_ORDER. */
  orderStatus(params: Params<"order.status">): Promise<OrderState> {
    return this.request("order.status", params);
  }

  /** Open orders, newest first, in pages: `next` of a page is `before` of the next one. */
  openOrders(params: Params<"orders.open"> = {}): Promise<Result<"orders.open">> {
    return this.request("orders.open", params);
  }

  /** Done orders, last done first, in pages as `openOrders`. */
  ordersHistory(params: Params<"orders.history"> = {}): Promise<Result<"orders.history">> {
    return this.request("orders.history", params);
  }

  /** Cash, in cents: available, reserved for open orders, and both together. */
  balances(): Promise<Result<"account.balances">> {
    return this.request("account.balances", {});
  }

  /** Shares of each symbol. */
  positions(): Promise<Result<"account.positions">> {
    return this.request("account.positions", {});
  }

  /** The account's fills, newest first, in pages as `openOrders`; prices and fees in cents. */
  accountTrades(params: Params<"account.trades"> = {}): Promise<Result<"account.trades">> {
    return this.request("account.trades", params);
  }

  /**
   * The account's events: a snapshot, then each event once and in order, even when connections are lost or the exchange
   * crashes. A later snapshot says that events before it are lost for good: begin again from it. A stream with `fromSeq`
   * has a line of its own.
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

/** The owner of a feed's line. `onClosed` is called when the login is refused, or the client was closed. */
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
