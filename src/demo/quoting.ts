/**
 * Keeps two-sided quotes of several makers in many books, around fair values that wander.
 *
 * One request is under way at a time, and each waits for its turn at the desk: an upper bound on the rate,
 * whatever the number of symbols and makers, and a slow exchange makes it slower by itself.
 */
import { type Desk, pickEarly } from "./desk.ts";
import type { Maker } from "./maker.ts";
import type { Market } from "./market.ts";
import { ladder, middleOf, type QuoteSide, type QuoteStyle, reconcile } from "./quotes.ts";
import type { Random } from "./random.ts";

/** The first maker is close and small, the others are wider and larger. */
const CLOSE: QuoteStyle = { halfSpread: 0.003, levelStep: 0.004, levels: 2, lot: 20 };
const WIDE: QuoteStyle = { halfSpread: 0.006, levelStep: 0.008, levels: 2, lot: 60 };

export interface QuotingRates {
  /** Requests a second while the books are built. */
  build: number;
  /** Afterwards. */
  steady: number;
}

export class Quoting {
  readonly #makers: readonly Maker[];
  readonly #markets: readonly Market[];
  readonly #desk: Desk;
  readonly #random: Random;
  /** Where quotes have traded; these come before all others. */
  readonly #traded = new Set<Market>();

  /** `markets`: those that should be liveliest first. */
  constructor(makers: readonly Maker[], markets: readonly Market[], desk: Desk, random: Random) {
    this.#makers = makers;
    this.#markets = markets;
    this.#desk = desk;
    this.#random = random;
    const bySymbol = new Map(markets.map((market) => [market.symbol, market]));
    for (const maker of makers) {
      maker.onFill = (symbol, side) => {
        const market = bySymbol.get(symbol);
        if (market === undefined) return;
        market.learnFrom(side);
        this.#traded.add(market);
      };
    }
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
    for (const market of this.#markets) await this.#follow(market);
    this.#desk.setRate(rates.steady);
    for (;;) {
      // Waits also when no maker has anything to do: otherwise the loop would never yield.
      await this.#desk.turn();
      const market = this.#next();
      market.walk();
      await this.#follow(market);
    }
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
    for (const maker of this.#makers.filter((each) => each.isBehind)) {
      await this.#desk.send(maker.rests, "", () => maker.catchUp());
    }
  }

  #next(): Market {
    const [traded] = this.#traded;
    if (traded !== undefined) this.#traded.delete(traded);
    return traded ?? pickEarly(this.#markets, this.#random);
  }

  /** Moves the makers' quotes to the market's fair value. */
  async #follow(market: Market, makers = this.#makers, levels?: number): Promise<void> {
    await this.#catchUp();
    const { symbol } = market;
    // The side that the value moves to makes room first, or the other side would run into it.
    for (const side of this.#sidesInOrder(market)) {
      for (const maker of makers) {
        const style = maker === this.#makers[0] ? CLOSE : WIDE;
        const wanted = ladder(side, market.fairValue, market.increment, style).slice(0, levels);
        const actions = reconcile(
          wanted,
          maker.quotes(symbol).filter((open) => open.side === side),
        );
        for (const action of actions) {
          const isAllowed = maker.rests.allows(side, symbol, this.#desk.nowMs());
          if (action.kind !== "cancel" && !isAllowed) continue;
          await this.#desk.send(maker.rests, symbol, () => maker.perform(symbol, action));
        }
      }
    }
  }

  #sidesInOrder(market: Market): readonly QuoteSide[] {
    const middle = middleOf(this.#makers.flatMap((maker) => maker.quotes(market.symbol)));
    return middle !== undefined && market.fairValue < middle ? ["BUY", "SELL"] : ["SELL", "BUY"];
  }
}
