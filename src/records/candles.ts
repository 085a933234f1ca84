/**
 * Candles of every symbol, in five intervals, made from trades at their tick's time.
 *
 * A trade changes only the candle of its minute. When a trade of a later minute begins the next candle, the minute
 * before is added to the candles of the longer intervals. The running minute is added to those when they are read.
 * Minutes are added in order, so open, high, low, close and the sums are exact.
 */
import type { TickOutput, TickStage } from "../core/tick-output.ts";
import type { CoreView } from "../core/view.ts";
import type { Store } from "../lib/store.ts";
import {
  type CandleFields,
  CandleSeries,
  INTERVAL_MINUTES,
  MINUTE_MS,
  NO_CANDLE,
  ONE_MINUTE,
} from "./candle-series.ts";

/** Whether a candle that begins at `start` is over at `time` and gets no more trades. Milliseconds since 1970. */
export function isClosed(start: number, interval: number, time: number): boolean {
  return start + INTERVAL_MINUTES[interval] * MINUTE_MS <= time;
}

export function createCandle(): CandleFields {
  return { start: 0, open: 0, high: 0, low: 0, close: 0, volume: 0, trades: 0 };
}

/** `interval`: an index into the wire's `CANDLE_INTERVALS`. */
export class Candles implements TickStage {
  readonly stores: readonly Store[];
  /** The candles of a minute are complete. Those of longer intervals lack the running minute. */
  readonly series: CandleSeries;
  readonly #minute = createCandle();

  constructor(view: CoreView) {
    this.series = new CandleSeries(view);
    this.stores = this.series.stores;
  }

  onTick({ events, timestamp, trades }: TickOutput): void {
    const minute = Math.floor(timestamp / MINUTE_MS);
    let symbol = -1;
    let place = NO_CANDLE;
    for (let i = 0; i < trades.count; i++) {
      const e = trades.at(i);
      const traded = events.symbol(events.order(e));
      // An order has many trades in one candle, so the candle is looked for once.
      if (traded !== symbol) {
        symbol = traded;
        place = this.#placeOf(symbol, minute);
      }
      this.series.addTrade(place, events.tradePrice(e), events.tradeQuantity(e));
    }
  }

  /** The place of the symbol's candle of `minute`, which is begun if there is none. */
  #placeOf(symbol: number, minute: number): number {
    const { series } = this;
    const newest = series.newest(symbol, ONE_MINUTE);
    if (newest !== NO_CANDLE) {
      if (series.start(newest) === minute) return newest;
      this.#addToLonger(symbol, newest);
    }
    return series.append(symbol, ONE_MINUTE, minute);
  }

  #addToLonger(symbol: number, ended: number): void {
    const { series } = this;
    for (let interval = ONE_MINUTE + 1; interval < INTERVAL_MINUTES.length; interval++) {
      const start = startOf(interval, series.start(ended));
      let place = series.newest(symbol, interval);
      if (place === NO_CANDLE || series.start(place) !== start) {
        place = series.append(symbol, interval, start);
      }
      series.addCandle(place, ended);
    }
  }

  /** Fills `target` with the symbol's newest candle. False when the symbol has never traded. */
  readNewest(target: CandleFields, symbol: number, interval: number): boolean {
    const { series } = this;
    const running = series.newest(symbol, ONE_MINUTE);
    if (running === NO_CANDLE) return false;
    if (interval === ONE_MINUTE) {
      series.read(target, running);
      return true;
    }
    series.read(this.#minute, running);
    const start = startOf(interval, series.start(running));
    const longer = series.newest(symbol, interval);
    if (longer !== NO_CANDLE && series.start(longer) === start) {
      series.read(target, longer);
      addMinute(target, this.#minute);
    } else {
      Object.assign(target, this.#minute);
      target.start = start * MINUTE_MS;
    }
    return true;
  }

  /** Fills `target` with the candle that begins at `start`, milliseconds since 1970; false when it is not kept. */
  read(target: CandleFields, symbol: number, interval: number, start: number): boolean {
    if (!this.readNewest(target, symbol, interval) || target.start < start) return false;
    if (target.start === start) return true;
    const { series } = this;
    const oldest = series.oldest(symbol, interval);
    for (let i = series.count(symbol, interval) - 1; i >= oldest; i--) {
      const place = series.place(symbol, interval, i);
      if (series.start(place) * MINUTE_MS > start) continue;
      series.read(target, place);
      return target.start === start;
    }
    return false;
  }

  /** The candles that begin before `before` (milliseconds since 1970), newest first, at most `limit`. */
  list(symbol: number, interval: number, limit: number, before = Infinity): CandleFields[] {
    const newest = createCandle();
    if (limit < 1 || !this.readNewest(newest, symbol, interval)) return [];
    const { series } = this;
    const list = newest.start < before ? [newest] : [];
    const oldest = series.oldest(symbol, interval);
    for (let i = series.count(symbol, interval) - 1; i >= oldest && list.length < limit; i--) {
      const place = series.place(symbol, interval, i);
      const start = series.start(place) * MINUTE_MS;
      if (start >= before || start === newest.start) continue;
      const candle = createCandle();
      series.read(candle, place);
      list.push(candle);
    }
    return list;
  }
}

/** When the interval begins that `minute` is in. Both in minutes since 1970; days begin at midnight UTC. */
function startOf(interval: number, minute: number): number {
  return minute - (minute % INTERVAL_MINUTES[interval]);
}

function addMinute(candle: CandleFields, later: CandleFields): void {
  candle.high = Math.max(candle.high, later.high);
  candle.low = Math.min(candle.low, later.low);
  candle.close = later.close;
  candle.volume += later.volume;
  candle.trades += later.trades;
}
