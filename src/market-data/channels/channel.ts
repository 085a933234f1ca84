/** What each channel of market data is: topics, what a tick changed, and how things stand. */
import type { TickOutput } from "../../core/tick-output.ts";
import type { Encoding } from "../../protocol/encoding.ts";
import type { ConflatedTopics } from "../conflated-topics.ts";
import type { TickChanges } from "../tick-changes.ts";
import type { Frame, Topics } from "../topics.ts";

/** Takes a frame to one subscriber; the frame may be valid until the next one only. */
export type Send = (frame: Frame) => void;

export interface MarketChannel {
  /** By symbol. `interval` is an index into `CANDLE_INTERVALS`; only candles have one for each. */
  topics(interval: number): Topics;
  /** Of a channel that has conflated topics beside those, both. */
  readonly conflated?: ConflatedTopics;
  /** Somebody is about to come to the conflated topic of a symbol, or of EVERY, knowing how things stand. */
  onConflated?(symbol: number): void;
  /** Publishes what a durable tick changed, where somebody listens. */
  onTick(output: TickOutput, changes: TickChanges): void;
  /**
   * Sends how things stand with a symbol to someone who is about to subscribe: nothing in a channel that has
   * no state. Only between two ticks.
   */
  current(symbol: number, interval: number, encoding: Encoding, send: Send): void;
}
