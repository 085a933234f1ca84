/**
 * What was deposited to each account, and what the account earned, in whole cents. It is made from the events, so a
 * replay gives it again.
 *
 * The cost of a position is kept as a total and not as an average, so that nothing is rounded. When a part of the
 * position is sold, the same part of its cost goes with it, rounded towards zero. A short position has a negative cost:
 * what it was sold for. Shares are deposited at the last price (0 before the first trade), as if the account had been
 * given that much cash and had bought them. They are withdrawn at the last price, too. So for each account, at any time
 * and any last price:
 *
 * ```
 *  equity   = cash + sum of quantity × last
 *           = deposits + realised + unrealised,   unrealised = sum of quantity × last - cost
 * ```
 *
 * Fees are in `realised`. The fees that the operator's account receives are its own realised profit.
 *
 * No event says the amount of a deposit. It is the difference between what an account has at the end of a tick and what
 * its trades explain. It is looked for only in ticks with a command that is no order.
 */
import { Side } from "../core/command.ts";
import { EventKind, type Events } from "../core/event.ts";
import type { TickOutput, TickStage } from "../core/tick-output.ts";
import type { CoreView } from "../core/view.ts";
import { type Store, store } from "../lib/store.ts";
import { MINUTE_MS } from "./candle-series.ts";
import { ChangeLog, createBefore, NO_SYMBOL } from "./change-log.ts";

const DAY_MS = 86_400_000;
/** The most changes that are kept, in minutes and in days, of all accounts together and of one account. */
const MINUTE_ENTRIES_MAX = 1 << 19;
const MINUTE_ENTRIES_PER_ACCOUNT_MAX = 2048;
const DAY_ENTRIES_MAX = 1 << 19;
const DAY_ENTRIES_PER_ACCOUNT_MAX = 4096;
/** The largest value of a position that is counted: as much as all cash together can be. */
const WORTH_MAX = 2 ** 52 - 1;
const FEE_ACCOUNT = 0;

/** Doubles of an account. */
const CASH = 0;
const DEPOSITS = 1;
const REALISED = 2;
const FEES = 3;
const ACCOUNT_DOUBLES = 4;
/** Doubles of a position. */
const QUANTITY = 0;
const COST = 1;
const P_REALISED = 2;
const P_FEES = 3;
const POSITION_DOUBLES = 4;
/** By log: the unit of the last change. */
const MINUTE = 0;
const DAY = 1;
const UNITS = 2;

export interface AccountFigures {
  /** Cents. */
  cash: number;
  /** Cash and shares that were deposited and not withdrawn, the shares at their price then. */
  deposits: number;
  /** After fees. */
  realised: number;
  fees: number;
}

export interface PositionFigures {
  symbol: number;
  /** Shares; negative = short. */
  quantity: number;
  /** Cents that the shares cost. */
  cost: number;
  realised: number;
  fees: number;
}

export interface EquityOptions {
  /** The most entries of each log: fewer than usual in tests and the warm-up. */
  entriesMax?: number;
}

export class Equity implements TickStage {
  readonly stores: readonly Store[];
  readonly minutes: ChangeLog;
  readonly days: ChangeLog;
  readonly #view: CoreView;
  readonly #accounts: Float64Array;
  readonly #positions: Float64Array;
  /** By account and by position: the unit of the last change, for each log. */
  readonly #accountUnits: Int32Array;
  readonly #positionUnits: Int32Array;
  /** [0] 1: the figures are complete, from the first tick on or since `restored` took over an old snapshot. */
  readonly #head = new Int32Array(2);
  /** By log, the unit of the present tick. */
  readonly #units = new Int32Array(UNITS);
  readonly #before = createBefore();

  constructor(view: CoreView, { entriesMax = Number.POSITIVE_INFINITY }: EquityOptions = {}) {
    this.#view = view;
    this.#accounts = new Float64Array(view.accountsMax * ACCOUNT_DOUBLES);
    this.#positions = new Float64Array(view.positionsMax * POSITION_DOUBLES);
    this.#accountUnits = new Int32Array(view.accountsMax * UNITS);
    this.#positionUnits = new Int32Array(view.positionsMax * UNITS);
    this.minutes = new ChangeLog(view, {
      name: "equity-minutes",
      entriesMax: Math.min(entriesMax, MINUTE_ENTRIES_MAX),
      perAccountMax: MINUTE_ENTRIES_PER_ACCOUNT_MAX,
    });
    this.days = new ChangeLog(view, {
      name: "equity-days",
      entriesMax: Math.min(entriesMax, DAY_ENTRIES_MAX),
      perAccountMax: DAY_ENTRIES_PER_ACCOUNT_MAX,
    });
    const { nextAccount, positionsEnd } = view;
    this.stores = [
      store("equity-head", this.#head),
      store("equity-accounts", this.#accounts, () => nextAccount() * ACCOUNT_DOUBLES * 2),
      store("equity-positions", this.#positions, () => positionsEnd() * POSITION_DOUBLES * 2),
      store("equity-account-units", this.#accountUnits, () => nextAccount() * UNITS),
      store("equity-position-units", this.#positionUnits, () => positionsEnd() * UNITS),
      ...this.minutes.stores,
      ...this.days.stores,
    ];
  }

  onTick({ events, timestamp, trades, hasDone, holdings }: TickOutput): void {
    this.#head[0] = 1;
    this.#units[MINUTE] = Math.floor(timestamp / MINUTE_MS);
    this.#units[DAY] = Math.floor(timestamp / DAY_MS);
    for (let i = 0; i < trades.count; i++) this.#onTrade(events, trades.at(i));
    if (hasDone) this.#onHoldings(events, holdings);
  }

  #onHoldings(events: Events, first: number): void {
    const end = events.end();
    for (let e = first; e < end; e = events.next(e)) {
      const kind = events.kind(e);
      if (kind === EventKind.CASH) this.#onCash(events, e);
      else if (kind === EventKind.POSITION) this.#onPosition(events, e);
    }
  }

  #onTrade(events: Events, e: number): void {
    const taker = events.order(e);
    const maker = events.maker(e);
    const price = events.tradePrice(e);
    const quantity = events.tradeQuantity(e);
    const fees = events.fee(e, taker) + events.fee(e, maker);
    this.#trade(events, taker, price, quantity, events.fee(e, taker));
    this.#trade(events, maker, price, quantity, events.fee(e, maker));
    if (fees === 0) return;
    this.#noteAccount(FEE_ACCOUNT);
    this.#accounts[CASH] += fees;
    this.#accounts[REALISED] += fees;
  }

  #trade(events: Events, o: number, price: number, quantity: number, fee: number): void {
    const account = events.account(o);
    const position = events.position(o);
    const bought = events.side(o) === Side.BUY ? quantity : -quantity;
    this.#notePosition(account, position, events.symbol(o));
    this.#move(account, position, bought, price);
    const a = account * ACCOUNT_DOUBLES;
    const p = position * POSITION_DOUBLES;
    this.#accounts[a + CASH] -= bought * price + fee;
    if (fee === 0) return;
    this.#accounts[a + REALISED] -= fee;
    this.#accounts[a + FEES] += fee;
    this.#positions[p + P_REALISED] -= fee;
    this.#positions[p + P_FEES] += fee;
  }

  /** Adds shares to a position at a price, or takes them off (negative): cost changes, and profit may be realised. */
  #move(account: number, position: number, shares: number, price: number): void {
    const positions = this.#positions;
    const p = position * POSITION_DOUBLES;
    const held = positions[p + QUANTITY];
    if (held * shares >= 0) {
      positions[p + QUANTITY] = held + shares;
      positions[p + COST] += shares * price;
      return;
    }
    const closed = Math.abs(shares) < Math.abs(held) ? shares : -held;
    const cost = partOf(positions[p + COST], Math.abs(closed), Math.abs(held));
    const realised = -closed * price - cost;
    positions[p + P_REALISED] += realised;
    this.#accounts[account * ACCOUNT_DOUBLES + REALISED] += realised;
    positions[p + QUANTITY] = held + shares;
    positions[p + COST] += (shares - closed) * price - cost;
  }

  /** Cash that the trades do not explain was deposited or withdrawn. */
  #onCash(events: Events, e: number): void {
    const account = events.holdingAccount(e);
    const a = account * ACCOUNT_DOUBLES;
    const change = events.available(e) + events.reserved(e) - this.#accounts[a + CASH];
    if (change === 0) return;
    this.#noteAccount(account);
    this.#accounts[a + CASH] += change;
    this.#accounts[a + DEPOSITS] += change;
  }

  #onPosition(events: Events, e: number): void {
    const position = events.holdingPosition(e);
    const held = this.#positions[position * POSITION_DOUBLES + QUANTITY];
    const shares = events.available(e) + events.reserved(e) - held;
    if (shares === 0) return;
    const account = events.holdingAccount(e);
    const symbol = events.holdingSymbol(e);
    this.#notePosition(account, position, symbol);
    this.#deposit(account, position, symbol, shares);
  }

  #deposit(account: number, position: number, symbol: number, shares: number): void {
    const price = this.#depositPrice(symbol, shares);
    this.#move(account, position, shares, price);
    this.#accounts[account * ACCOUNT_DOUBLES + DEPOSITS] += shares * price;
  }

  /**
   * The price at which shares are deposited: the last price. It is 0 before the first trade, and where so many shares
   * would be worth more than all cash together can be.
   */
  #depositPrice(symbol: number, shares: number): number {
    const price = this.#view.lastTrade(symbol)?.price ?? 0;
    return Math.abs(shares) * price <= WORTH_MAX ? price : 0;
  }

  #noteAccount(account: number): void {
    const units = this.#accountUnits;
    const u = account * UNITS;
    const [minute, day] = this.#units;
    if (units[u + MINUTE] !== minute) {
      units[u + MINUTE] = minute;
      this.#note(this.minutes, minute, account, NO_SYMBOL, 0);
    }
    if (units[u + DAY] !== day) {
      units[u + DAY] = day;
      this.#note(this.days, day, account, NO_SYMBOL, 0);
    }
  }

  #notePosition(account: number, position: number, symbol: number): void {
    const units = this.#positionUnits;
    const u = position * UNITS;
    const minute = this.#units[MINUTE];
    if (units[u + MINUTE] === minute) return;
    units[u + MINUTE] = minute;
    const quantity = this.#positions[position * POSITION_DOUBLES + QUANTITY];
    this.#note(this.minutes, minute, account, symbol, quantity);
    this.#accountUnits[account * UNITS + MINUTE] = minute;
    const day = this.#units[DAY];
    if (units[u + DAY] === day) return;
    units[u + DAY] = day;
    this.#note(this.days, day, account, symbol, quantity);
    this.#accountUnits[account * UNITS + DAY] = day;
  }

  #note(log: ChangeLog, unit: number, account: number, symbol: number, quantity: number): void {
    const before = this.#before;
    const a = account * ACCOUNT_DOUBLES;
    before.unit = unit;
    before.symbol = symbol;
    before.quantity = quantity;
    before.cash = this.#accounts[a + CASH];
    before.deposits = this.#accounts[a + DEPOSITS];
    before.realised = this.#accounts[a + REALISED];
    before.fees = this.#accounts[a + FEES];
    log.add(account, before);
  }

  account(account: number): AccountFigures {
    const a = account * ACCOUNT_DOUBLES;
    const [cash, deposits, realised, fees] = this.#accounts.subarray(a, a + ACCOUNT_DOUBLES);
    return { cash, deposits, realised, fees };
  }

  /** The account's positions that have shares, a realised profit or fees, the newest first. */
  positions(account: number): PositionFigures[] {
    const list: PositionFigures[] = [];
    this.#view.walkPositions(account, (position, symbol) => {
      const p = position * POSITION_DOUBLES;
      const quantity = this.#positions[p + QUANTITY];
      const cost = this.#positions[p + COST];
      const realised = this.#positions[p + P_REALISED];
      const fees = this.#positions[p + P_FEES];
      if (quantity === 0 && realised === 0 && fees === 0) return;
      list.push({ symbol, quantity, cost, realised, fees });
    });
    return list;
  }

  /**
   * The stores have been filled from a snapshot, or emptied. A snapshot of an older program has no such figures: what
   * the accounts have in it counts as deposited, at the prices of that moment.
   */
  restored(): void {
    const { nextAccount, tick, timestamp } = this.#view;
    if (this.#head[0] !== 0 || tick() === 0) return;
    this.#head[0] = 1;
    for (let account = 0; account < nextAccount(); account++) {
      this.#takeOver(account);
      this.minutes.forget(account, Math.floor(timestamp() / MINUTE_MS));
      this.days.forget(account, Math.floor(timestamp() / DAY_MS));
    }
  }

  #takeOver(account: number): void {
    const view = this.#view;
    const cash = view.cashAvailable(account) + view.cashReserved(account);
    this.#accounts[account * ACCOUNT_DOUBLES + CASH] = cash;
    this.#accounts[account * ACCOUNT_DOUBLES + DEPOSITS] = cash;
    view.walkPositions(account, (position, symbol, shares) => {
      if (shares !== 0) this.#deposit(account, position, symbol, shares);
    });
  }
}

/** What so many shares are worth at a price, in cents, limited to WORTH_MAX. */
export function worth(quantity: number, price: number): number {
  return Math.max(-WORTH_MAX, Math.min(WORTH_MAX, quantity * price));
}

/** cost × part / whole towards zero, exact for safe integers. */
export function partOf(cost: number, part: number, whole: number): number {
  if (part === whole) return cost;
  const product = cost * part;
  // Adding 0 turns -0 into 0.
  if (Number.isSafeInteger(product)) return Math.trunc(product / whole) + 0;
  return Number((BigInt(cost) * BigInt(part)) / BigInt(whole));
}
