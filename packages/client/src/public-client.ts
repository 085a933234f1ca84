/** Market data, for everybody: typed requests, streams, and books that are kept up to date. */
import { DEFAULT_BACKOFF } from "./backoff.ts";
import { Clock } from "./clock.ts";
import { callAll } from "./handlers.ts";
import { Line, type LineOwner, type LineState } from "./line.ts";
import { LiveOrderBook } from "./live-order-book.ts";
import type { Login } from "./login.ts";
import { MarketFeed } from "./market-feed.ts";
import type { Endpoint, Params, Result } from "./messages.ts";
import {
  baseUrl,
  type ClientOptions,
  LOST_AFTER_MS,
  REQUEST_TIMEOUT_MS,
  STALE_AFTER_MS,
} from "./options.ts";
import { type RequestMethod, Requests } from "./requests.ts";
import { type OnFull, TopicStream } from "./stream.ts";
import type { Channel, ChannelData, Interval } from "./topics.ts";
import { platformWebSocket } from "./web-socket.ts";

/**
 * The worst state of the lines in use, in the order "closed", "offline", "connecting", "stale", "live"; "idle"
 * when no line is in use.
 */
export type ClientState = LineState;

export interface StateChange {
  readonly state: ClientState;
  /** The state of each line in use, by endpoint. */
  readonly lines: Readonly<Partial<Record<Endpoint, LineState>>>;
  /** Why a line was lost or given up. */
  readonly error?: Error;
}

export interface StreamOptions {
  /** `SYMBOL_<n>` or tickers; without it, every symbol. */
  readonly symbols?: readonly string[];
  /** How long each candle is; default "1m". */
  readonly interval?: Interval;
  /** Default "fail" for trades, status and depth, where each item counts, and "latest" for the others. */
  readonly onFull?: OnFull;
  /** Items that the buffer of "fail" has room for. Default 1024, or 65536 for every symbol. */
  readonly buffer?: number;
  /** Closes the stream. */
  readonly signal?: AbortSignal;
}

interface Closable {
  readonly closed: Promise<unknown>;
  close(): void;
}

const BUFFER = 1024;
const BUFFER_OF_ALL = 65_536;
const STATES_BY_WEIGHT: readonly LineState[] = [
  "idle",
  "live",
  "stale",
  "connecting",
  "offline",
  "closed",
];
const SYMBOL = /^SYMBOL_\d+$/;
const EACH_COUNTS: ReadonlySet<Channel> = new Set(["trades", "status", "depth"]);

export class PublicClient {
  /** The lines, by endpoint. */
  protected readonly lines = new Map<Endpoint, Line>();
  protected readonly requests: Requests;
  protected readonly requestTimeoutMs: number;
  readonly #options: ClientOptions;
  readonly #clock: Clock;
  readonly #login: Login | undefined;
  readonly #feed: MarketFeed;
  readonly #market: Line;
  readonly #stateHandlers = new Set<(change: StateChange) => void>();
  /** Streams and books that are open. */
  readonly #open = new Set<{ close(): void }>();
  #state: ClientState = "idle";

  /** Made by `createPublicClient`. */
  constructor(options: ClientOptions, clock = new Clock(), login?: Login) {
    this.#options = options;
    this.#clock = clock;
    this.#login = login;
    this.requestTimeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
    this.requests = new Requests(this.lines, this.requestTimeoutMs);
    this.#market = this.addLine("market-data", {
      onPush: (stream, data) => this.#feed.onPush(stream, data),
      onConnect: () => this.#feed.onConnect(),
      onOpen: (socket) => this.#feed.onOpen(socket),
      onState: (state) => {
        if (state === "offline" || state === "closed") this.#feed.onLost();
      },
    });
    this.#feed = new MarketFeed(this.#market, this.requestTimeoutMs);
  }

  get state(): ClientState {
    return this.#state;
  }

  /** How long the last answer to a `ping` or `time` took, milliseconds; undefined before the first. */
  get latencyMs(): number | undefined {
    return this.#clock.latencyMs;
  }

  /**
   * Milliseconds since 1970 on the exchange's clock, estimated from the answers to `time` and `ping` and from a
   * login that was refused for its timestamp. Before the first of these, this machine's own clock.
   */
  now(): number {
    return this.#clock.now();
  }

  /** Calls `handler` whenever a line's state changes, until the returned function is called. */
  onState(handler: (change: StateChange) => void): () => void {
    this.#stateHandlers.add(handler);
    return () => this.#stateHandlers.delete(handler);
  }

  /** Opens every line and logs in, in one attempt. Rejects with `ConnectionError` or `ExchangeError`. */
  async connect(): Promise<void> {
    await Promise.all(Array.from(this.lines.values(), (line) => line.open()));
  }

  /** Ends all lines, streams and books for good. */
  close(): void {
    for (const line of this.lines.values()) line.close();
    for (const each of [...this.#open]) each.close();
  }

  /**
   * Sends any request of the protocol. Rejects with `ExchangeError` when it is refused, with `ConnectionError` when
   * there is no answer within `requestTimeoutMs`. So do the methods below.
   */
  request<M extends RequestMethod>(method: M, params: Params<M>): Promise<Result<M>> {
    return this.requests.send(method, params);
  }

  /** Asks for the exchange's time, from which `now` learns. */
  async time(): Promise<Result<"time">> {
    const socket = await this.#market.socket(performance.now() + this.requestTimeoutMs);
    return await socket.askTime("time", this.requestTimeoutMs);
  }

  /** Listed symbols with their players: all, or those that a `query` finds. */
  listSymbols(params: Params<"symbols.list"> = {}): Promise<Result<"symbols.list">> {
    return this.request("symbols.list", params);
  }

  /** One symbol with its player and rules, by `SYMBOL_<n>` or ticker. */
  symbol(params: Params<"symbols.get">): Promise<Result<"symbols.get">> {
    return this.request("symbols.get", params);
  }

  /** The last day's prices, in cents, and volume, in shares, of every symbol. */
  tickers(): Promise<Result<"tickers.list">> {
    return this.request("tickers.list", {});
  }

  /** The last day's prices and volume of one symbol. */
  ticker(params: Params<"tickers.get">): Promise<Result<"tickers.get">> {
    return this.request("tickers.get", params);
  }

  /** A book's price levels, best first: `[price in cents, shares]`. */
  bookSnapshot(params: Params<"book.snapshot">): Promise<Result<"book.snapshot">> {
    return this.request("book.snapshot", params);
  }

  /** A symbol's last trades. */
  recentTrades(params: Params<"trades.recent">): Promise<Result<"trades.recent">> {
    return this.request("trades.recent", params);
  }

  /** A symbol's candles of one interval. */
  candles(params: Params<"candles.list">): Promise<Result<"candles.list">> {
    return this.request("candles.list", params);
  }

  /**
   * The pushes of a channel: first the present state, then every change. The stream goes on after a lost
   * connection. Trades that happened meanwhile are not sent again (`recentTrades` has them, see `onBegin` of
   * the stream); `depth` goes on without a gap, or with a whole book. Throws `TypeError` when `symbols` is
   * empty.
   */
  stream<C extends Channel>(channel: C, options: StreamOptions = {}): TopicStream<ChannelData<C>> {
    const { symbols, interval, signal } = options;
    if (symbols?.length === 0) {
      throw new TypeError("symbols must name one at least, or be left out for every symbol");
    }
    const isAll = symbols === undefined || symbols.includes("*") || channel === "heartbeat";
    let end = (): void => undefined;
    let isOver = false;
    const stream = this.track(
      new TopicStream<ChannelData<C>>({
        onFull: options.onFull ?? (EACH_COUNTS.has(channel) ? "fail" : "latest"),
        buffer: options.buffer ?? (isAll ? BUFFER_OF_ALL : BUFFER),
        keyOf: (data) => ("symbol" in data ? (data.symbol ?? "") : ""),
        onClose: () => {
          isOver = true;
          end();
        },
      }),
      signal,
    );
    const listen = (names: ReadonlySet<string> | null): void => {
      if (isOver) return;
      const listener = {
        symbols: names,
        push: (data: ChannelData<C>) => stream.push(data),
        begin: () => stream.begin(),
        fail: (error: Error) => stream.fail(error),
      };
      end = this.#feed.listen(channel, listener, channel === "candles" ? interval : undefined);
    };
    if (isAll) listen(null);
    else if (symbols.every((name) => SYMBOL.test(name))) listen(new Set(symbols));
    else this.#canonical(symbols).then(listen, (error: Error) => stream.fail(error));
    return stream;
  }

  /** The book of a symbol (`SYMBOL_<n>`), kept up to date until it is closed. Throws `TypeError` for another name. */
  orderBook(symbol: string): LiveOrderBook {
    if (!SYMBOL.test(symbol)) {
      throw new TypeError(
        `symbol must be SYMBOL_<n>, got "${symbol}"; \`symbol({ symbol })\` finds it by its ticker`,
      );
    }
    const book = new LiveOrderBook(this.#feed, symbol, () => this.#open.delete(book));
    this.#open.add(book);
    return book;
  }

  /** Makes sure that the stream is closed when the client is closed or `signal` is aborted. */
  protected track<S extends Closable>(stream: S, signal: AbortSignal | undefined): S {
    const abort = (): void => stream.close();
    this.#open.add(stream);
    signal?.addEventListener("abort", abort, { once: true });
    void stream.closed.then(() => {
      this.#open.delete(stream);
      signal?.removeEventListener("abort", abort);
    });
    if (signal?.aborted === true) stream.close();
    return stream;
  }

  protected addLine(endpoint: Endpoint, owner: LineOwner): Line {
    const line = this.makeLine(endpoint, {
      ...owner,
      onState: (state, error) => {
        owner.onState(state, error);
        this.#onState(error);
      },
    });
    this.lines.set(endpoint, line);
    return line;
  }

  protected makeLine(endpoint: Endpoint, owner: LineOwner): Line {
    const { url, encoding, webSocket, staleAfterMs, lostAfterMs, backoff } = this.#options;
    const options = {
      endpoint,
      url: baseUrl(url, "ws"),
      encoding: encoding ?? "json",
      webSocket: webSocket ?? platformWebSocket(),
      clock: this.#clock,
      login: this.#login,
      requestTimeoutMs: this.requestTimeoutMs,
      staleAfterMs: staleAfterMs ?? STALE_AFTER_MS,
      lostAfterMs: lostAfterMs ?? LOST_AFTER_MS,
      backoff: backoff ?? DEFAULT_BACKOFF,
    };
    return new Line(options, owner);
  }

  #onState(error: Error | undefined): void {
    const used = [...this.lines].filter(([, { state }]) => state !== "idle");
    const lines = Object.fromEntries(used.map(([endpoint, { state }]) => [endpoint, state]));
    const weights = used.map(([, { state }]) => STATES_BY_WEIGHT.indexOf(state));
    this.#state = STATES_BY_WEIGHT[Math.max(0, ...weights)] ?? "idle";
    const change = { state: this.#state, lines, ...(error !== undefined && { error }) };
    callAll(this.#stateHandlers, change);
  }

  async #canonical(names: readonly string[]): Promise<ReadonlySet<string>> {
    const found = names.map(async (name) =>
      SYMBOL.test(name) ? name : (await this.symbol({ symbol: name })).symbol,
    );
    return new Set(await Promise.all(found));
  }
}

/** A client for market data. Nothing is opened before it is needed. */
export function createPublicClient(options: ClientOptions): PublicClient {
  return new PublicClient(options);
}
