/**
 * `ticker`: the last 24 hours of a symbol with its best bid and offer, at most once a second, when something of it
 * changed. The window also changes by time alone: with each minute the oldest one leaves it.
 */
import type { TickOutput } from "../../core/tick-output.ts";
import type { CoreView } from "../../core/view.ts";
import type { Encoding } from "../../protocol/encoding.ts";
import { tickerPush } from "../../protocol/market-data.ts";
import { MessagePackWriter } from "../../protocol/message-pack-writer.ts";
import { symbolName } from "../../protocol/names.ts";
import type { PushData } from "../../protocol/schemas.ts";
import { createTicker, type Tickers } from "../../records/tickers.ts";
import type { BestQuotes } from "../best-quotes.ts";
import { Conflation } from "../conflation.ts";
import type { MarketClock } from "../market-clock.ts";
import type { TickChanges } from "../tick-changes.ts";
import { type Frame, type Publish, Topics } from "../topics.ts";
import type { MarketChannel, Send } from "./channel.ts";

/** Numbers kept of a symbol: six of the window, then price and quantity of bid and offer. */
const FIGURES = 10;

export class TickerChannel implements MarketChannel {
  readonly #topics: Topics;
  readonly #view: CoreView;
  readonly #tickers: Tickers;
  readonly #quotes: BestQuotes;
  readonly #clock: MarketClock;
  readonly #conflation: Conflation;
  readonly #writer = new MessagePackWriter();
  /** By symbol: the figures that were last published. */
  readonly #told: Float64Array;
  readonly #figures = new Float64Array(FIGURES);
  /** What is being published. */
  #symbol = 0;
  #timestamp = 0;
  readonly #ticker = createTicker();

  constructor(
    view: CoreView,
    tickers: Tickers,
    quotes: BestQuotes,
    clock: MarketClock,
    publish: Publish,
  ) {
    this.#topics = new Topics(publish, "ticker", view.symbolsMax);
    this.#view = view;
    this.#tickers = tickers;
    this.#quotes = quotes;
    this.#clock = clock;
    this.#conflation = new Conflation(view.symbolsMax, clock.monotonic, this.#push);
    this.#told = new Float64Array(view.symbolsMax * FIGURES);
  }

  topics(): Topics {
    return this.#topics;
  }

  onTick({ tick }: TickOutput, changes: TickChanges): void {
    if (this.#topics.isSilent) return;
    for (let i = 0; i < changes.count; i++) {
      const symbol = changes.symbols[i];
      const isOther = changes.hasTraded(symbol) || this.#quotes.hasChanged(symbol, tick);
      if (isOther && this.#topics.isHeard(symbol)) this.#conflation.onChange(symbol);
    }
  }

  /** A minute has passed: tickers are due, as their windows have changed. */
  onMinute(): void {
    if (this.#topics.isSilent) return;
    const end = this.#view.symbolsEnd();
    for (let symbol = 0; symbol < end; symbol++) {
      if (this.#topics.isHeard(symbol)) this.#conflation.onChange(symbol);
    }
  }

  onBeat(): void {
    this.#conflation.onBeat();
  }

  current(symbol: number, _interval: number, encoding: Encoding, send: Send): void {
    this.#quotes.refresh(symbol);
    this.#read(symbol);
    // Earlier subscribers may not have been sent these figures yet, so they are not noted then.
    if (!this.#topics.isHeard(symbol)) this.#note(symbol);
    send(this.#encode(encoding));
  }

  /** What would be published of the symbol now. Only between two ticks. */
  data(symbol: number): PushData<"ticker"> {
    const quotes = this.#quotes;
    quotes.refresh(symbol);
    this.#read(symbol);
    const { open, high, low, last, volume, change } = this.#ticker;
    const bidQuantity = quotes.bidQuantity(symbol);
    const askQuantity = quotes.askQuantity(symbol);
    return {
      symbol: symbolName(symbol),
      open: open || null,
      high: high || null,
      low: low || null,
      last: last || null,
      volume,
      change,
      bid: bidQuantity === 0 ? null : [quotes.bidPrice(symbol), bidQuantity],
      ask: askQuantity === 0 ? null : [quotes.askPrice(symbol), askQuantity],
      timestamp: this.#timestamp,
      tick: this.#clock.tick,
    };
  }

  readonly #push = (symbol: number): boolean => {
    if (!this.#topics.isHeard(symbol)) return false;
    this.#read(symbol);
    if (!this.#note(symbol)) return false;
    this.#topics.publish(symbol, this.#encode);
    return true;
  };

  #read(symbol: number): void {
    this.#symbol = symbol;
    this.#timestamp = this.#clock.time();
    this.#tickers.read(this.#ticker, symbol, this.#timestamp);
  }

  /** Notes the figures of the symbol as published. Returns whether they have changed. */
  #note(symbol: number): boolean {
    const { open, high, low, last, volume, change } = this.#ticker;
    const quotes = this.#quotes;
    const figures = this.#figures;
    figures[0] = open;
    figures[1] = high;
    figures[2] = low;
    figures[3] = last;
    figures[4] = volume;
    figures[5] = change;
    figures[6] = quotes.bidPrice(symbol);
    figures[7] = quotes.bidQuantity(symbol);
    figures[8] = quotes.askPrice(symbol);
    figures[9] = quotes.askQuantity(symbol);
    const t = symbol * FIGURES;
    let isOther = false;
    for (let i = 0; i < FIGURES; i++) {
      if (this.#told[t + i] !== figures[i]) isOther = true;
      this.#told[t + i] = figures[i];
    }
    return isOther;
  }

  readonly #encode = (encoding: Encoding): Frame => {
    const symbol = this.#symbol;
    const { open, high, low, last, volume, change } = this.#ticker;
    const quotes = this.#quotes;
    const bidPrice = quotes.bidPrice(symbol);
    const bidQuantity = quotes.bidQuantity(symbol);
    const askPrice = quotes.askPrice(symbol);
    const askQuantity = quotes.askQuantity(symbol);
    const timestamp = this.#timestamp;
    const { tick } = this.#clock;
    return tickerPush.encode(
      encoding,
      this.#writer,
      symbol,
      open,
      high,
      low,
      last,
      volume,
      change,
      bidPrice,
      bidQuantity,
      askPrice,
      askQuantity,
      timestamp,
      tick,
    );
  };
}
