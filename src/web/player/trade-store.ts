/** The last trades of a player, newest first. */

import { signal } from "@preact/signals";
import { answered } from "@waiver/client";
import { market, type Trade } from "../lib/exchange.ts";
import { onNextFrame } from "../lib/frames.ts";

const TRADES_MAX = 60;

export class TradeStore {
  readonly trades = signal<readonly Trade[]>([]);
  readonly #stop: (() => void)[];
  #arrived: Trade[] = [];
  #isClosed = false;

  constructor(symbol: string) {
    const show = (): void => this.#show();
    const stream = market.stream("trades", { symbols: [symbol] });
    this.#stop = [
      stream.on((trade) => {
        this.#arrived.push(trade);
        if (this.#arrived.length > TRADES_MAX) this.#arrived.shift();
        onNextFrame(show);
      }),
      stream.onBegin(() => {
        this.#arrived = [];
        void this.#load(symbol);
      }),
    ];
  }

  close(): void {
    this.#isClosed = true;
    for (const stop of this.#stop) stop();
  }

  /**
   * Reads the trades from before the stream began, also from while the line was lost. They take the place of those that are
   * known: an exchange that was restored to an earlier moment, or is a new one, gives their numbers to other trades.
   */
  async #load(symbol: string): Promise<void> {
    try {
      const { trades } = await answered(
        () => market.recentTrades({ symbol, limit: TRADES_MAX }),
        () => !this.#isClosed,
      );
      this.trades.value = trades;
    } catch {
      // Without an answer, new trades are shown as they come.
    }
  }

  #show(): void {
    this.#merge(this.#arrived.splice(0));
  }

  #merge(more: readonly Trade[]): void {
    const byId = new Map([...this.trades.peek(), ...more].map((trade) => [trade.trade_id, trade]));
    const all = [...byId.values()].sort((a, b) => b.trade_id - a.trade_id);
    this.trades.value = all.slice(0, TRADES_MAX);
  }
}
