/** Which symbols a tick changed, and whether by trades or in their levels. Found in one pass for all channels. */
import { EventKind } from "../core/event.ts";
import type { TickOutput } from "../core/tick-output.ts";

const TRADED = 1;
const LEVELS = 2;

export class TickChanges {
  /** How many symbols have traded or have changed levels. */
  count = 0;
  hasTrades = false;
  hasStates = false;
  /** The symbols, in the order of their first change; the first `count` are in use. */
  readonly symbols: Int32Array;
  /** By symbol. */
  readonly #flags: Uint8Array;

  constructor(symbolsMax: number) {
    this.symbols = new Int32Array(symbolsMax);
    this.#flags = new Uint8Array(symbolsMax);
  }

  /** Forgets the tick before and takes in this one. */
  read({ events }: TickOutput): void {
    for (let i = 0; i < this.count; i++) this.#flags[this.symbols[i]] = 0;
    this.count = 0;
    this.hasTrades = false;
    this.hasStates = false;
    const end = events.end();
    for (let e = 0; e < end; e = events.next(e)) {
      const kind = events.kind(e);
      if (kind === EventKind.LEVEL) {
        this.#mark(events.levelSymbol(e), LEVELS);
      } else if (kind === EventKind.TRADE) {
        this.hasTrades = true;
        this.#mark(events.symbol(events.order(e)), TRADED);
      } else if (kind === EventKind.SYMBOL) {
        this.hasStates = true;
      }
    }
  }

  hasTraded(symbol: number): boolean {
    return (this.#flags[symbol] & TRADED) !== 0;
  }

  hasOtherLevels(symbol: number): boolean {
    return (this.#flags[symbol] & LEVELS) !== 0;
  }

  #mark(symbol: number, flag: number): void {
    if (this.#flags[symbol] === 0) this.symbols[this.count++] = symbol;
    this.#flags[symbol] |= flag;
  }
}
