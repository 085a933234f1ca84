/** The interface of a channel of market data: its topics, what a tick changed, and the present state. */
import type { TickOutput } from "../../core/tick-output.ts";
import type { Encoding } from "../../protocol/encoding.ts";
import type { ConflatedTopics } from "../conflated-topics.ts";
import type { TickChanges } from "../tick-changes.ts";
import type { Frame, Topics } from "../topics.ts";

/** Sends a frame to one subscriber. The frame may be valid only until the next one. `levels`: of a book, in `depth`. */
export type Send = (frame: Frame, levels?: number) => void;

export interface MarketChannel {
  /** The topics, by symbol. `interval`: an index into `CANDLE_INTERVALS`; only candles have other topics for each. */
  topics(interval: number): Topics;
  /** Exact and conflated topics, in a channel that has both. */
  readonly conflated?: ConflatedTopics;
  /** Called before somebody who was sent the present state joins the conflated topic of a symbol, or of EVERY. */
  onConflated?(symbol: number): void;
  /** Publishes what a durable tick changed, where somebody listens. */
  onTick(output: TickOutput, changes: TickChanges): void;
  /**
   * Sends the present state of a symbol to someone who is about to subscribe. A channel without a state sends nothing.
   * Only between two ticks.
   */
  current(symbol: number, interval: number, encoding: Encoding, send: Send): void;
}
