/**
 * The last 24 hours of each symbol, read from the candles of a minute. The minutes before the newest one with trades
 * are summed up only when somebody asks, at most once a minute for each symbol.
 */
import type { CoreView } from "../core/view.ts";
import {
  type CandleFields,
  type CandleSeries,
  MINUTE_MS,
  NO_CANDLE,
  ONE_MINUTE,
} from "./candle-series.ts";
import { type Candles, createCandle } from "./candles.ts";

const WINDOW_MINUTES = 24 * 60;

/** Prices in cents, 0 = none. The object is made once and filled again and again. */
export interface TickerFields {
  /** The price 24 hours ago, or of the first trade since. */
  open: number;
  /** Highest and lowest price in the window, also of `open`, which was the last price until the first trade. */
  high: number;
  low: number;
  /** Price of the last trade, however long ago it was. */
  last: number;
  /** Shares that traded in the window. */
  volume: number;
  /** `last` - `open`. */
  change: number;
}

export function createTicker(): TickerFields {
  return { open: 0, high: 0, low: 0, last: 0, volume: 0, change: 0 };
}

const NOTHING = createTicker();

/** By symbol: the first minute and the number of candles that the sums are of, and the sums. */
const FIRST_MINUTE = 0;
const COUNT = 1;
const OPEN = 2;
const HIGH = 3;
const LOW = 4;
const VOLUME = 5;
const SUM_DOUBLES = 6;

export class Tickers {
  readonly #series: CandleSeries;
  /** Sums over the candles in the window without the newest one, as of the last `read`. */
  readonly #sums: Float64Array;
  readonly #candle: CandleFields = createCandle();

  constructor({ symbolsMax }: CoreView, { series }: Candles) {
    this.#series = series;
    this.#sums = new Float64Array(symbolsMax * SUM_DOUBLES);
  }

  /** Fills `target` with the ticker as of `now`, milliseconds since 1970; zeros when the symbol has never traded. */
  read(target: TickerFields, symbol: number, now: number): void {
    Object.assign(target, NOTHING);
    const newest = this.#series.newest(symbol, ONE_MINUTE);
    if (newest === NO_CANDLE) return;
    const first = Math.floor(now / MINUTE_MS) - WINDOW_MINUTES + 1;
    const s = this.#sumUp(symbol, first);
    const sums = this.#sums;
    const candle = this.#candle;
    this.#series.read(candle, newest);
    target.open = sums[s + OPEN];
    target.high = sums[s + HIGH];
    target.low = sums[s + LOW];
    target.volume = sums[s + VOLUME];
    target.last = candle.close;
    if (candle.start < first * MINUTE_MS) {
      target.open = candle.close;
    } else {
      if (target.open === 0) target.open = candle.open;
      target.high = Math.max(target.high, candle.high);
      target.low = target.low === 0 ? candle.low : Math.min(target.low, candle.low);
      target.volume += candle.volume;
    }
    target.high = Math.max(target.high, target.open);
    target.low = target.low === 0 ? target.open : Math.min(target.low, target.open);
    target.change = target.last - target.open;
  }

  /** Sums up the candles from minute `first` on, without the newest. Returns where the sums are. */
  #sumUp(symbol: number, first: number): number {
    const series = this.#series;
    const sums = this.#sums;
    const s = symbol * SUM_DOUBLES;
    const count = series.count(symbol, ONE_MINUTE);
    if (sums[s + FIRST_MINUTE] === first && sums[s + COUNT] === count) return s;
    sums.fill(0, s, s + SUM_DOUBLES);
    sums[s + FIRST_MINUTE] = first;
    sums[s + COUNT] = count;
    const candle = this.#candle;
    const oldest = series.oldest(symbol, ONE_MINUTE);
    for (let i = count - 2; i >= oldest; i--) {
      const place = series.place(symbol, ONE_MINUTE, i);
      series.read(candle, place);
      if (series.start(place) < first) {
        sums[s + OPEN] = candle.close;
        break;
      }
      sums[s + OPEN] = candle.open;
      sums[s + HIGH] = Math.max(sums[s + HIGH], candle.high);
      sums[s + LOW] = sums[s + LOW] === 0 ? candle.low : Math.min(sums[s + LOW], candle.low);
      sums[s + VOLUME] += candle.volume;
    }
    return s;
  }
}
