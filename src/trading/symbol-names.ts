/** What requests call symbols: `SYMBOL_<n>`, or a player's ticker. */
import type { CoreView } from "../core/view.ts";
import { NOT_OF_FORM, symbolNumber } from "../protocol/names.ts";

/** Knows the tickers; the player registry does. */
export interface Tickers {
  /** The symbol of a ticker in upper case. */
  symbolOfTicker(ticker: string): number | undefined;
}

export class SymbolNames {
  readonly #view: CoreView;
  readonly #tickers: Tickers;

  constructor(view: CoreView, tickers: Tickers) {
    this.#view = view;
    this.#tickers = tickers;
  }

  /** The number of the listed symbol of that name, NOT_OF_FORM when there is none. */
  find(name: string): number {
    const number = symbolNumber(name);
    const symbol = number === NOT_OF_FORM ? this.ofTicker(name) : number;
    return this.isListed(symbol) ? symbol : NOT_OF_FORM;
  }

  isListed(symbol: number): boolean {
    return this.#view.isListed(symbol);
  }

  /** The symbol of a ticker, NOT_OF_FORM when nobody has it. */
  ofTicker(ticker: string): number {
    return this.#tickers.symbolOfTicker(ticker) ?? NOT_OF_FORM;
  }
}
