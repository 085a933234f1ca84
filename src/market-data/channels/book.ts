/** `book`: the best levels and the last trade, once a tick and symbol, when one of them changed. */
import type { TickOutput } from "../../core/tick-output.ts";
import type { CoreView, LastTrade } from "../../core/view.ts";
import { freshDoubles } from "../../lib/fresh-memory.ts";
import type { Encoding } from "../../protocol/encoding.ts";
import { bookPush } from "../../protocol/market-data.ts";
import { MessagePackWriter } from "../../protocol/message-pack-writer.ts";
import { ConflatedTopics } from "../conflated-topics.ts";
import type { MarketClock } from "../market-clock.ts";
import type { TickChanges } from "../tick-changes.ts";
import type { Frame, Publish, Topics } from "../topics.ts";
import type { MarketChannel, Send } from "./channel.ts";

/** Levels a side. */
const BOOK_LEVELS = 20;
const SIDE_DOUBLES = BOOK_LEVELS * 2;

const NO_TRADE: LastTrade = { price: 0, quantity: 0, timestamp: 0 };

export class BookChannel implements MarketChannel {
  readonly conflated: ConflatedTopics;
  readonly #view: CoreView;
  readonly #clock: MarketClock;
  readonly #writer = new MessagePackWriter();
  /** By symbol: the levels last published, price and quantity of each, bids and then offers. Zeros after the last. */
  readonly #told: Float64Array;
  /** The book that is being published. */
  #symbol = 0;
  readonly #bids = new Float64Array(SIDE_DOUBLES);
  readonly #asks = new Float64Array(SIDE_DOUBLES);
  #bidCount = 0;
  #askCount = 0;

  constructor(view: CoreView, clock: MarketClock, publish: Publish) {
    const { symbolsMax } = view;
    this.conflated = new ConflatedTopics(publish, "book", symbolsMax, clock.monotonic, (symbol) => {
      this.#read(symbol);
      this.conflated.latest.publish(symbol, this.#encode);
    });
    this.#view = view;
    this.#clock = clock;
    this.#told = freshDoubles(view.symbolsMax * 2 * SIDE_DOUBLES);
  }

  topics(): Topics {
    return this.conflated.exact;
  }

  onTick(_output: TickOutput, changes: TickChanges): void {
    if (this.conflated.isSilent) return;
    for (let i = 0; i < changes.count; i++) {
      const symbol = changes.symbols[i];
      if (!this.conflated.isHeard(symbol)) continue;
      // Perhaps only levels changed that are too far from the best, or an order came and went within the tick.
      const isOther = this.#read(symbol);
      if (isOther || changes.hasTraded(symbol)) this.conflated.publish(symbol, this.#encode);
    }
  }

  current(symbol: number, _interval: number, encoding: Encoding, send: Send): void {
    this.#read(symbol);
    send(this.#encode(encoding));
  }

  /** Takes the levels from the book and notes them as published. Returns whether they differ from those before. */
  #read(symbol: number): boolean {
    this.#symbol = symbol;
    this.#bidCount = this.#view.depth(symbol, 0, this.#bids, BOOK_LEVELS);
    this.#askCount = this.#view.depth(symbol, 1, this.#asks, BOOK_LEVELS);
    const t = symbol * 2 * SIDE_DOUBLES;
    const isOtherBid = this.#note(t, this.#bids, this.#bidCount);
    const isOtherAsk = this.#note(t + SIDE_DOUBLES, this.#asks, this.#askCount);
    return isOtherBid || isOtherAsk;
  }

  #note(from: number, levels: Float64Array, count: number): boolean {
    const told = this.#told;
    levels.fill(0, count * 2);
    let isOther = false;
    for (let i = 0; i < SIDE_DOUBLES; i++) {
      if (told[from + i] !== levels[i]) isOther = true;
      told[from + i] = levels[i];
    }
    return isOther;
  }

  readonly #encode = (encoding: Encoding): Frame => {
    const { price, quantity, timestamp } = this.#view.lastTrade(this.#symbol) ?? NO_TRADE;
    const { tick } = this.#clock;
    return bookPush.encode(
      encoding,
      this.#writer,
      this.#symbol,
      this.#bids,
      this.#bidCount,
      this.#asks,
      this.#askCount,
      price,
      quantity,
      timestamp,
      tick,
    );
  };
}
