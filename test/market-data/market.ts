/** The market data of an exchange with the real core. Its clocks stand still until the test moves them. */
import { expect } from "bun:test";
import {
  BEAT_MS,
  MarketDataBroadcaster,
  type MarketTopic,
} from "../../src/market-data/broadcaster.ts";
import { EVERY, type Frame } from "../../src/market-data/topics.ts";
import { ENCODINGS, type Encoding } from "../../src/protocol/encoding.ts";
import { decodeMessagePack } from "../../src/protocol/message-pack.ts";
import { CANDLE_INTERVALS } from "../../src/protocol/names.ts";
import type { Channel } from "../../src/protocol/schemas/market-data.ts";
import { Candles } from "../../src/records/candles.ts";
import { LevelChanges } from "../../src/records/level-changes.ts";
import { Tickers } from "../../src/records/tickers.ts";
import { buy, type Command, sell } from "../core/command-builder.ts";
import { MarketRun, setUp } from "../records/market-run.ts";

const SUBSCRIBERS = ENCODINGS.map((encoding) => ({ encoding, shard: 0, isConflated: false }));

/** Midnight, UTC. */
export const MIDNIGHT = 1_700_006_400_000;

export interface Message {
  stream: string;
  data: Record<string, unknown>;
}

export const topic = (channel: Channel, symbol = EVERY, interval = 0): MarketTopic => ({
  channel,
  symbol,
  interval,
});

export const bid = (price: number, quantity = 1, symbol = 0) =>
  buy({ account: 1, symbol, price, quantity });
export const ask = (price: number, quantity = 1, symbol = 0) =>
  sell({ account: 2, symbol, price, quantity });

function decode(frame: Frame): Message {
  return (typeof frame === "string" ? JSON.parse(frame) : decodeMessagePack(frame)) as Message;
}

export class Market {
  readonly run = new MarketRun();
  readonly levelChanges: LevelChanges;
  readonly candles: Candles;
  readonly broadcaster: MarketDataBroadcaster;
  /** Milliseconds since 1970, and milliseconds of the monotonic clock. */
  now = MIDNIGHT;
  monotonic = 5;
  /** What has been published and not been read by the test yet. */
  readonly #published: { topic: string; message: Message }[] = [];

  /** Opens it with three symbols, after one tick. */
  constructor(symbols = 3, logBytes?: number) {
    const { view } = this.run.core;
    this.levelChanges = new LevelChanges(view, logBytes);
    this.candles = new Candles(view);
    this.broadcaster = new MarketDataBroadcaster({
      view,
      levelChanges: this.levelChanges,
      candles: this.candles,
      tickers: new Tickers(view, this.candles),
      publish: (name, frame) => this.#onFrame(name, frame),
      now: () => this.now,
      monotonic: () => this.monotonic,
    });
    this.tick(...setUp(symbols));
  }

  /** What was published. Both encodings must say the same; the JSON one is returned first. */
  #onFrame(name: string, frame: Frame): void {
    const message = decode(frame);
    if (name.endsWith("/json")) this.#published.push({ topic: name, message });
    else expect(message).toEqual(this.#published.at(-1)?.message ?? { stream: "", data: {} });
  }

  /** Subscribes once in each encoding. */
  listen(...topics: MarketTopic[]): void {
    for (const each of topics) {
      for (const of of SUBSCRIBERS) this.broadcaster.join(each, of, () => undefined);
    }
  }

  /** The same on the conflated topics. */
  listenConflated(...topics: MarketTopic[]): void {
    for (const each of topics) {
      for (const of of SUBSCRIBERS) {
        this.broadcaster.join(each, { ...of, isConflated: true }, () => undefined);
      }
    }
  }

  leave(...topics: MarketTopic[]): void {
    for (const each of topics) {
      for (const of of SUBSCRIBERS) this.broadcaster.leave(each, of);
    }
  }

  /** The current state that a new subscriber receives, in one encoding. */
  current(of: MarketTopic, encoding: Encoding = "json"): Message[] {
    const messages: Message[] = [];
    this.broadcaster.current(of, encoding, (frame) => messages.push(decode(frame)));
    return messages;
  }

  replayDepth(symbol: number, fromSeq: number): Message[] {
    const messages: Message[] = [];
    this.broadcaster.replayDepth(symbol, fromSeq, "json", (frame) => messages.push(decode(frame)));
    return messages;
  }

  /** Applies a tick; returns what it published. */
  tick(...commands: Command[]): Message[] {
    const output = this.run.tick(this.now, ...commands);
    for (const stage of [this.levelChanges, this.candles, this.broadcaster]) stage.onTick(output);
    return this.#take();
  }

  /** Lets time pass with all heartbeats; returns what was published. */
  pass(milliseconds: number): Message[] {
    for (let left = milliseconds; left > 0; left -= BEAT_MS) {
      this.now += Math.min(left, BEAT_MS);
      this.monotonic += Math.min(left, BEAT_MS);
      this.broadcaster.onBeat();
    }
    return this.#take();
  }

  /** Lets time pass without a heartbeat. */
  skip(milliseconds: number): void {
    this.now += milliseconds;
    this.monotonic += milliseconds;
  }

  /** Returns what is published while `act` runs. */
  during(act: () => void): Message[] {
    act();
    return this.#take();
  }

  #take(): Message[] {
    return this.#published.splice(0).map(({ message }) => message);
  }
}

/** All topics that can be subscribed to. */
export const EVERYTHING: MarketTopic[] = [
  ...(["book", "depth", "trades", "bbo", "ticker", "status", "heartbeat"] as const).map((channel) =>
    topic(channel),
  ),
  ...CANDLE_INTERVALS.map((_, interval) => topic("candles", EVERY, interval)),
];
