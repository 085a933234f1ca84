/**
 * Market data: hands each durable tick to the channels. A beat publishes what is due by time when nothing trades.
 *
 * ```
 *  tick ─► which symbols changed, once ─► trades, depth, book, bbo, ticker, candles, status ─► topics
 *  beat ─► what has waited a second, what a minute's end closed ─► ticker, candles, heartbeat ─► topics
 * ```
 */
import type { TickOutput, TickStage } from "../core/tick-output.ts";
import type { CoreView } from "../core/view.ts";
import type { Clocks } from "../lib/clocks.ts";
import type { Encoding } from "../protocol/encoding.ts";
import { CANDLE_INTERVALS } from "../protocol/names.ts";
import type { Channel } from "../protocol/schemas/market-data.ts";
import type { PushData } from "../protocol/schemas.ts";
import { MINUTE_MS } from "../records/candle-series.ts";
import type { Candles } from "../records/candles.ts";
import type { LevelChanges } from "../records/level-changes.ts";
import type { Tickers } from "../records/tickers.ts";
import { BestQuotes } from "./best-quotes.ts";
import { BboChannel } from "./channels/bbo.ts";
import { BookChannel } from "./channels/book.ts";
import { CandlesChannel } from "./channels/candles.ts";
import type { MarketChannel, Send } from "./channels/channel.ts";
import { DepthChannel } from "./channels/depth.ts";
import { HeartbeatChannel } from "./channels/heartbeat.ts";
import { StatusChannel } from "./channels/status.ts";
import { TickerChannel } from "./channels/ticker.ts";
import { TradesChannel } from "./channels/trades.ts";
import { FanOut, type FanOutParts } from "./fan-out.ts";
import { MarketClock } from "./market-clock.ts";
import { Shards, shardTopic } from "./shards.ts";
import { TickChanges } from "./tick-changes.ts";
import { EVERY, type Frame, type Publish, type Topics } from "./topics.ts";

/** How often `onBeat` must be called, in milliseconds. What is due by time is so late at the most. */
export const BEAT_MS = 100;
const SECOND_MS = 1000;
/** How long the end of the exchange waits for trades that are told in slices. */
const ENDING_MS_MAX = 5000;

/** What a client subscribes to. */
export interface MarketTopic {
  channel: Channel;
  /** EVERY for all symbols, and always for heartbeats. */
  symbol: number;
  /** Of candles, an index into `CANDLE_INTERVALS`; 0 in other channels. */
  interval: number;
}

/** A subscriber of topics. */
export interface Subscriber {
  readonly encoding: Encoding;
  /** The shard of its connection, from `MarketDataBroadcaster.shards`. */
  readonly shard: number;
  /** Whether it gets the latest state at most once a second, in channels that have conflated topics. */
  readonly isConflated: boolean;
}

export interface MarketDataParts
  extends Clocks,
    Omit<FanOutParts, keyof Clocks | "publish" | "shards"> {
  view: CoreView;
  levelChanges: LevelChanges;
  candles: Candles;
  tickers: Tickers;
  publish: Publish;
}

/** Must be told of a tick after the records that it reads. It is made when the state has been recovered. */
export class MarketDataBroadcaster implements TickStage {
  /** Each connection is in one shard. */
  readonly shards = new Shards();
  readonly #view: CoreView;
  readonly #levelChanges: LevelChanges;
  readonly #clock: MarketClock;
  readonly #quotes: BestQuotes;
  readonly #changes: TickChanges;
  readonly #fanOut: FanOut;
  readonly #ticker: TickerChannel;
  readonly #candles: CandlesChannel;
  readonly #trades: TradesChannel;
  readonly #depth: DepthChannel;
  readonly #bbo: BboChannel;
  readonly #heartbeat: HeartbeatChannel;
  readonly #channels: Readonly<Record<Channel, MarketChannel>>;
  /** The channels in the order in which they publish a tick. */
  readonly #ordered: readonly MarketChannel[];
  /** When conflated topics were last published, and when the second began whose frames are counted. */
  #conflatedAt = 0;
  #secondAt = 0;
  /** Minutes since 1970 that have begun. */
  #minute = 0;

  constructor(parts: MarketDataParts) {
    const { view, levelChanges, candles, tickers, now, monotonic } = parts;
    const fanOut = new FanOut({ ...parts, shards: this.shards });
    const { publish } = fanOut;
    const clock = new MarketClock(view, { now, monotonic });
    const quotes = new BestQuotes(view);
    this.#view = view;
    this.#levelChanges = levelChanges;
    this.#clock = clock;
    this.#quotes = quotes;
    this.#fanOut = fanOut;
    this.#changes = new TickChanges(view.symbolsMax);
    this.#depth = new DepthChannel(view, levelChanges, clock, publish);
    this.#bbo = new BboChannel(view, quotes, clock, publish);
    this.#ticker = new TickerChannel(view, tickers, quotes, clock, publish);
    this.#candles = new CandlesChannel(view, candles, clock, publish);
    this.#heartbeat = new HeartbeatChannel(clock, publish);
    this.#trades = new TradesChannel(view, publish);
    this.#channels = {
      trades: this.#trades,
      depth: this.#depth,
      book: new BookChannel(view, clock, publish),
      bbo: this.#bbo,
      ticker: this.#ticker,
      candles: this.#candles,
      status: new StatusChannel(view, clock, publish),
      heartbeat: this.#heartbeat,
    };
    this.#ordered = Object.values(this.#channels);
    this.#passTime(clock.time());
  }

  onTick(output: TickOutput): void {
    this.#clock.onTick(output);
    this.#changes.read(output);
    if (!this.#bbo.conflated.isSilent || !this.#ticker.topics().isSilent) {
      this.#quotes.onTick(output, this.#changes);
    }
    // A closed candle comes before the one that the tick's trades began.
    this.#passTime(output.timestamp);
    for (const channel of this.#ordered) channel.onTick(output, this.#changes);
    this.#tellConflated();
  }

  /** Must be called every BEAT_MS, at any time. */
  onBeat(): void {
    if (this.#clock.isQuiet) {
      this.#passTime(this.#clock.time());
      this.#tellConflated();
    }
    this.#endSecond();
    this.#ticker.onBeat();
    this.#candles.onBeat();
    this.#heartbeat.onBeat();
  }

  /**
   * Sends the present state of a topic to someone who is about to join it. With EVERY, sends the state of every listed
   * symbol. Sends nothing in a channel without a state. Call this, and every method below that does not say otherwise,
   * only between two ticks.
   */
  current({ channel, symbol, interval }: MarketTopic, encoding: Encoding, send: Send): void {
    this.#passTime(this.#clock.time());
    const to = this.#channels[channel];
    if (symbol !== EVERY) return to.current(symbol, interval, encoding, send);
    for (const one of this.#view.listedSymbols()) to.current(one, interval, encoding, send);
  }

  /**
   * Counts a subscriber that has been sent the present state. `enter` must first send the frames that the socket has
   * missed since then, and then subscribe it to a topic. It is called now, or later if frames from before the state
   * have to go out first.
   */
  join(
    topic: MarketTopic,
    { encoding, shard, isConflated }: Subscriber,
    enter: (socketTopic: string, missed: readonly Frame[]) => void,
  ): void {
    const { channel, symbol } = topic;
    if (channel === "depth") this.#levelChanges.watches.watch(symbol);
    if (isConflated) {
      this.tellWaiting(topic);
      this.#channels[channel].onConflated?.(symbol);
    }
    const name = this.#topics(topic, isConflated).join(symbol, encoding);
    this.#fanOut.enter(name, shard, (missed) => enter(shardTopic(name, shard), missed));
  }

  /**
   * Sends the frames that wait, to one shard or to all. Call it before a connection of the shard leaves a topic, so
   * that it misses nothing.
   */
  settle(shard?: number): void {
    this.#fanOut.settle(shard);
  }

  /**
   * Sends all that waits, because the exchange ends. Resolves when that is done, or after ENDING_MS_MAX: there may be more
   * trades than can be told in that time.
   */
  async end(): Promise<void> {
    for (const { conflated } of this.#ordered) conflated?.tellWaiting(EVERY);
    const endsAt = this.#clock.monotonic() + ENDING_MS_MAX;
    while (this.#trades.isBehind && this.#clock.monotonic() < endsAt) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.settle();
  }

  /** Counts a subscriber no more. Returns the topic that its socket must leave. May be called at any time. */
  leave(topic: MarketTopic, { encoding, shard, isConflated }: Subscriber): string {
    const { channel, symbol } = topic;
    if (channel === "depth") this.#levelChanges.watches.unwatch(symbol, this.#clock.time());
    return shardTopic(this.#topics(topic, isConflated).leave(symbol, encoding), shard);
  }

  /** Publishes at once the changes that wait in the conflated topic. */
  tellWaiting({ channel, symbol }: MarketTopic): void {
    this.#channels[channel].conflated?.tellWaiting(symbol);
  }

  /** Whether the topic has a conflated one beside it. */
  hasConflated({ channel }: MarketTopic): boolean {
    return this.#channels[channel].conflated !== undefined;
  }

  /** Frames that the topic carried in the last second, or would have carried with a subscriber. */
  rate({ channel, symbol, interval }: MarketTopic): number {
    return this.#channels[channel].topics(interval).rate(symbol);
  }

  #topics({ channel, interval }: MarketTopic, isConflated: boolean): Topics {
    const of = this.#channels[channel];
    return (isConflated ? of.conflated?.latest : undefined) ?? of.topics(interval);
  }

  /** Publishes conflated changes that have waited a second, at most once in BEAT_MS. Only between two ticks. */
  #tellConflated(): void {
    const now = this.#clock.monotonic();
    if (now - this.#conflatedAt < BEAT_MS) return;
    this.#conflatedAt = now;
    for (const { conflated } of this.#ordered) conflated?.onBeat();
  }

  #endSecond(): void {
    const now = this.#clock.monotonic();
    if (now - this.#secondAt < SECOND_MS) return;
    this.#secondAt = now;
    for (const channel of this.#ordered) {
      const topics = new Set(CANDLE_INTERVALS.map((_, interval) => channel.topics(interval)));
      for (const each of topics) each.endSecond();
    }
  }

  /**
   * Sends again the `depth` messages from the one with change `fromSeq` on. `fromSeq`: from `LevelChanges.oldestSeq` to
   * the number of the next change. Returns the number of the first change sent, `fromSeq` if there is none.
   */
  replayDepth(symbol: number, fromSeq: number, encoding: Encoding, send: Send): number {
    return this.#depth.replay(symbol, fromSeq, encoding, send);
  }

  /** What the `ticker` channel would publish of a symbol now. */
  ticker(symbol: number): PushData<"ticker"> {
    return this.#ticker.data(symbol);
  }

  /** Tells tickers and candles when a minute has ended. After this no trade from before `time` may come. */
  #passTime(time: number): void {
    const minute = Math.floor(time / MINUTE_MS);
    if (minute <= this.#minute) return;
    this.#minute = minute;
    this.#candles.onMinute(time);
    this.#ticker.onMinute();
  }
}
