/** The last trades of a player, newest first. */
import { signal } from "@preact/signals";
import { market, onMarketLive, type Trade } from "../lib/exchange.ts";
import { onNextFrame } from "../lib/frames.ts";

const TRADES_MAX = 60;

export class TradeStore {
  readonly trades = signal<readonly Trade[]>([]);
  readonly #stop: (() => void)[];
  #arrived: Trade[] = [];

  constructor(symbol: string) {
    const show = (): void => this.#show();
    this.#stop = [
      market.stream("trades", { symbols: [symbol] }).on((trade) => {
        this.#arrived.push(trade);
        if (this.#arrived.length > TRADES_MAX) this.#arrived.shift();
        onNextFrame(show);
      }),
      // After a loss of the line also what was traded meanwhile.
      onMarketLive(() => void this.#load(symbol)),
    ];
  }

  close(): void {
    for (const stop of this.#stop) stop();
  }

  async #load(symbol: string): Promise<void> {
    try {
      const { trades } = await market.recentTrades({ symbol, limit: TRADES_MAX });
      this.#merge(trades);
    } catch {
      // The line is gone: it is asked again when it is back.
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
