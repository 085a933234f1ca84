/**
 * What an account was worth at the end of each minute or day. This is computed backwards from what the account has now,
 * with the changes of its holdings that are kept (`change-log.ts`) and the candles of its symbols. So nothing needs to
 * be kept for minutes in which only prices moved.
 */
import { INTERVAL_MINUTES, MINUTE_MS, NO_CANDLE, ONE_DAY, ONE_MINUTE } from "./candle-series.ts";
import type { Candles } from "./candles.ts";
import { type ChangeLog, createBefore, NO_SYMBOL } from "./change-log.ts";
import { type AccountFigures, type Equity, worth } from "./equity.ts";

/** Prices that one request looks at, at most. So accounts with very many positions get a shorter past. */
const LOOKS_MAX = 200_000;

export interface EquityPoint extends AccountFigures {
  /** The begin of the minute or day, milliseconds since 1970. The figures are those at its end. */
  start: number;
  /** Value of the positions, cents. */
  value: number;
}

export interface HistoryQuestion {
  account: number;
  /** Index of the interval: ONE_MINUTE or ONE_DAY. */
  interval: number;
  /** Milliseconds since 1970. */
  now: number;
  /** Only minutes or days that begin before this time, milliseconds since 1970. */
  before: number;
  /** The most points. */
  limit: number;
}

interface Parts {
  equity: Equity;
  candles: Candles;
}

/** A point for every minute or day in which the account, or the price of what it held, changed. Newest first. */
export function equityHistory(parts: Parts, question: HistoryQuestion): EquityPoint[] {
  const past = new Past(parts, question.account, question.interval, question.now);
  const points: EquityPoint[] = [];
  if (!past.goBefore(Math.ceil(question.before / past.unitMs))) return points;
  while (points.length < question.limit) {
    const unit = past.lastChange();
    if (unit === null) break;
    points.push(past.point(unit * past.unitMs));
    if (!past.goBefore(unit)) break;
  }
  return points;
}

/**
 * What the account was worth at the end of the day before the one of `now` (milliseconds since 1970). Null when that is
 * not known any more.
 */
export function endOfYesterday(parts: Parts, account: number, now: number): EquityPoint | null {
  const past = new Past(parts, account, ONE_DAY, now);
  const today = Math.floor(now / past.unitMs);
  if (!past.goBefore(today) || past.lastTrade() === null) return null;
  return past.point((today - 1) * past.unitMs);
}

/** An account as it was at the end of a unit of time. `goBefore` moves it back in time. */
class Past {
  readonly unitMs: number;
  readonly #parts: Parts;
  readonly #account: number;
  readonly #interval: number;
  readonly #log: ChangeLog;
  readonly #figures: AccountFigures;
  /** By symbol: the index of its position in the next four arrays. */
  readonly #places = new Map<number, number>();
  readonly #quantities: number[] = [];
  readonly #prices: PastPrice[] = [];
  /**
   * The units of the prices (-1 where the quantity is 0), and the values of the positions. They lie side by side,
   * because every point looks at all of them.
   */
  readonly #units: number[] = [];
  readonly #values: number[] = [];
  readonly #before = createBefore();
  #entry: number;
  /** The account is shown as at the end of this unit. */
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
      if (quantity !== 0) this.#setQuantity(symbol, quantity);
    }
    this.#entry = this.#log.newest(account);
    const newest = this.#entry === 0 ? 0 : this.#log.unit(this.#entry);
    this.#unit = Math.max(Math.floor(now / this.unitMs), newest);
  }

  /** The last unit, up to the present one, in which something changed. Null when there is none, or it is not known. */
  lastChange(): number | null {
    this.#looks += this.#units.length;
    if (this.#looks > LOOKS_MAX) return null;
    const traded = this.lastTrade();
    if (traded === null) return null;
    const last = Math.max(traded, this.#entry === 0 ? -1 : this.#log.unit(this.#entry));
    return last < 0 || last < this.#log.forgotten(this.#account) ? null : last;
  }

  /**
   * The last unit, up to the present one, in which a symbol that the account holds was traded; -1 when there is none.
   * Null when a price is not known.
   */
  lastTrade(): number | null {
    let last = -1;
    for (let i = 0; i < this.#units.length; i++) {
      if (this.#units[i] > this.#unit) this.#goBack(i);
      const unit = this.#units[i];
      if (unit === UNKNOWN) return null;
      if (unit > last) last = unit;
    }
    return last;
  }

  /**
   * The account at the end of the present unit, which begins at `start`. Call `lastChange` or `lastTrade` before, and
   * only when that did not give null.
   */
  point(start: number): EquityPoint {
    let value = 0;
    for (const each of this.#values) value += each;
    return { start, value, ...this.#figures };
  }

  /** Goes back to the end of the unit before `unit`, or stays if it is there. False when that past is forgotten. */
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
    this.#unit = Math.min(this.#unit, unit - 1);
    return log.forgotten(this.#account) < unit;
  }

  #setQuantity(symbol: number, quantity: number): void {
    const place = this.#places.get(symbol) ?? this.#places.size;
    if (place === this.#places.size) {
      this.#places.set(symbol, place);
      this.#prices.push(new PastPrice(this.#parts.candles, symbol, this.#interval));
    }
    this.#quantities[place] = quantity;
    this.#refresh(place);
  }

  #goBack(place: number): void {
    this.#prices[place].goTo(this.#unit);
    this.#refresh(place);
  }

  #refresh(place: number): void {
    const quantity = this.#quantities[place];
    const { unit, price } = this.#prices[place];
    this.#units[place] = quantity === 0 ? -1 : unit;
    this.#values[place] = worth(quantity, price);
  }
}

/** The last price is older than the candles that are kept. */
const UNKNOWN = -2;

/** The last price of a symbol at the end of a unit of time. `goTo` moves it back in time. */
class PastPrice {
  /** Cents; 0 = the symbol had not traded yet. */
  price = 0;
  /** The unit of the last trade; -1 = there was none; or UNKNOWN. */
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
    if (this.unit <= unit) return;
    const { series } = this.#candles;
    const symbol = this.#symbol;
    const oldest = series.oldest(symbol, this.#interval);
    // Nearly always the next candle is the right one. For long ago, it would take long to look at all in between.
    if (this.#index >= oldest && this.#unitAt(this.#index) > unit) {
      this.#index = this.#lastUpTo(unit, oldest);
    }
    const index = this.#index--;
    if (index < 0) {
      this.price = 0;
      this.unit = -1;
    } else if (index < oldest) {
      this.unit = UNKNOWN;
    } else {
      this.#read(series.place(symbol, this.#interval, index));
    }
  }

  /** Index, from `oldest` to `#index`, of the last candle that begins in `unit` or before; `oldest` - 1 = none. */
  #lastUpTo(unit: number, oldest: number): number {
    let low = oldest - 1;
    let high = this.#index;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#unitAt(middle) > unit) high = middle;
      else low = middle;
    }
    return low;
  }

  #unitAt(index: number): number {
    return this.#unitOf(this.#candles.series.place(this.#symbol, this.#interval, index));
  }

  #unitOf(place: number): number {
    const minutes = INTERVAL_MINUTES[this.#interval] as number;
    return Math.floor(this.#candles.series.start(place) / minutes);
  }

  #read(place: number): void {
    this.price = this.#candles.series.close(place);
    this.unit = this.#unitOf(place);
  }
}
