/** The candles of a player: the latest, new ones as they come, and older ones when the user looks back. */
import { answered } from "@waiver/client";
import { type Candle, type CandleInterval, market } from "../lib/exchange.ts";

const PAGE = 300;

export interface CandleWatch {
  /** Gets all known candles, oldest first, when older ones were read or the latest were read again. */
  onAll(candles: readonly Candle[]): void;
  /** Gets the last candle when it has changed, or a new one after it. */
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

  /**
   * Asks for candles before the oldest one. Does nothing while they are being asked for, or when there are
   * none.
   */
  async loadOlder(): Promise<void> {
    if (this.#next === undefined || this.#isAsking) return;
    const before = this.#next;
    this.#isAsking = true;
    await this.#ask(before, (older, next) => {
      // The latest candles were read again meanwhile, and begin elsewhere.
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

  /**
   * Reads the latest candles. Older ones stay if there is no gap between, and the first of the latest is known as it is: an
   * exchange that was restored to an earlier moment, or is a new one, has others.
   */
  async #load(): Promise<void> {
    await this.#ask(undefined, (latest, next) => {
      const [first] = latest;
      const at = this.#candles.findIndex(({ start }) => start === first?.start);
      const isJoined = at >= 0 && isSame(this.#candles[at], first);
      const older = isJoined ? this.#candles.slice(0, at) : [];
      // Without older candles, looking back begins before this page.
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
      // Without an answer, new candles are shown as they come.
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

function isSame(one: Candle | undefined, other: Candle | undefined): boolean {
  return one?.open === other?.open && one?.close === other?.close && one?.volume === other?.volume;
}
