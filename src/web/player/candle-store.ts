/** Candles of a player: the last ones, those that come, and older ones as far as somebody looks back. */
import { type Candle, type CandleInterval, market, onMarketLive } from "../lib/exchange.ts";

const PAGE = 300;

export interface CandleWatch {
  /** All that is known, oldest first: there are new old ones, or the line is back. */
  onAll(candles: readonly Candle[]): void;
  /** The last candle as it is now, or one that follows it. */
  onLast(candle: Candle): void;
}

export class CandleStore {
  readonly #symbol: string;
  readonly #interval: CandleInterval;
  readonly #watch: CandleWatch;
  readonly #stop: (() => void)[];
  #candles: Candle[] = [];
  #next: number | undefined;
  #isAsking = false;

  constructor(symbol: string, interval: CandleInterval, watch: CandleWatch) {
    this.#symbol = symbol;
    this.#interval = interval;
    this.#watch = watch;
    this.#stop = [
      market.stream("candles", { symbols: [symbol], interval }).on((candle) => {
        this.#onCandle(candle);
      }),
      onMarketLive(() => void this.#load()),
    ];
  }

  /** Asks for what came before the oldest candle; does nothing while that is asked, or where there is nothing. */
  async loadOlder(): Promise<void> {
    if (this.#next === undefined || this.#isAsking) return;
    await this.#ask(this.#next, (older) => [...older, ...this.#candles]);
  }

  close(): void {
    for (const stop of this.#stop) stop();
  }

  async #load(): Promise<void> {
    await this.#ask(undefined, (latest) => latest);
  }

  async #ask(before: number | undefined, join: (candles: Candle[]) => Candle[]): Promise<void> {
    this.#isAsking = true;
    try {
      const page = await market.candles({
        symbol: this.#symbol,
        interval: this.#interval,
        limit: PAGE,
        ...(before !== undefined && { before }),
      });
      this.#next = page.next;
      this.#candles = join(page.candles.reverse());
      this.#watch.onAll(this.#candles);
    } catch {
      // The line is gone: all is asked for again when it is back.
    } finally {
      this.#isAsking = false;
    }
  }

  #onCandle(candle: Candle): void {
    const last = this.#candles.at(-1);
    if (last !== undefined && candle.start < last.start) return;
    if (last?.start === candle.start) this.#candles[this.#candles.length - 1] = candle;
    else this.#candles.push(candle);
    this.#watch.onLast(candle);
  }
}
