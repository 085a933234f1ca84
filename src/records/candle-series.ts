/**
 * Memory of candles: for each symbol that has traded and each interval a series, of which the latest are kept.
 *
 * ```
 *  symbol ─► number of its series, given at its first trade
 *              └─► pages of each interval, a ring of page numbers      1m      5m     15m    1h    1d
 *                    └─► page: 32 candles of 32 bytes                 46 pages 64     43     24    13
 *  candle: int 0 START, minutes since 1970, 1 OPEN, 2 HIGH, 3 LOW, 4 CLOSE, 5 TRADES | f64 3 VOLUME
 * ```
 *
 * A series gets a page when it first needs it. So a symbol that trades now and then costs 6 KB, and one that trades
 * every minute for weeks costs 190 KB. Intervals without trades have no candle.
 */
import type { CoreView } from "../core/view.ts";
import { type Store, store } from "../lib/store.ts";

/** Length of each interval, in the order of the wire's `CANDLE_INTERVALS`. */
export const INTERVAL_MINUTES: readonly number[] = [1, 5, 15, 60, 1440];
/** Index of the interval of a minute, and of a day. */
export const ONE_MINUTE = 0;
export const ONE_DAY = 4;
const INTERVAL_COUNT = INTERVAL_MINUTES.length;

/** Candles that each interval keeps at least: a day, a week, two weeks, thirty days, a year. */
export const CANDLES_MIN: readonly number[] = [1441, 2016, 1344, 720, 366];

const PAGE_SHIFT = 5;
const PAGE_CANDLES = 1 << PAGE_SHIFT;
const CANDLE_INTS = 8;
const CANDLE_DOUBLES = 4;
const PAGE_INTS = PAGE_CANDLES * CANDLE_INTS;

const START = 0;
const OPEN = 1;
const HIGH = 2;
const LOW = 3;
const CLOSE = 4;
const TRADES = 5;
const VOLUME_F64 = 3;

/** Pages of each interval. One more than the candles fill, because the newest page may have a single candle. */
const PAGES = CANDLES_MIN.map((count) => Math.ceil((count - 1) / PAGE_CANDLES) + 1);
/** Where each interval's page numbers begin among those of a symbol. */
const FIRST_PAGE = PAGES.map((_, i) => PAGES.slice(0, i).reduce((sum, count) => sum + count, 0));
const SYMBOL_PAGES = PAGES.reduce((sum, count) => sum + count, 0);

/** No candle. */
export const NO_CANDLE = -1;

/** A candle as plain numbers. The object is made once and filled again and again. */
export interface CandleFields {
  /** Milliseconds since 1970. */
  start: number;
  /** Cents. */
  open: number;
  high: number;
  low: number;
  close: number;
  /** Shares. */
  volume: number;
  /** How many trades there were. */
  trades: number;
}

export const MINUTE_MS = 60_000;

/** A candle is named by its place in memory. A series numbers its candles from 0 over the life of the exchange. */
export class CandleSeries {
  readonly stores: readonly Store[];
  readonly #ints: Int32Array;
  readonly #doubles: Float64Array;
  /** By symbol: the number of its series, from 1. */
  readonly #numbers: Int32Array;
  /** By series and interval: candles so far. */
  readonly #counts: Int32Array;
  /** By series: the page numbers of its intervals, from 1. */
  readonly #pages: Int32Array;
  /** [0] series, [1] pages given out. */
  readonly #head = new Int32Array(2);

  constructor({ symbolsMax, symbolsEnd }: CoreView) {
    const pagesMax = symbolsMax * SYMBOL_PAGES;
    this.#ints = new Int32Array(pagesMax * PAGE_INTS);
    this.#doubles = new Float64Array(this.#ints.buffer);
    this.#numbers = new Int32Array(symbolsMax);
    this.#counts = new Int32Array(symbolsMax * INTERVAL_COUNT);
    this.#pages = new Int32Array(pagesMax);
    this.stores = [
      store("candles", this.#ints, () => this.#head[1] * PAGE_INTS),
      store("candle-pages", this.#pages, () => this.#head[0] * SYMBOL_PAGES),
      store("candle-counts", this.#counts, () => this.#head[0] * INTERVAL_COUNT),
      store("candle-series", this.#numbers, symbolsEnd),
      store("candles-head", this.#head),
    ];
  }

  /** How many candles the series has had. */
  count(symbol: number, interval: number): number {
    const number = this.#numbers[symbol];
    return number === 0 ? 0 : this.#counts[(number - 1) * INTERVAL_COUNT + interval];
  }

  /** The number of the oldest candle that is kept; `count` when there is none. */
  oldest(symbol: number, interval: number): number {
    const count = this.count(symbol, interval);
    if (count === 0) return 0;
    const newestPage = (count - 1) >> PAGE_SHIFT;
    return Math.max(0, newestPage - PAGES[interval] + 1) << PAGE_SHIFT;
  }

  /** The place of candle `index`, which must be one that is kept. */
  place(symbol: number, interval: number, index: number): number {
    const page = this.#pages[this.#pageEntry(this.#numbers[symbol], interval, index)] - 1;
    return page * PAGE_CANDLES + (index & (PAGE_CANDLES - 1));
  }

  /** The place of the newest candle, or NO_CANDLE. */
  newest(symbol: number, interval: number): number {
    const count = this.count(symbol, interval);
    return count === 0 ? NO_CANDLE : this.place(symbol, interval, count - 1);
  }

  /** Begins a candle without trades at `start` (minutes since 1970). Returns its place. */
  append(symbol: number, interval: number, start: number): number {
    if (this.#numbers[symbol] === 0) this.#numbers[symbol] = ++this.#head[0];
    const number = this.#numbers[symbol];
    const index = this.#counts[(number - 1) * INTERVAL_COUNT + interval]++;
    const entry = this.#pageEntry(number, interval, index);
    if (this.#pages[entry] === 0) this.#pages[entry] = ++this.#head[1];
    const place = this.place(symbol, interval, index);
    const c = place * CANDLE_INTS;
    this.#ints.fill(0, c, c + CANDLE_INTS);
    this.#ints[c + START] = start;
    return place;
  }

  /** Minutes since 1970. */
  start(place: number): number {
    return this.#ints[place * CANDLE_INTS + START];
  }

  /** Cents. */
  close(place: number): number {
    return this.#ints[place * CANDLE_INTS + CLOSE];
  }

  addTrade(place: number, price: number, quantity: number): void {
    this.#add(place, price, price, price, price, quantity, 1);
  }

  /** Adds the candle at `later` to the one at `place`. It must come after everything that is in that one. */
  addCandle(place: number, later: number): void {
    const ints = this.#ints;
    const c = later * CANDLE_INTS;
    this.#add(
      place,
      ints[c + OPEN],
      ints[c + HIGH],
      ints[c + LOW],
      ints[c + CLOSE],
      this.#doubles[later * CANDLE_DOUBLES + VOLUME_F64],
      ints[c + TRADES],
    );
  }

  /** Fills `target` with the candle. */
  read(target: CandleFields, place: number): void {
    const ints = this.#ints;
    const c = place * CANDLE_INTS;
    target.start = ints[c + START] * MINUTE_MS;
    target.open = ints[c + OPEN];
    target.high = ints[c + HIGH];
    target.low = ints[c + LOW];
    target.close = ints[c + CLOSE];
    target.volume = this.#doubles[place * CANDLE_DOUBLES + VOLUME_F64];
    // The word is read without a sign: a day of one symbol may have more than 2^31 trades.
    target.trades = ints[c + TRADES] >>> 0;
  }

  #add(
    place: number,
    open: number,
    high: number,
    low: number,
    close: number,
    volume: number,
    trades: number,
  ): void {
    const ints = this.#ints;
    const c = place * CANDLE_INTS;
    const isFirst = ints[c + TRADES] === 0;
    if (isFirst) ints[c + OPEN] = open;
    if (isFirst || high > ints[c + HIGH]) ints[c + HIGH] = high;
    if (isFirst || low < ints[c + LOW]) ints[c + LOW] = low;
    ints[c + CLOSE] = close;
    ints[c + TRADES] += trades;
    this.#doubles[place * CANDLE_DOUBLES + VOLUME_F64] += volume;
  }

  #pageEntry(number: number, interval: number, index: number): number {
    const page = (index >> PAGE_SHIFT) % PAGES[interval];
    return (number - 1) * SYMBOL_PAGES + FIRST_PAGE[interval] + page;
  }
}
