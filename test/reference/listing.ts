/** A symbol: its rules, its last trade, its resting orders and waiting stops. */
import { OrderType, PRICE_MAX, Side, SymbolState } from "../../src/core/command.ts";
import { nameIn, type SymbolView } from "./exchange-event.ts";
import { byPriority, byTrigger, type Order, restingViewOf } from "./order.ts";

/** The limits that protect a symbol; 0 switches one off. */
export interface Protection {
  /** The most open orders of one account. */
  openOrdersMax: number;
  notionalMax: number;
  /**
   * If the price moves by more than this many basis points within the window, the symbol pauses, and an
   * auction opens it again.
   */
  moveBps: number;
  windowMs: number;
  pauseMs: number;
  auctionMs: number;
}

/** The rules that symbols are listed with and that the operator may set. */
export interface Rules {
  quantityMax: number;
  bandBps: number;
  /** How long the band's reference stays the same; 0 = it is always the last trade. */
  bandMs: number;
  protection: Protection;
}

/** A window consists of this many steps, and of the step of the last price. */
const WINDOW_STEPS = 16;

export const UNPROTECTED: Protection = {
  openOrdersMax: 0,
  notionalMax: 0,
  moveBps: 0,
  windowMs: 0,
  pauseMs: 0,
  auctionMs: 0,
};

/** What decides how far an order may go from the market. */
type Ask = Pick<Order, "type" | "side" | "price" | "stopPrice">;

/** Without a band, a STOP to buy may trade up to its stop price times this number. */
const STOP_CAP_FACTOR = 2;

const PAGE_PRICES = 256;

/** The page of 256 prices of a side, or of the stop prices of its stops. */
const pageOf = ({ side, pending, price, stopPrice }: Order): string =>
  `${side} ${pending} ${Math.floor((pending ? stopPrice : price) / PAGE_PRICES)}`;

export class Listing implements Rules {
  state: number = SymbolState.TRADING;
  increment = 1;
  quantityMax = 0;
  bandBps = 0;
  bandMs = 0;
  protection: Protection = UNPROTECTED;
  /** 0 = none yet. */
  reference = 0;
  /** The time of the current command. */
  now = 0;
  /** The fixed reference of the band, and the trades since the moment from which it holds. */
  #held = 0;
  #since: { time: number; notional: bigint; quantity: bigint } | undefined;
  last: { price: number; quantity: number; timestamp: number } | null = null;
  /**
   * The prices that a new price is compared with for a pause: the price that held before the window's first
   * step, and the prices recorded since, with their times. If empty, the window starts with the next price.
   */
  window: { price: number; time: number }[] = [];
  /** When a pause or an auction ends; 0 = it does not end by itself. */
  due = 0;
  /**
   * The work of this symbol's stops in the current command. Before version 1 of the rules: how many stops
   * triggered.
   */
  work = 0;
  /** From version 1: prices of trades whose stops have not all triggered yet. */
  elected: number[] = [];
  /** From version 1: whether a trade was too far from another one in the window. */
  #moved = false;
  /** By side, in order of priority. */
  readonly #sides: [Order[], Order[]] = [[], []];
  /** By side, in the order in which they trigger. */
  readonly #stops: [Order[], Order[]] = [[], []];

  /** From version 1: by page, the order whose account the page is counted for. */
  readonly #holders = new Map<string, Order>();

  constructor(
    readonly number: number,
    readonly rules: { version: number },
  ) {}

  side(side: number): Order[] {
    return this.#sides[side === Side.BUY ? 0 : 1];
  }

  stops(side: number): Order[] {
    return this.#stops[side === Side.BUY ? 0 : 1];
  }

  add(order: Order): void {
    const orders = this.#placeOf(order);
    const before = order.pending ? byTrigger : byPriority;
    orders.splice(orders.findLastIndex((each) => before(each, order) < 0) + 1, 0, order);
    if (this.rules.version > 0 && !this.#holders.has(pageOf(order))) this.#hold(order);
  }

  remove(order: Order): void {
    const orders = this.#placeOf(order);
    orders.splice(orders.indexOf(order), 1);
    const page = pageOf(order);
    if (this.#holders.get(page) !== order) return;
    this.#holders.delete(page);
    const heir = orders.find((each) => pageOf(each) === page);
    if (heir !== undefined) this.#hold(heir);
  }

  #hold(order: Order): void {
    this.#holders.set(pageOf(order), order);
  }

  /** Version 1 of the rules begins: each page is counted for the account of its first order. */
  shareOut(): void {
    const places = [Side.BUY, Side.SELL].flatMap((side) => [this.side(side), this.stops(side)]);
    for (const order of places.flat()) if (!this.#holders.has(pageOf(order))) this.#hold(order);
  }

  /** Whether the page becomes free when the order leaves. */
  isAloneOnPage(order: Order): boolean {
    return this.#placeOf(order).every((each) => each === order || pageOf(each) !== pageOf(order));
  }

  /** How many pages are counted for the account. */
  pagesOf(account: number): number {
    return [...this.#holders.values()].filter((order) => order.account === account).length;
  }

  #placeOf(order: Order): Order[] {
    return order.pending ? this.stops(order.side) : this.side(order.side);
  }

  /** Whether orders gather without matching. */
  get gathers(): boolean {
    return this.state === SymbolState.PRE_OPEN || this.state === SymbolState.AUCTION;
  }

  get isBanded(): boolean {
    return this.bandBps !== 0 && this.#bandReference() !== 0;
  }

  /** The lowest and highest price of an order: the band, rounded outwards, within 1 … PRICE_MAX. */
  band(): { low: number; high: number } {
    if (!this.isBanded) return { low: 1, high: PRICE_MAX };
    const reference = this.#bandReference();
    const width = Number((BigInt(reference) * BigInt(this.bandBps) + 9_999n) / 10_000n);
    return {
      low: Math.max(1, reference - width),
      high: Math.min(PRICE_MAX, reference + width),
    };
  }

  get #isHeld(): boolean {
    return this.bandBps !== 0 && this.bandMs !== 0;
  }

  /** The mean price of the trades in the window. It is used once the window is over. */
  #bandReference(): number {
    if (!this.#isHeld) return this.reference;
    if (this.#since === undefined || this.now < this.#since.time + this.bandMs) return this.#held;
    const { notional, quantity } = this.#since;
    return Number((2n * notional + quantity) / (2n * quantity));
  }

  /** Sets a new reference. Its window begins with the next trade. */
  #setReference(price: number): void {
    this.#held = price;
    this.#since = undefined;
  }

  setBand(bandBps: number, bandMs: number, reference: number): void {
    const wasHeld = this.#isHeld;
    if (this.#isOver()) this.#setReference(this.#bandReference());
    this.bandBps = bandBps;
    this.bandMs = bandMs;
    if (reference !== 0) this.reference = reference;
    if (!this.#isHeld) this.#setReference(0);
    else if (!wasHeld || reference !== 0) this.#setReference(this.reference);
  }

  #isOver(): boolean {
    return this.#since !== undefined && this.now >= this.#since.time + this.bandMs;
  }

  /** Records trades: `quantity` shares for `notional`. The last price, or the auction's price, is `price`. */
  #moveBand(price: number, notional: bigint, quantity: bigint, isAuction: boolean): void {
    if (!this.#isHeld) return;
    if (this.#isOver()) this.#setReference(this.#bandReference());
    if (isAuction || this.#held === 0) this.#setReference(price);
    if (isAuction) return;
    this.#since ??= { time: this.now, notional: 0n, quantity: 0n };
    if (this.#since.notional + notional > Number.MAX_SAFE_INTEGER) return;
    this.#since.notional += notional;
    this.#since.quantity += quantity;
  }

  /** The price that an order without a limit may trade up to. */
  edge(side: number): number {
    const { low, high } = this.band();
    return side === Side.BUY ? high : low;
  }

  /** The worst price of an order. The account must be able to pay it. */
  limitOf({ type, side, price, stopPrice }: Ask): number {
    if (type === OrderType.MARKET) return this.edge(side);
    if (type !== OrderType.STOP) return price;
    if (side === Side.SELL) return 1;
    if (this.isBanded && this.rules.version > 0) return this.band().high;
    return this.isBanded
      ? Math.max(this.band().high, stopPrice)
      : Math.min(PRICE_MAX, stopPrice * STOP_CAP_FACTOR);
  }

  /** The total of the orders at a price of a side. */
  totalAt(side: number, price: number): number {
    const there = this.side(side).filter((order) => order.price === price);
    return there.reduce((total, { remaining }) => total + remaining, 0);
  }

  /**
   * Records the trades of a command, of a triggered stop, or of an auction: the prices, the quantity of the
   * last trade, and the total of all of them. Under rules before version 1 only the last trade counts.
   */
  traded(
    prices: readonly number[],
    quantity: number,
    timestamp: number,
    all: { notional: bigint; quantity: bigint } | "AUCTION",
  ): void {
    const price = prices.at(-1) ?? 0;
    if (all === "AUCTION") this.#moveBand(price, 0n, 0n, true);
    else this.#moveBand(price, all.notional, all.quantity, false);
    const isMeasured = this.protection.moveBps !== 0;
    if (this.rules.version > 0) {
      this.elected.push(...prices);
      if (isMeasured) for (const each of prices) this.#measure(each, timestamp);
    } else if (isMeasured) {
      this.#slideWindow(price, timestamp);
    }
    this.last = { price, quantity, timestamp };
    this.reference = price;
  }

  /**
   * The window holds the trades since its first step. When it starts again, it also takes the last trade
   * before it.
   */
  #measure(price: number, time: number): void {
    const first = this.#stepOf(time) - WINDOW_STEPS;
    const before =
      this.window.length > 0 || this.last === null
        ? this.window
        : [{ price: this.last.price, time: this.last.timestamp }];
    const since = before.filter((each) => this.#stepOf(each.time) >= first);
    if (since.some((each) => this.#isFar(price, each.price))) this.#moved = true;
    this.window = [...since, { price, time }];
  }

  #stepOf(time: number): number {
    return Math.floor(time / Math.max(1, Math.ceil(this.protection.windowMs / WINDOW_STEPS)));
  }

  /** Whether two prices are too far apart. */
  #isFar(price: number, other: number): boolean {
    const moved = BigInt(Math.abs(price - other));
    return moved * 10_000n > BigInt(this.protection.moveBps) * BigInt(other);
  }

  /** Empties the window. It starts again with the next price. */
  forgetPrices(): void {
    this.window = [];
    this.#moved = false;
  }

  /** For rules before version 1: when the window starts again, it begins with the last price before it. */
  #slideWindow(price: number, time: number): void {
    const stepOf = (at: number): number => this.#stepOf(at);
    const first = stepOf(time) - WINDOW_STEPS;
    const stood = { price: this.last?.price ?? price, time: Number.NEGATIVE_INFINITY };
    const all = [...(this.window.length === 0 ? [stood] : this.window), { price, time }];
    const before = all.filter((each) => stepOf(each.time) < first).slice(-1);
    const since = all.filter((each) => stepOf(each.time) >= first);
    this.window = [...before, ...since];
  }

  /** Whether the last price is too far from the lowest or the highest price of the window. */
  hasMoved(): boolean {
    const { moveBps } = this.protection;
    if (moveBps === 0 || this.window.length === 0 || this.last === null) return false;
    if (this.rules.version > 0) return this.#moved;
    const { price: last } = this.last;
    const prices = this.window.map(({ price }) => price);
    return [Math.min(...prices), Math.max(...prices)].some((extreme) => this.#isFar(last, extreme));
  }

  /** From version 2: the last price keeps triggering stops, even after the first of them move the price away. */
  beginCascade(): void {
    if (this.elected.length === 0 && this.last !== null) this.elected.push(this.last.price);
  }

  /** The stop that triggers next: buys before sells. */
  reached(): Order | undefined {
    if (this.last === null) return undefined;
    const prices = [this.last.price, ...this.elected];
    const [buy] = this.stops(Side.BUY);
    if (buy !== undefined && prices.some((price) => buy.stopPrice <= price)) return buy;
    const [sell] = this.stops(Side.SELL);
    const isReached = sell !== undefined && prices.some((price) => sell.stopPrice >= price);
    return isReached ? sell : undefined;
  }

  view(): SymbolView {
    return {
      symbol: this.number,
      state: nameIn(SymbolState, this.state),
      due: this.due,
      last: this.last,
      reference: this.reference,
      bids: this.side(Side.BUY).map(restingViewOf),
      asks: this.side(Side.SELL).map(restingViewOf),
      stops: [...this.stops(Side.BUY), ...this.stops(Side.SELL)].map(restingViewOf),
    };
  }
}
