/**
 * The subscriptions on the line for market data, shared by all streams and books of a client. A topic is
 * subscribed to when its first listener comes, ended after the last one, and subscribed to again on a new
 * connection.
 */
import { DepthSequence } from "./depth-sequence.ts";
import { ConnectionError, isExchangeError, isPassing } from "./errors.ts";
import type { Line } from "./line.ts";
import type { DepthPush } from "./messages.ts";
import type { RpcSocket } from "./rpc-socket.ts";
import {
  type Channel,
  type ChannelData,
  type Interval,
  type Listener,
  type TopicGroup,
  TopicGroups,
} from "./topics.ts";

const RETRY_MS = 1_000;
const SYMBOLS_PER_REQUEST = 4096;

export class MarketFeed {
  readonly #line: Pick<Line, "wake">;
  readonly #timeoutMs: number;
  readonly #groups = new TopicGroups();
  readonly #depth: DepthSequence;
  #socket: RpcSocket | undefined;
  #isDue = false;

  constructor(line: Pick<Line, "wake">, timeoutMs: number) {
    this.#line = line;
    this.#timeoutMs = timeoutMs;
    this.#depth = new DepthSequence({
      deliver: (data) => this.#deliver("depth", data.symbol, data),
      onLive: (symbol, isLive) => {
        for (const { symbols, onLive } of this.#groups.get("depth").listeners) {
          if (symbols === null || symbols.has(symbol)) onLive?.(symbol, isLive);
        }
      },
      onGap: () => this.#change(),
    });
    // Always subscribed to, so that a quiet market can be told from a dead line.
    this.#groups.get("heartbeat").count(null, 1);
  }

  /**
   * Adds a listener, until the function that it returns is called. What is known of its topics already is
   * pushed at once.
   */
  listen<C extends Channel>(channel: C, listener: Listener<C>, interval?: Interval): () => void {
    const group = this.#groups.get(channel, interval);
    for (const data of group.lastOf(listener.symbols)) listener.push(data as ChannelData<C>);
    // A listener that comes later begins with a whole book, too.
    if (channel === "depth") group.askAnew(listener.symbols);
    const entry = listener as unknown as Listener<Channel>;
    group.listeners.add(entry);
    group.count(listener.symbols, 1);
    if (group.isTold(listener.symbols)) listener.begin?.();
    this.#line.wake();
    this.#change();
    return () => {
      if (!group.listeners.delete(entry)) return;
      group.count(listener.symbols, -1);
      if (channel === "depth") this.#depth.forgetUnless((symbol) => group.wants(symbol));
      this.#change();
    };
  }

  /** Asks for the whole book of a symbol again. */
  askBook(symbol: string): void {
    this.#depth.forget(symbol);
    this.#groups.get("depth").askAnew(new Set([symbol]));
    this.#change();
  }

  /** Called when there is a new connection, on which nothing is subscribed to. */
  onConnect(): void {
    this.#socket = undefined;
    for (const group of this.#groups.all()) group.lose();
    this.#depth.lose();
  }

  onOpen(socket: RpcSocket): void {
    this.#socket = socket;
    this.#change();
  }

  /** Called when the line is gone: known books are not the present ones any more. */
  onLost(): void {
    this.#socket = undefined;
    this.#depth.lose();
  }

  onPush(stream: string, data: unknown): void {
    if (stream === "depth") return this.#depth.onPush(data as DepthPush);
    const channel = (stream === "market_data" ? "book" : stream) as Channel;
    const { symbol } = data as { symbol?: string };
    const { interval } = data as { interval?: Interval };
    this.#deliver(channel, symbol, data as ChannelData<Channel>, interval);
  }

  #deliver(
    channel: Channel,
    symbol: string | undefined,
    data: ChannelData<Channel>,
    interval?: Interval,
  ): void {
    const group = this.#groups.find(channel, interval);
    if (group === undefined) return;
    group.keep(symbol, data);
    for (const listener of [...group.listeners]) {
      const { symbols } = listener;
      // A notice without a symbol is for all listeners.
      if (symbols === null || symbol === undefined || symbols.has(symbol)) {
        (listener as Listener<never>).push(data as never);
      }
    }
  }

  /**
   * Subscribes to what is wanted and ends what is not, at the end of the current turn. It waits for no answer,
   * so a request that the program makes next, such as for the last trades, is served after all of it.
   */
  #change(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      const socket = this.#socket;
      if (socket === undefined) return;
      for (const group of this.#groups.all()) this.#sync(socket, group);
    });
  }

  #sync(socket: RpcSocket, group: TopicGroup): void {
    if (group.channel === "depth") this.#resumeBooks(socket, group);
    const ended = group.takeUnwanted();
    if (ended.length > 0) void this.#ask(socket, "unsubscribe", group, ended);
    const missing = group.takeMissing();
    for (let from = 0; from < missing.length; from += SYMBOLS_PER_REQUEST) {
      const symbols = missing.slice(from, from + SYMBOLS_PER_REQUEST);
      void this.#ask(socket, "subscribe", group, symbols);
    }
  }

  async #ask(
    socket: RpcSocket,
    method: "subscribe" | "unsubscribe",
    group: TopicGroup,
    symbols: readonly string[],
  ): Promise<void> {
    const { channel, interval } = group;
    const params = {
      channels: [channel],
      ...(channel !== "heartbeat" && { symbols: [...symbols] }),
      ...(interval !== undefined && { interval }),
    };
    try {
      await socket.request(method, params, this.#timeoutMs);
      if (method === "subscribe" && socket === this.#socket) group.begin(symbols);
    } catch (error) {
      if (socket !== this.#socket) return;
      if (method === "subscribe") group.giveBack(symbols);
      else for (const symbol of symbols) if (!group.wants(symbol)) group.add(symbol);
      this.#onRefused(socket, group, error);
    }
  }

  #onRefused(socket: RpcSocket, group: TopicGroup, error: unknown): void {
    // The next connection subscribes to everything again.
    if (error instanceof ConnectionError) return socket.close();
    if (isPassing(error)) {
      setTimeout(() => this.#change(), error.retryAfterMs ?? RETRY_MS);
      return;
    }
    const unknown = isExchangeError(error, "UNKNOWN_SYMBOL") ? error.details : undefined;
    const symbol = (unknown as { symbol?: string } | undefined)?.symbol;
    for (const listener of [...group.listeners]) {
      const isMeant = symbol === undefined || listener.symbols?.has(symbol);
      if (isMeant) listener.fail(error as Error);
    }
    if (symbol !== undefined) this.#change();
  }

  /** Asks for the missing changes of interrupted books. */
  #resumeBooks(socket: RpcSocket, group: TopicGroup): void {
    const interrupted = this.#depth.interrupted().filter((symbol) => !group.resuming.has(symbol));
    if (group.wantsAll && interrupted.length > 0) {
      for (const symbol of interrupted) this.#depth.forget(symbol);
      group.askAnew(null);
      return;
    }
    for (const symbol of interrupted) void this.#resumeBook(socket, group, symbol);
  }

  async #resumeBook(socket: RpcSocket, group: TopicGroup, symbol: string): Promise<void> {
    group.resuming.add(symbol);
    try {
      const params = { symbol, from_seq: this.#depth.nextOf(symbol) };
      const { last_seq: last } = await socket.request("depth.resume", params, this.#timeoutMs);
      if (socket !== this.#socket) return;
      group.resuming.delete(symbol);
      group.add(symbol);
      this.#depth.onResumed(symbol, last);
      // Meanwhile the last listener may have gone.
      this.#change();
    } catch (error) {
      if (socket !== this.#socket) return;
      group.resuming.delete(symbol);
      if (isExchangeError(error, "REPLAY_UNAVAILABLE", "INVALID_PARAMETER")) {
        this.#depth.forget(symbol);
        group.askAnew(new Set([symbol]));
        this.#change();
      } else this.#onRefused(socket, group, error);
    }
  }
}
