/**
 * Keeps two-sided quotes of several makers in many books, around fair values that wander.
 *
 * While books are built, one request is under way at a time; later a few are, each for another symbol. Each
 * request waits for its turn at the desk. So the rate has an upper bound, whatever the number of symbols and
 * makers, and a slow exchange makes it slower by itself.
 */

import type { PushData } from "../protocol/schemas.ts";
import { type Desk, pickEarly } from "./desk.ts";
import type { Maker } from "./maker.ts";
import type { Market } from "./market.ts";
import { ladder, middleOf, type Quote, type QuoteSide, reconcile } from "./quotes.ts";
import type { Random } from "./random.ts";
import { styleOf } from "./styles.ts";

/**
 * The mean time between two news in milliseconds, and the least and the greatest share by which they move a
 * price.
 */
const NEWS_MEAN_MS = 40_000;
const NEWS_SHARES = [0.02, 0.09] as const;
/** How often the next symbol is one whose team plays. */
const PLAYING_SHARE = 0.35;
/** Symbols whose quotes are moved at once: an exchange that takes a while to answer still has both sides of all books. */
const AT_ONCE = 3;
/**
 * Another trader's price is too good when its distance from the value is less than this part of the closest
 * quote's distance, or when it is beyond the value.
 */
const TOO_GOOD = 0.25;
/** The most lots that a maker takes at once at a price that is too good. */
const TAKEN_LOTS = 5;

export interface QuotingRates {
  /** Requests a second while the books are built. */
  build: number;
  /** Requests a second after that. */
  steady: number;
}

function isOneSided({ bid, ask }: Market): boolean {
  return bid === null || ask === null;
}

export class Quoting {
  readonly #makers: readonly Maker[];
  readonly #markets: readonly Market[];
  readonly #desk: Desk;
  readonly #random: Random;
  readonly #bySymbol: ReadonlyMap<string, Market>;
  readonly #ranks: ReadonlyMap<Market, number>;
  /**
   * Symbols that come before all others: a quote has traded, a side is empty, or somebody's price is too good.
   */
  readonly #urgent = new Set<Market>();
  /** Symbols whose quotes are being moved. */
  readonly #busy = new Set<Market>();
  readonly #begun = Promise.withResolvers<void>();
  /** The reading of open orders that is under way. */
  #catchingUp: Promise<void> | null = null;
  #newsAt = 0;

  /** `markets`: the symbols that should be liveliest come first. */
  constructor(makers: readonly Maker[], markets: readonly Market[], desk: Desk, random: Random) {
    this.#makers = makers;
    this.#markets = markets;
    this.#desk = desk;
    this.#random = random;
    this.#bySymbol = new Map(markets.map((market) => [market.symbol, market]));
    this.#ranks = new Map(markets.map((market, rank) => [market, rank]));
    for (const maker of makers) {
      maker.onFill = (symbol, { side, price, quantity }) => {
        const market = this.#bySymbol.get(symbol);
        if (market === undefined) return;
        market.stir(Date.now());
        market.learnFrom(side, price, quantity / this.#style(market, maker).lot);
        this.#urgent.add(market);
      };
    }
  }

  /** Resolves when every book has had a quote on each side. A taker that begins earlier would empty books. */
  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  /** Called when the top of a book has changed. */
  onBest(best: PushData<"bbo">): void {
    const market = this.#bySymbol.get(best.symbol);
    if (market === undefined) return;
    market.hear(best);
    if (isOneSided(market) || this.#bargain(market) !== null) {
      this.#urgent.add(market);
    }
  }

  #style(market: Market, maker: Maker) {
    return styleOf(this.#ranks.get(market) ?? 0, this.#makers.indexOf(maker));
  }

  /** Goes on from the quotes that are open already, builds the rest, then follows the fair values, for ever. */
  async run(rates: QuotingRates): Promise<never> {
    this.#desk.setRate(rates.build);
    await this.#resume();
    const [first] = this.#makers;
    for (const market of this.#markets) {
      // A close quote in every book before a deep one in any; the next round adds those that were
      // left out.
      if (first?.quotes(market.symbol).length === 0) await this.#follow(market, [first], 1);
    }
    this.#begun.resolve();
    for (const market of this.#markets) {
      await this.#refill();
      await this.#follow(market);
    }
    this.#desk.setRate(rates.steady);
    return await Promise.race(Array.from({ length: AT_ONCE }, () => this.#keepQuoting()));
  }

  async #keepQuoting(): Promise<never> {
    for (;;) {
      // Waits also when no maker has anything to do: otherwise the loop would never yield.
      await this.#desk.turn();
      this.#news();
      const market = this.#next();
      // Another loop is moving its quotes just now.
      if (this.#busy.has(market)) continue;
      this.#busy.add(market);
      market.walk(Date.now());
      await this.#trade(market);
      await this.#follow(market);
      this.#busy.delete(market);
    }
  }

  /** Now and then makes news about a player. */
  #news(): void {
    const now = Date.now();
    if (now < this.#newsAt) return;
    const isFirst = this.#newsAt === 0;
    this.#newsAt = now - Math.log(1 - this.#random()) * NEWS_MEAN_MS;
    if (isFirst) return;
    const market = pickEarly(this.#markets, this.#random);
    const [least, most] = NEWS_SHARES;
    const share = least + (most - least) * this.#random();
    market.shock(this.#random() < 0.5 ? share : -share, now);
    this.#urgent.add(market);
  }

  /** Trades with somebody whose price is too good, and moves the value towards it. */
  async #trade(market: Market): Promise<void> {
    const quote = this.#bargain(market);
    const maker = this.#makers.at(-1);
    if (quote === null || maker === undefined) return;
    const { symbol } = market;
    if (!maker.rests.allows(quote.side, symbol, this.#desk.nowMs())) return;
    await this.#desk.send(maker.rests, symbol, async () => {
      const taken = await maker.take(symbol, quote);
      // A trade with another trader's order counts as activity too.
      if (taken > 0) market.stir(Date.now());
      market.concede(quote.price);
    });
  }

  /** A quote that would trade with somebody's bid or offer whose price is too good; null when there is none. */
  #bargain(market: Market): Quote | null {
    const { symbol, bid, ask, fairValue } = market;
    const rank = this.#ranks.get(market) ?? 0;
    const most = styleOf(rank, 1).lot * TAKEN_LOTS;
    const near = styleOf(rank, 0).halfSpread * TOO_GOOD * fairValue;
    const own = this.#makers.flatMap((maker) => maker.quotes(symbol));
    const isOwn = (price: number): boolean => own.some((quote) => quote.price === price);
    if (bid !== null && bid[0] >= fairValue - near && !isOwn(bid[0])) {
      return { side: "SELL", price: bid[0], quantity: Math.min(bid[1], most) };
    }
    if (ask !== null && ask[0] <= fairValue + near && !isOwn(ask[0])) {
      return { side: "BUY", price: ask[0], quantity: Math.min(ask[1], most) };
    }
    return null;
  }

  /**
   * While books are built: takes care of one side that somebody has emptied, or of one price that is too good.
   */
  async #refill(): Promise<void> {
    const market =
      this.#urgent.values().find(isOneSided) ??
      this.#urgent.values().find((each) => this.#bargain(each) !== null);
    if (market === undefined) return;
    this.#urgent.delete(market);
    await this.#trade(market);
    await this.#follow(market);
  }

  async #resume(): Promise<void> {
    await this.#catchUp();
    const listed = new Set(this.#markets.map((market) => market.symbol));
    for (const market of this.#markets) {
      const value = middleOf(this.#makers.flatMap((maker) => maker.quotes(market.symbol)));
      if (value !== undefined) market.resumeAt(value);
    }
    for (const maker of this.#makers) {
      for (const symbol of maker.symbols().filter((each) => !listed.has(each))) {
        for (const order of maker.quotes(symbol)) {
          await this.#desk.send(maker.rests, symbol, () =>
            maker.perform(symbol, { kind: "cancel", order }),
          );
        }
      }
    }
  }

  async #catchUp(): Promise<void> {
    this.#catchingUp ??= this.#readAnew().finally(() => {
      this.#catchingUp = null;
    });
    await this.#catchingUp;
  }

  async #readAnew(): Promise<void> {
    for (const maker of this.#makers.filter((each) => each.isBehind)) {
      await this.#desk.send(maker.rests, "", () => maker.catchUp());
    }
  }

  #next(): Market {
    const waiting = [...this.#urgent].filter((market) => !this.#busy.has(market));
    const urgent = waiting.find(isOneSided) ?? waiting[0];
    if (urgent !== undefined) {
      this.#urgent.delete(urgent);
      return urgent;
    }
    if (this.#random() < PLAYING_SHARE) {
      const now = Date.now();
      const playing = this.#markets.filter((market) => market.isPlaying(now));
      if (playing.length > 0) return pickEarly(playing, this.#random);
    }
    return pickEarly(this.#markets, this.#random);
  }

  /** Moves the makers' quotes to the market's fair value. */
  async #follow(market: Market, makers = this.#makers, levels?: number): Promise<void> {
    await this.#catchUp();
    const { symbol } = market;
    // The side towards which the value moves goes first. Otherwise the other side would cross it.
    for (const side of this.#sidesInOrder(market)) {
      const value = this.#valueOf(market, side);
      for (const maker of makers) {
        const style = this.#style(market, maker);
        const wanted = ladder(side, value, market.increment, style).slice(0, levels);
        const actions = reconcile(
          wanted,
          maker.quotes(symbol).filter((open) => open.side === side),
          (style.levelStep * market.fairValue) / 2,
        );
        for (const action of actions) {
          const isAllowed = maker.rests.allows(side, symbol, this.#desk.nowMs());
          if (action.kind !== "cancel" && !isAllowed) continue;
          await this.#desk.send(maker.rests, symbol, () => maker.perform(symbol, action));
        }
      }
    }
  }

  /**
   * The price around which a side is quoted: the value, or somebody's bid above it or offer below it, which
   * post-only orders cannot cross.
   */
  #valueOf(market: Market, side: QuoteSide): number {
    const bargain = this.#bargain(market);
    return bargain?.side === side ? bargain.price : market.fairValue;
  }

  #sidesInOrder(market: Market): readonly QuoteSide[] {
    const middle = middleOf(this.#makers.flatMap((maker) => maker.quotes(market.symbol)));
    return middle !== undefined && market.fairValue < middle ? ["BUY", "SELL"] : ["SELL", "BUY"];
  }
}
