/**
 * The last trades of each symbol, in a ring for each, which a symbol gets at its first trade. They are made from the
 * events, so a replay gives them again.
 */
import type { TickOutput, TickStage } from "../core/tick-output.ts";
import type { CoreView } from "../core/view.ts";
import { type Store, store } from "../lib/store.ts";

export const TRADES_PER_SYMBOL = 256;

const TRADE_DOUBLES = 6;
const RING_DOUBLES = TRADES_PER_SYMBOL * TRADE_DOUBLES;

export interface RecentTrade {
  trade_id: number;
  price: number;
  quantity: number;
  /** Index into SIDES. */
  taker_side: number;
  timestamp: number;
  tick: number;
}

export class RecentTrades implements TickStage {
  readonly stores: readonly Store[];
  readonly #trades: Float64Array;
  /** By symbol: trades so far, and the number of its ring (from 1; 0 = none). */
  readonly #counts: Float64Array;
  readonly #rings: Int32Array;
  /** [0] rings given out. */
  readonly #head = new Int32Array(1);

  constructor({ symbolsMax, symbolsEnd }: CoreView) {
    this.#trades = new Float64Array(symbolsMax * RING_DOUBLES);
    this.#counts = new Float64Array(symbolsMax);
    this.#rings = new Int32Array(symbolsMax);
    this.stores = [
      store("trades", this.#trades, () => this.#head[0] * RING_DOUBLES * 2),
      store("trade-counts", this.#counts, () => symbolsEnd() * 2),
      store("trade-rings", this.#rings, symbolsEnd),
      store("trades-head", this.#head),
    ];
  }

  onTick(output: TickOutput): void {
    const { trades } = output;
    for (let i = 0; i < trades.count; i++) this.#add(output, trades.at(i));
  }

  #add({ events, timestamp, tick }: TickOutput, e: number): void {
    const taker = events.order(e);
    const symbol = events.symbol(taker);
    if (this.#rings[symbol] === 0) this.#rings[symbol] = ++this.#head[0];
    const t = this.#place(symbol, this.#counts[symbol]++);
    const trades = this.#trades;
    trades[t] = events.tradeId(e);
    trades[t + 1] = events.tradePrice(e);
    trades[t + 2] = events.tradeQuantity(e);
    trades[t + 3] = events.side(taker);
    trades[t + 4] = timestamp;
    trades[t + 5] = tick;
  }

  /** The symbol's last trades, newest first, at most `limit`. */
  list(symbol: number, limit: number): RecentTrade[] {
    const written = this.#counts[symbol];
    const count = Math.min(written, limit, TRADES_PER_SYMBOL);
    return Array.from({ length: count }, (_, i) => {
      const t = this.#place(symbol, written - 1 - i);
      const [trade_id, price, quantity, taker_side, timestamp, tick] = this.#trades.subarray(t);
      return { trade_id, price, quantity, taker_side, timestamp, tick };
    });
  }

  /** Where a trade of the symbol stands. `index`: its number among all trades that the symbol has had, from 0. */
  #place(symbol: number, index: number): number {
    const ring = (this.#rings[symbol] - 1) * RING_DOUBLES;
    return ring + (index % TRADES_PER_SYMBOL) * TRADE_DOUBLES;
  }
}
