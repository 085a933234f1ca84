/**
 * Market data, from the API that all clients use: names, tickers, and the book and trades of the chosen symbol.
 */
import {
  type ChannelData,
  createPublicClient,
  type LiveOrderBook,
  type PublicClient,
  type Stream,
} from "@waiver/client";

export type Ticker = ChannelData<"ticker">;
export type Trade = ChannelData<"trades">;

/** A listed symbol. */
export interface Listed {
  readonly symbol: string;
  readonly ticker: string;
  readonly name: string;
  readonly team: string;
  readonly position: string;
  state: string;
}

const TAPE_MAX = 100;
const RETRY_MS = 2_000;
/** The list of symbols changes rarely, so it is asked for once a minute. */
const LIST_EVERY_MS = 60_000;

export class MarketFeed {
  readonly listed = new Map<string, Listed>();
  readonly tickers = new Map<string, Ticker>();
  /** Trades of the chosen symbol, newest first. */
  tape: Trade[] = [];
  book: LiveOrderBook | null = null;
  readonly #client: PublicClient;
  readonly #changed: () => void;
  readonly #timers = new Set<Timer>();
  #trades: Stream<Trade> | null = null;
  #isOver = false;

  constructor(url: string, changed: () => void) {
    this.#client = createPublicClient({ url });
    this.#changed = changed;
  }

  get line(): string {
    return this.#client.state;
  }

  start(): void {
    this.#client.onState(this.#changed);
    this.#hear("ticker", (ticker) => this.tickers.set(ticker.symbol, ticker));
    this.#hear("status", ({ symbol, state }) => {
      const found = symbol === undefined ? undefined : this.listed.get(symbol);
      if (found !== undefined && state !== undefined) found.state = state;
    });
    void this.#list();
  }

  stop(): void {
    this.#isOver = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#client.close();
  }

  /** Shows this symbol's book and trades from now on. */
  choose(symbol: string): void {
    if (this.book?.symbol === symbol) return;
    this.book?.close();
    this.#trades?.close();
    this.tape = [];
    this.book = this.#client.orderBook(symbol);
    this.book.onChange(this.#changed);
    const trades = this.#client.stream("trades", { symbols: [symbol] });
    this.#trades = trades;
    trades.on((trade) => this.#addTrades(symbol, [trade]));
    this.#client.recentTrades({ symbol, limit: TAPE_MAX }).then(
      (recent) =>
        this.#addTrades(
          symbol,
          recent.trades.map((trade) => ({ symbol, ...trade })),
        ),
      () => undefined,
    );
    this.#changed();
  }

  /** Adds trades to the tape. A trade that comes twice, by the stream and by the answer, is shown once. */
  #addTrades(symbol: string, more: readonly Trade[]): void {
    if (this.book?.symbol !== symbol) return;
    const known = new Map([...this.tape, ...more].map((trade) => [trade.trade_id, trade]));
    this.tape = [...known.values()].sort((a, b) => b.trade_id - a.trade_id).slice(0, TAPE_MAX);
    this.#changed();
  }

  #hear<C extends "ticker" | "status">(channel: C, take: (data: ChannelData<C>) => void): void {
    const stream = this.#client.stream(channel);
    stream.on((data) => {
      take(data);
      this.#changed();
    });
    void stream.closed.then(() => this.#later(RETRY_MS, () => this.#hear(channel, take)));
  }

  async #list(): Promise<void> {
    let nextMs = LIST_EVERY_MS;
    try {
      const { symbols } = await this.#client.listSymbols();
      this.listed.clear();
      for (const each of symbols) {
        this.listed.set(each.symbol, {
          symbol: each.symbol,
          ticker: each.ticker ?? each.symbol,
          name: each.player_name ?? each.symbol,
          team: each.team ?? "",
          position: each.position ?? "",
          state: each.state,
        });
      }
    } catch {
      nextMs = RETRY_MS;
    }
    this.#changed();
    this.#later(nextMs, () => void this.#list());
  }

  #later(milliseconds: number, run: () => void): void {
    if (this.#isOver) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, milliseconds);
    this.#timers.add(timer);
  }
}
