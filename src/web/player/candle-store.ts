/** Candles of a player: the last ones, those that come, and older ones as far as somebody looks back. */
import { answered } from "@waiver/client";
import { type Candle, type CandleInterval, market } from "../lib/exchange.ts";

const PAGE = 300;

export interface CandleWatch {
  /** All that is known, oldest first: there are new old ones, or the exchange tells again. */
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
  #isClosed = false;

  constructor(symbol: string, interval: CandleInterval, watch: CandleWatch) {
    this.#symbol = symbol;
    this.#interval = interval;
    this.#watch = watch;
    const stream = market.stream("candles", { symbols: [symbol], interval });
    this.#stop = [
      stream.on((candle) => this.#onCandle(candle)),
      stream.onBegin(() => void this.#load()),
    ];
  }

  /** Asks for what came before the oldest candle; does nothing while that is asked, or where there is nothing. */
  async loadOlder(): Promise<void> {
    if (this.#next === undefined || this.#isAsking) return;
    const before = this.#next;
    this.#isAsking = true;
    await this.#ask(before, (older, next) => {
      // The latest were read anew meanwhile, and begin elsewhere.
      if (this.#next !== before) return this.#candles;
      this.#next = next;
      return [...older, ...this.#candles];
    });
    this.#isAsking = false;
  }

  close(): void {
    this.#isClosed = true;
    for (const stop of this.#stop) stop();
  }

  /** The latest; older ones stay where nothing is missing between. */
  async #load(): Promise<void> {
    await this.#ask(undefined, (latest, next) => {
      const [first] = latest;
      const last = this.#candles.at(-1);
      const isJoined = first !== undefined && last !== undefined && last.start >= first.start;
      const older = isJoined ? this.#candles.filter(({ start }) => start < first.start) : [];
      // What came by itself before this answer is not older: from here on one may look back.
      if (older.length === 0) this.#next = next;
      return [...older, ...latest];
    });
  }

  async #ask(
    before: number | undefined,
    join: (candles: Candle[], next: number | undefined) => Candle[],
  ): Promise<void> {
    try {
      const page = await answered(
        () =>
          market.candles({
            symbol: this.#symbol,
            interval: this.#interval,
            limit: PAGE,
            ...(before !== undefined && { before }),
          }),
        () => !this.#isClosed,
      );
      if (this.#isClosed) return;
      this.#candles = join(page.candles.reverse(), page.next);
      this.#watch.onAll(this.#candles);
    } catch {
      // Those that come are shown.
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
