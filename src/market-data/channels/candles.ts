/**
 * `candles`: for each symbol and interval the running candle, at most once a second, and every closed one. A candle
 * closes at the end of its interval, which the next trade shows or else the clock.
 */
import type { TickOutput } from "../../core/tick-output.ts";
import type { CoreView } from "../../core/view.ts";
import type { Encoding } from "../../protocol/encoding.ts";
import { candlePush } from "../../protocol/market-data.ts";
import { MessagePackWriter } from "../../protocol/message-pack-writer.ts";
import { CANDLE_INTERVALS } from "../../protocol/names.ts";
import { type Candles, createCandle, isClosed } from "../../records/candles.ts";
import { Conflation } from "../conflation.ts";
import type { MarketClock } from "../market-clock.ts";
import type { TickChanges } from "../tick-changes.ts";
import { type Frame, type Publish, Topics } from "../topics.ts";
import type { MarketChannel, Send } from "./channel.ts";

const INTERVAL_COUNT = CANDLE_INTERVALS.length;

export class CandlesChannel implements MarketChannel {
  /** By interval. */
  readonly #topics: readonly Topics[];
  readonly #view: CoreView;
  readonly #candles: Candles;
  readonly #clock: MarketClock;
  readonly #writer = new MessagePackWriter();
  /** Its keys are symbol * INTERVAL_COUNT + interval. */
  readonly #conflation: Conflation;
  /** By key: where the candle begins that must still be published as closed, 0 = none. */
  readonly #open: Float64Array;
  /** What is being published. */
  #symbol = 0;
  #interval = 0;
  #isClosed = false;
  readonly #candle = createCandle();

  constructor(view: CoreView, candles: Candles, clock: MarketClock, publish: Publish) {
    const { symbolsMax } = view;
    const keys = symbolsMax * INTERVAL_COUNT;
    this.#topics = CANDLE_INTERVALS.map(
      (name) => new Topics(publish, `candles-${name}`, symbolsMax),
    );
    this.#view = view;
    this.#candles = candles;
    this.#clock = clock;
    this.#conflation = new Conflation(keys, clock.monotonic, this.#pushRunning);
    this.#open = new Float64Array(keys);
  }

  topics(interval: number): Topics {
    return this.#topics[interval];
  }

  onTick(_output: TickOutput, changes: TickChanges): void {
    if (!changes.hasTrades) return;
    for (let interval = 0; interval < INTERVAL_COUNT; interval++) {
      if (this.#topics[interval].isSilent) continue;
      for (let i = 0; i < changes.count; i++) {
        const symbol = changes.symbols[i];
        if (changes.hasTraded(symbol)) this.#onTrades(symbol, interval);
      }
    }
  }

  #onTrades(symbol: number, interval: number): void {
    if (!this.#topics[interval].isHeard(symbol)) return;
    const key = symbol * INTERVAL_COUNT + interval;
    this.#candles.readNewest(this.#candle, symbol, interval);
    this.#open[key] = this.#candle.start;
    this.#conflation.onChange(key);
  }

  /**
   * A minute has passed: publishes the candles that have closed. No trade from before `time` (milliseconds since 1970)
   * will come any more.
   */
  onMinute(time: number): void {
    const end = this.#view.symbolsEnd() * INTERVAL_COUNT;
    for (let key = 0; key < end; key++) {
      const start = this.#open[key];
      if (start !== 0 && isClosed(start, key % INTERVAL_COUNT, time)) this.#close(key, start);
    }
  }

  onBeat(): void {
    this.#conflation.onBeat();
  }

  current(symbol: number, interval: number, encoding: Encoding, send: Send): void {
    if (!this.#candles.readNewest(this.#candle, symbol, interval)) return;
    const { start } = this.#candle;
    this.#symbol = symbol;
    this.#interval = interval;
    this.#isClosed = isClosed(start, interval, this.#clock.time());
    if (!this.#isClosed) this.#open[symbol * INTERVAL_COUNT + interval] = start;
    send(this.#encode(encoding));
  }

  #close(key: number, start: number): void {
    this.#open[key] = 0;
    this.#conflation.forget(key);
    this.#aim(key);
    this.#isClosed = true;
    if (!this.#candles.read(this.#candle, this.#symbol, this.#interval, start)) return;
    this.#topics[this.#interval].publish(this.#symbol, this.#encode);
  }

  readonly #pushRunning = (key: number): boolean => {
    this.#aim(key);
    this.#isClosed = false;
    const topics = this.#topics[this.#interval];
    if (!topics.isHeard(this.#symbol)) return false;
    this.#candles.readNewest(this.#candle, this.#symbol, this.#interval);
    topics.publish(this.#symbol, this.#encode);
    return true;
  };

  #aim(key: number): void {
    this.#interval = key % INTERVAL_COUNT;
    this.#symbol = (key - this.#interval) / INTERVAL_COUNT;
  }

  readonly #encode = (encoding: Encoding): Frame => {
    const { start, open, high, low, close, volume, trades } = this.#candle;
    const { tick } = this.#clock;
    return candlePush.encode(
      encoding,
      this.#writer,
      this.#symbol,
      this.#interval,
      start,
      open,
      high,
      low,
      close,
      volume,
      trades,
      this.#isClosed,
      tick,
    );
  };
}
