/** A symbol: its rules, its last trade, its resting orders and waiting stops. */
import { OrderType, PRICE_MAX, Side, SymbolState } from "../../src/core/command.ts";
import { nameIn, type SymbolView } from "./exchange-event.ts";
import { byPriority, byTrigger, type Order, restingViewOf } from "./order.ts";

/** What guards a symbol; 0 switches one off. */
export interface Protection {
  /** Open orders of one account. */
  openOrdersMax: number;
  notionalMax: number;
  /** A move of more than so many basis points within a window pauses it, and then an auction opens it. */
  moveBps: number;
  windowMs: number;
  pauseMs: number;
  auctionMs: number;
}

/** What symbols are listed with, and may be set. */
export interface Rules {
  quantityMax: number;
  bandBps: number;
  /** How long the band's reference stands still; 0 = it is the last trade. */
  bandMs: number;
  protection: Protection;
}

/** A window is this many steps long, and the one in which the last price was recorded. */
const WINDOW_STEPS = 16;

export const UNPROTECTED: Protection = {
  openOrdersMax: 0,
  notionalMax: 0,
  moveBps: 0,
  windowMs: 0,
  pauseMs: 0,
  auctionMs: 0,
};

/** What says how far an order may go. */
type Ask = Pick<Order, "type" | "side" | "price" | "stopPrice">;

/** Without a band, a STOP to buy goes as high as this many times its stop price. */
const STOP_CAP_FACTOR = 2;

const PAGE_PRICES = 256;

/** Of 256 prices of a side, or stop prices of its stops. */
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
  /** The time of the command in hand. */
  now = 0;
  /** Where the band's reference stands still: what it is, and the trades since it has been, from the first on. */
  #held = 0;
  #since: { time: number; notional: bigint; quantity: bigint } | undefined;
  last: { price: number; quantity: number; timestamp: number } | null = null;
  /**
   * What the price is compared with for a pause: the price that stood before the window's first step, and those
   * recorded since, with their times. Empty: the window begins anew with the next price.
   */
  window: { price: number; time: number }[] = [];
  /** When a pause or an auction ends, 0 = not by itself. */
  due = 0;
  /** Work that stops have been in this command; before version 1 of the rules, how many came in. */
  work = 0;
  /** From version 1: the prices that trades elected stops with which have not all come in. */
  elected: number[] = [];
  /** From version 1: whether a trade was too far from another in the window. */
  #moved = false;
  /** In priority; by side. */
  readonly #sides: [Order[], Order[]] = [[], []];
  /** In the order in which they trigger; by side. */
  readonly #stops: [Order[], Order[]] = [[], []];

  /** From version 1: by page, the order whose account the page counts as. */
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

  /** Version 1 of the rules begins: each page is its first order's. */
  shareOut(): void {
    const places = [Side.BUY, Side.SELL].flatMap((side) => [this.side(side), this.stops(side)]);
    for (const order of places.flat()) if (!this.#holders.has(pageOf(order))) this.#hold(order);
  }

  /** Whether the page is free when the order leaves. */
  isAloneOnPage(order: Order): boolean {
    return this.#placeOf(order).every((each) => each === order || pageOf(each) !== pageOf(order));
  }

  /** Pages that count as the account's. */
  pagesOf(account: number): number {
    return [...this.#holders.values()].filter((order) => order.account === account).length;
  }

  #placeOf(order: Order): Order[] {
    return order.pending ? this.stops(order.side) : this.side(order.side);
  }

  /** Orders gather without matching. */
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

  /** The mean price of the trades in the window, once that is over. */
  #bandReference(): number {
    if (!this.#isHeld) return this.reference;
    if (this.#since === undefined || this.now < this.#since.time + this.bandMs) return this.#held;
    const { notional, quantity } = this.#since;
    return Number((2n * notional + quantity) / (2n * quantity));
  }

  /** The reference is another one from now on, and the window begins with the next trade. */
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

  /** Shares that traded for so much; the last, or all of an auction, at `price`. */
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

  /** How far an order without a limit goes. */
  edge(side: number): number {
    const { low, high } = this.band();
    return side === Side.BUY ? high : low;
  }

  /** How far an order may go, which is what it must be able to pay. */
  limitOf({ type, side, price, stopPrice }: Ask): number {
    if (type === OrderType.MARKET) return this.edge(side);
    if (type !== OrderType.STOP) return price;
    if (side === Side.SELL) return 1;
    if (this.isBanded && this.rules.version > 0) return this.band().high;
    return this.isBanded
      ? Math.max(this.band().high, stopPrice)
      : Math.min(PRICE_MAX, stopPrice * STOP_CAP_FACTOR);
  }

  /** What waits at a price of a side. */
  totalAt(side: number, price: number): number {
    const there = this.side(side).filter((order) => order.price === price);
    return there.reduce((total, { remaining }) => total + remaining, 0);
  }

  /**
   * Trades of a command, of a stop that came in, or of an auction: the prices, and the quantity of the last, and what `all`
   * shares came to. Under
   * rules before version 1 only the last counts.
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

  /** The window is the trades since its first step. One that begins anew takes the last trade before in. */
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

  /** A price is compared with one before. */
  #isFar(price: number, other: number): boolean {
    const moved = BigInt(Math.abs(price - other));
    return moved * 10_000n > BigInt(this.protection.moveBps) * BigInt(other);
  }

  /** The window begins anew with the next price. */
  forgetPrices(): void {
    this.window = [];
    this.#moved = false;
  }

  /** A window that begins anew does so with the last price before it. */
  #slideWindow(price: number, time: number): void {
    const stepOf = (at: number): number => this.#stepOf(at);
    const first = stepOf(time) - WINDOW_STEPS;
    const stood = { price: this.last?.price ?? price, time: Number.NEGATIVE_INFINITY };
    const all = [...(this.window.length === 0 ? [stood] : this.window), { price, time }];
    const before = all.filter((each) => stepOf(each.time) < first).slice(-1);
    const since = all.filter((each) => stepOf(each.time) >= first);
    this.window = [...before, ...since];
  }

  /** Whether the last price is too far from the lowest or the highest of the window. */
  hasMoved(): boolean {
    const { moveBps } = this.protection;
    if (moveBps === 0 || this.window.length === 0 || this.last === null) return false;
    if (this.rules.version > 0) return this.#moved;
    const { price: last } = this.last;
    const prices = this.window.map(({ price }) => price);
    return [Math.min(...prices), Math.max(...prices)].some((extreme) => this.#isFar(last, extreme));
  }

  /** From version 2: the last price goes on triggering stops, wherever the first of them move it. */
  beginCascade(): void {
    if (this.elected.length === 0 && this.last !== null) this.elected.push(this.last.price);
  }

  /** The stop that comes in next: buys before sells. */
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
