/** Finds symbols by the names that requests use: `SYMBOL_<n>`, or a player's ticker. */
import type { CoreView } from "../core/view.ts";
import { NOT_OF_FORM, symbolNumber } from "../protocol/names.ts";

/** Finds symbols by ticker. The player registry is one. */
export interface Tickers {
  /** The number of the symbol with this ticker, which is in upper case; undefined when there is none. */
  symbolOfTicker(ticker: string): number | undefined;
}

export class SymbolNames {
  readonly #view: CoreView;
  readonly #tickers: Tickers;

  constructor(view: CoreView, tickers: Tickers) {
    this.#view = view;
    this.#tickers = tickers;
  }

  /** The number of the listed symbol with this name or ticker; NOT_OF_FORM when there is none. */
  find(name: string): number {
    const number = symbolNumber(name);
    const symbol = number === NOT_OF_FORM ? this.ofTicker(name) : number;
    return this.isListed(symbol) ? symbol : NOT_OF_FORM;
  }

  isListed(symbol: number): boolean {
    return this.#view.isListed(symbol);
  }

  /** The number of the symbol with this ticker, listed or not; NOT_OF_FORM when there is none. */
  ofTicker(ticker: string): number {
    return this.#tickers.symbolOfTicker(ticker) ?? NOT_OF_FORM;
  }
}
