/** Best bid and offer of each symbol as subscribers know them. */
import type { TickOutput } from "../core/tick-output.ts";
import type { CoreView } from "../core/view.ts";
import type { TickChanges } from "./tick-changes.ts";

/** By symbol: price and quantity of the bid, then of the offer; zeros for an empty side. */
const QUOTE_DOUBLES = 4;

export class BestQuotes {
  readonly #view: CoreView;
  readonly #quotes: Float64Array;
  /** By symbol: the last tick in which `onTick` found another quote. */
  readonly #changedIn: Float64Array;
  readonly #level = new Float64Array(2);

  constructor(view: CoreView) {
    this.#view = view;
    this.#quotes = new Float64Array(view.symbolsMax * QUOTE_DOUBLES);
    this.#changedIn = new Float64Array(view.symbolsMax);
  }

  bidPrice(symbol: number): number {
    return this.#quotes[symbol * QUOTE_DOUBLES];
  }

  bidQuantity(symbol: number): number {
    return this.#quotes[symbol * QUOTE_DOUBLES + 1];
  }

  askPrice(symbol: number): number {
    return this.#quotes[symbol * QUOTE_DOUBLES + 2];
  }

  askQuantity(symbol: number): number {
    return this.#quotes[symbol * QUOTE_DOUBLES + 3];
  }

  /** Looks at the symbols that the tick changed. */
  onTick({ tick }: TickOutput, changes: TickChanges): void {
    for (let i = 0; i < changes.count; i++) {
      const symbol = changes.symbols[i];
      if (!changes.hasOtherLevels(symbol)) continue;
      if (this.refresh(symbol)) this.#changedIn[symbol] = tick;
    }
  }

  hasChanged(symbol: number, tick: number): boolean {
    return this.#changedIn[symbol] === tick;
  }

  /** Takes the quotes of the symbol from the book. Only between two ticks. Returns whether they have changed. */
  refresh(symbol: number): boolean {
    const isOtherBid = this.#refreshSide(symbol, 0);
    const isOtherAsk = this.#refreshSide(symbol, 1);
    return isOtherBid || isOtherAsk;
  }

  #refreshSide(symbol: number, side: number): boolean {
    const level = this.#level;
    if (this.#view.depth(symbol, side, level, 1) === 0) level.fill(0);
    const q = symbol * QUOTE_DOUBLES + side * 2;
    const isOther = this.#quotes[q] !== level[0] || this.#quotes[q + 1] !== level[1];
    this.#quotes[q] = level[0];
    this.#quotes[q + 1] = level[1];
    return isOther;
  }
}
