/** The last trades of each symbol, newest last in a ring. Made from the events, so a replay makes it again. */

export const TRADES_PER_SYMBOL = 256;

const TRADE_DOUBLES = 6;

export interface RecentTrade {
  trade_id: number;
  price: number;
  quantity: number;
  /** Index into SIDES. */
  taker_side: number;
  timestamp: number;
  tick: number;
}

export class RecentTrades {
  readonly #trades: Float64Array;
  readonly #counts: Float64Array;

  constructor(symbolsMax: number) {
    this.#trades = new Float64Array(symbolsMax * TRADES_PER_SYMBOL * TRADE_DOUBLES);
    this.#counts = new Float64Array(symbolsMax);
  }

  add(
    symbol: number,
    id: number,
    price: number,
    quantity: number,
    takerSide: number,
    timestamp: number,
    tick: number,
  ): void {
    const place = this.#counts[symbol]++ % TRADES_PER_SYMBOL;
    const t = (symbol * TRADES_PER_SYMBOL + place) * TRADE_DOUBLES;
    const trades = this.#trades;
    trades[t] = id;
    trades[t + 1] = price;
    trades[t + 2] = quantity;
    trades[t + 3] = takerSide;
    trades[t + 4] = timestamp;
    trades[t + 5] = tick;
  }

  /** Newest first, at most `limit`. */
  list(symbol: number, limit: number): RecentTrade[] {
    const written = this.#counts[symbol];
    const count = Math.min(written, limit, TRADES_PER_SYMBOL);
    return Array.from({ length: count }, (_, i) => {
      const place = (written - 1 - i) % TRADES_PER_SYMBOL;
      const t = (symbol * TRADES_PER_SYMBOL + place) * TRADE_DOUBLES;
      const [trade_id, price, quantity, taker_side, timestamp, tick] = this.#trades.subarray(t);
      return { trade_id, price, quantity, taker_side, timestamp, tick };
    });
  }
}
