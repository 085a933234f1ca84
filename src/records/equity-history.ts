/**
 * What an account was worth at the end of each minute or day. It is worked out backwards from what the account has now,
 * with the changes that are kept of it (`change-log.ts`) and the candles of what it held. So nothing needs to be kept
 * for minutes in which only prices moved.
 */
import { INTERVAL_MINUTES, MINUTE_MS, NO_CANDLE, ONE_DAY, ONE_MINUTE } from "./candle-series.ts";
import type { Candles } from "./candles.ts";
import { type ChangeLog, createBefore, NO_SYMBOL } from "./change-log.ts";
import { type AccountFigures, type Equity, worth } from "./equity.ts";

/** Prices that one request looks at. So accounts with very many positions get a shorter past. */
const LOOKS_MAX = 200_000;

export interface EquityPoint extends AccountFigures {
  /** When the minute or day begins at whose end this was so, milliseconds since 1970. */
  start: number;
  /** Of the positions, cents. */
  value: number;
}

export interface HistoryQuestion {
  account: number;
  /** Index of the interval: of a minute, or of a day. */
  interval: number;
  /** Milliseconds since 1970. */
  now: number;
  /** Only of minutes or days that begin before it, milliseconds since 1970. */
  before: number;
  /** Points, at most. */
  limit: number;
}

interface Parts {
  equity: Equity;
  candles: Candles;
}

/** Points, newest first: of every minute or day in which the account or the price of what it held changed. */
export function equityHistory(parts: Parts, question: HistoryQuestion): EquityPoint[] {
  const past = new Past(parts, question.account, question.interval, question.now);
  const points: EquityPoint[] = [];
  while (points.length < question.limit) {
    const unit = past.lastChange();
    if (unit === null) break;
    const start = unit * past.unitMs;
    if (start < question.before) points.push(past.point(start));
    if (!past.goBefore(unit)) break;
  }
  return points;
}

/** As `equityHistory`, of the end of the day before `now`'s; null when that is not known any more. */
export function endOfYesterday(parts: Parts, account: number, now: number): EquityPoint | null {
  const past = new Past(parts, account, ONE_DAY, now);
  const today = Math.floor(now / past.unitMs);
  if (parts.equity.days.forgotten(account) >= today) return null;
  for (let unit = past.lastChange(); unit !== null && unit >= today; unit = past.lastChange()) {
    if (!past.goBefore(unit)) return null;
  }
  return past.isKnown() ? past.point((today - 1) * past.unitMs) : null;
}

/** An account at the end of a unit of time, which goes back. */
class Past {
  readonly unitMs: number;
  readonly #parts: Parts;
  readonly #account: number;
  readonly #interval: number;
  readonly #log: ChangeLog;
  readonly #figures: AccountFigures;
  readonly #quantities = new Map<number, number>();
  readonly #prices = new Map<number, PastPrice>();
  readonly #before = createBefore();
  #entry: number;
  /** The unit at whose end it is. */
  #unit: number;
  #looks = 0;

  constructor(parts: Parts, account: number, interval: number, now: number) {
    const { equity } = parts;
    this.#parts = parts;
    this.#account = account;
    this.#interval = interval;
    this.unitMs = (INTERVAL_MINUTES[interval] as number) * MINUTE_MS;
    this.#log = interval === ONE_MINUTE ? equity.minutes : equity.days;
    this.#figures = equity.account(account);
    for (const { symbol, quantity } of equity.positions(account)) {
      if (quantity !== 0) this.#quantities.set(symbol, quantity);
    }
    this.#entry = this.#log.newest(account);
    const newest = this.#entry === 0 ? 0 : this.#log.unit(this.#entry);
    this.#unit = Math.max(Math.floor(now / this.unitMs), newest);
  }

  /** The last unit up to here in which something changed; null when there is none, or nobody knows. */
  lastChange(): number | null {
    let last = this.#entry === 0 ? -1 : this.#log.unit(this.#entry);
    for (const symbol of this.#quantities.keys()) {
      if (++this.#looks > LOOKS_MAX) return null;
      const { unit } = this.#price(symbol);
      if (unit === UNKNOWN) return null;
      last = Math.max(last, unit);
    }
    return last < 0 || last < this.#log.forgotten(this.#account) ? null : last;
  }

  /** Whether all that it shows is known. */
  isKnown(): boolean {
    const prices = [...this.#quantities.keys()].map((symbol) => this.#price(symbol));
    return this.#looks <= LOOKS_MAX && prices.every(({ unit }) => unit !== UNKNOWN);
  }

  point(start: number): EquityPoint {
    let value = 0;
    for (const [symbol, quantity] of this.#quantities) {
      value += worth(quantity, this.#price(symbol).price);
    }
    return { start, value, ...this.#figures };
  }

  /** Goes to the end of the unit before `unit`; false when what was then is forgotten. */
  goBefore(unit: number): boolean {
    const log = this.#log;
    const before = this.#before;
    while (this.#entry !== 0 && log.unit(this.#entry) >= unit) {
      log.read(before, this.#entry);
      const { cash, deposits, realised, fees } = before;
      Object.assign(this.#figures, { cash, deposits, realised, fees });
      if (before.symbol !== NO_SYMBOL) this.#setQuantity(before.symbol, before.quantity);
      this.#entry = log.older(this.#entry);
    }
    this.#unit = unit - 1;
    return log.forgotten(this.#account) < unit;
  }

  #setQuantity(symbol: number, quantity: number): void {
    if (quantity === 0) this.#quantities.delete(symbol);
    else this.#quantities.set(symbol, quantity);
  }

  #price(symbol: number): PastPrice {
    let price = this.#prices.get(symbol);
    if (price === undefined) {
      price = new PastPrice(this.#parts.candles, symbol, this.#interval);
      this.#prices.set(symbol, price);
    }
    price.goTo(this.#unit);
    return price;
  }
}

/** The last price is from before what is kept. */
const UNKNOWN = -2;

/** The last price of a symbol at the end of a unit of time, which goes back. */
class PastPrice {
  /** 0: nothing had traded. */
  price = 0;
  /** The unit of the last trade; -1: there was none, UNKNOWN. */
  unit = -1;
  readonly #candles: Candles;
  readonly #symbol: number;
  readonly #interval: number;
  #index: number;

  constructor(candles: Candles, symbol: number, interval: number) {
    this.#candles = candles;
    this.#symbol = symbol;
    this.#interval = interval;
    this.#index = candles.series.count(symbol, interval) - 1;
    this.#readRunningMinute();
  }

  /** The running minute is not yet in the candles of longer intervals: it is read first. */
  #readRunningMinute(): void {
    const { series } = this.#candles;
    const newest = series.newest(this.#symbol, ONE_MINUTE);
    if (newest === NO_CANDLE) return;
    this.#read(newest);
  }

  goTo(unit: number): void {
    const { series } = this.#candles;
    while (this.unit > unit) {
      const index = this.#index--;
      if (index < 0) {
        this.price = 0;
        this.unit = -1;
      } else if (index < series.oldest(this.#symbol, this.#interval)) {
        this.unit = UNKNOWN;
      } else {
        this.#read(series.place(this.#symbol, this.#interval, index));
      }
    }
  }

  #read(place: number): void {
    const { series } = this.#candles;
    this.price = series.close(place);
    this.unit = Math.floor(series.start(place) / (INTERVAL_MINUTES[this.#interval] as number));
  }
}
