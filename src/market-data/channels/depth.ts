/** `depth`: every change of the book, in messages that follow each other without a gap. */
import type { TickOutput } from "../../core/tick-output.ts";
import type { CoreView } from "../../core/view.ts";
import type { Encoding } from "../../protocol/encoding.ts";
import { depthPush } from "../../protocol/market-data.ts";
import { MessagePackWriter } from "../../protocol/message-pack-writer.ts";
import type { LevelChanges } from "../../records/level-changes.ts";
import { createDepthMessage } from "../../records/level-log.ts";
import { ConflatedTopics } from "../conflated-topics.ts";
import type { MarketClock } from "../market-clock.ts";
import type { TickChanges } from "../tick-changes.ts";
import { EVERY, type Frame, type Publish, type Topics } from "../topics.ts";
import type { MarketChannel, Send } from "./channel.ts";

const FIRST_LEVELS = 256;

export class DepthChannel implements MarketChannel {
  readonly conflated: ConflatedTopics;
  /** By symbol: the number of the last change that its conflated topic has published. */
  readonly #conflatedSeqs: Float64Array;
  readonly #view: CoreView;
  readonly #changes: LevelChanges;
  readonly #clock: MarketClock;
  readonly #writer = new MessagePackWriter();
  /** What is being published. */
  #symbol = 0;
  #isSnapshot = false;
  readonly #message = createDepthMessage();

  constructor(view: CoreView, changes: LevelChanges, clock: MarketClock, publish: Publish) {
    const { symbolsMax } = view;
    const tellMerged = (symbol: number) => this.#tellMerged(symbol);
    const { monotonic } = clock;
    this.conflated = new ConflatedTopics(publish, "depth", symbolsMax, monotonic, tellMerged);
    this.#conflatedSeqs = new Float64Array(symbolsMax);
    this.#view = view;
    this.#changes = changes;
    this.#clock = clock;
  }

  topics(): Topics {
    return this.conflated.exact;
  }

  onTick(_output: TickOutput, changes: TickChanges): void {
    if (this.conflated.isSilent) return;
    for (let i = 0; i < changes.count; i++) {
      const symbol = changes.symbols[i];
      if (!changes.hasOtherLevels(symbol) || !this.conflated.isHeard(symbol)) continue;
      this.#symbol = symbol;
      this.#isSnapshot = false;
      // Where a change was too large for the log, the whole book is published.
      if (!this.#changes.readLast(this.#message, symbol)) this.#readBook(symbol);
      this.conflated.publish(symbol, this.#encode);
    }
  }

  onConflated(symbol: number): void {
    if (symbol !== EVERY) {
      this.#conflatedSeqs[symbol] = this.#changes.seq(symbol);
      return;
    }
    for (const one of this.#view.listedSymbols()) this.onConflated(one);
  }

  /** Publishes all changes since the conflated topic's last message as one message, each level with its last total. */
  #tellMerged(symbol: number): void {
    this.#symbol = symbol;
    this.#isSnapshot = false;
    const from = this.#conflatedSeqs[symbol] + 1;
    if (!this.#changes.readSince(this.#message, symbol, from)) this.#readBook(symbol);
    this.#conflatedSeqs[symbol] = this.#message.lastSeq;
    this.conflated.latest.publish(symbol, this.#encode);
  }

  current(symbol: number, _interval: number, encoding: Encoding, send: Send): void {
    this.#readBook(symbol);
    send(this.#encode(encoding), this.#message.bidCount + this.#message.askCount);
  }

  /** Sends the messages from change `fromSeq` on again. Limits and result as in `LevelChanges.replay`. */
  replay(symbol: number, fromSeq: number, encoding: Encoding, send: Send): number {
    this.#symbol = symbol;
    this.#isSnapshot = false;
    return this.#changes.replay(symbol, fromSeq, this.#message, () => send(this.#encode(encoding)));
  }

  /** Takes all levels from the book. */
  #readBook(symbol: number): void {
    const message = this.#message;
    const seq = this.#changes.seq(symbol);
    this.#symbol = symbol;
    this.#isSnapshot = true;
    message.firstSeq = seq;
    message.lastSeq = seq;
    message.tick = this.#clock.tick;
    message.timestamp = this.#clock.timestamp;
    message.checksum = this.#changes.checksum(symbol);
    [message.bids, message.bidCount] = this.#allLevels(symbol, 0, message.bids);
    [message.asks, message.askCount] = this.#allLevels(symbol, 1, message.asks);
  }

  /** All levels of a side, written to `memory` or to a larger array if that is too small; and how many there are. */
  #allLevels(symbol: number, side: number, memory: Float64Array): [Float64Array, number] {
    let out = memory;
    for (;;) {
      const most = out.length >> 1;
      const count = this.#view.depth(symbol, side, out, most);
      if (count < most) return [out, count];
      out = new Float64Array(Math.max(FIRST_LEVELS, most * 2) * 2);
    }
  }

  readonly #encode = (encoding: Encoding): Frame => {
    const { firstSeq, lastSeq, bids, bidCount, asks, askCount, checksum, tick, timestamp } =
      this.#message;
    return depthPush.encode(
      encoding,
      this.#writer,
      this.#symbol,
      firstSeq,
      lastSeq,
      bids,
      bidCount,
      asks,
      askCount,
      checksum,
      this.#isSnapshot,
      tick,
      timestamp,
    );
  };
}
