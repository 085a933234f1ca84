/** `depth`: every change of the book, in messages that follow each other without a gap. */
import type { TickOutput } from "../../core/tick-output.ts";
import type { CoreView } from "../../core/view.ts";
import type { Encoding } from "../../protocol/encoding.ts";
import { depthPush } from "../../protocol/market-data.ts";
import { MessagePackWriter } from "../../protocol/message-pack-writer.ts";
import type { LevelChanges } from "../../records/level-changes.ts";
import { createDepthMessage } from "../../records/level-log.ts";
import type { MarketClock } from "../market-clock.ts";
import type { TickChanges } from "../tick-changes.ts";
import { type Frame, type Publish, Topics } from "../topics.ts";
import type { MarketChannel, Send } from "./channel.ts";

const FIRST_LEVELS = 256;

export class DepthChannel implements MarketChannel {
  readonly #topics: Topics;
  readonly #view: CoreView;
  readonly #changes: LevelChanges;
  readonly #clock: MarketClock;
  readonly #writer = new MessagePackWriter();
  /** What is told. */
  #symbol = 0;
  #isSnapshot = false;
  readonly #message = createDepthMessage();

  constructor(view: CoreView, changes: LevelChanges, clock: MarketClock, publish: Publish) {
    this.#topics = new Topics(publish, "depth", view.symbolsMax);
    this.#view = view;
    this.#changes = changes;
    this.#clock = clock;
  }

  topics(): Topics {
    return this.#topics;
  }

  onTick(_output: TickOutput, changes: TickChanges): void {
    if (this.#topics.isSilent) return;
    for (let i = 0; i < changes.count; i++) {
      const symbol = changes.symbols[i];
      if (!changes.hasOtherLevels(symbol) || !this.#topics.isHeard(symbol)) continue;
      this.#symbol = symbol;
      this.#isSnapshot = false;
      // A change that is too large for the log is told as the whole book.
      if (!this.#changes.readLast(this.#message, symbol)) this.#readBook(symbol);
      this.#topics.publish(symbol, this.#encode);
    }
  }

  current(symbol: number, _interval: number, encoding: Encoding, send: Send): void {
    this.#readBook(symbol);
    send(this.#encode(encoding));
  }

  /** Sends again what changed from change `fromSeq` on; as `LevelChanges.replay`. */
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

  /** All levels of a side, in `memory` or, when that is too small, in more; and how many there are. */
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
