/** `bbo`: best bid and offer, when price or quantity of one of them changed. */
import type { TickOutput } from "../../core/tick-output.ts";
import type { CoreView } from "../../core/view.ts";
import type { Encoding } from "../../protocol/encoding.ts";
import { bboPush } from "../../protocol/market-data.ts";
import { MessagePackWriter } from "../../protocol/message-pack-writer.ts";
import type { BestQuotes } from "../best-quotes.ts";
import { ConflatedTopics } from "../conflated-topics.ts";
import type { MarketClock } from "../market-clock.ts";
import type { TickChanges } from "../tick-changes.ts";
import type { Frame, Publish, Topics } from "../topics.ts";
import type { MarketChannel, Send } from "./channel.ts";

export class BboChannel implements MarketChannel {
  readonly conflated: ConflatedTopics;
  readonly #quotes: BestQuotes;
  readonly #clock: MarketClock;
  readonly #writer = new MessagePackWriter();
  /** The symbol that is being published. */
  #symbol = 0;

  constructor({ symbolsMax }: CoreView, quotes: BestQuotes, clock: MarketClock, publish: Publish) {
    this.conflated = new ConflatedTopics(publish, "bbo", symbolsMax, clock.monotonic, (symbol) => {
      this.#symbol = symbol;
      this.conflated.latest.publish(symbol, this.#encode);
    });
    this.#quotes = quotes;
    this.#clock = clock;
  }

  topics(): Topics {
    return this.conflated.exact;
  }

  onTick({ tick }: TickOutput, changes: TickChanges): void {
    if (this.conflated.isSilent) return;
    for (let i = 0; i < changes.count; i++) {
      this.#symbol = changes.symbols[i];
      if (!this.#quotes.hasChanged(this.#symbol, tick)) continue;
      this.conflated.publish(this.#symbol, this.#encode);
    }
  }

  current(symbol: number, _interval: number, encoding: Encoding, send: Send): void {
    this.#symbol = symbol;
    this.#quotes.refresh(symbol);
    send(this.#encode(encoding));
  }

  readonly #encode = (encoding: Encoding): Frame => {
    const symbol = this.#symbol;
    const quotes = this.#quotes;
    const bidPrice = quotes.bidPrice(symbol);
    const bidQuantity = quotes.bidQuantity(symbol);
    const askPrice = quotes.askPrice(symbol);
    const askQuantity = quotes.askQuantity(symbol);
    const { tick, timestamp } = this.#clock;
    return bboPush.encode(
      encoding,
      this.#writer,
      symbol,
      bidPrice,
      bidQuantity,
      askPrice,
      askQuantity,
      tick,
      timestamp,
    );
  };
}
