/**
 * `trades`: every trade. A tick may have very many, and each goes to every subscriber. So they go out in slices, and
 * between two slices other work is done. When too many wait, the rest of the tick is left out, and a status says so.
 */
import type { TickOutput } from "../../core/tick-output.ts";
import type { CoreView } from "../../core/view.ts";
import { freshDoubles } from "../../lib/fresh-memory.ts";
import type { Encoding } from "../../protocol/encoding.ts";
import { pushFrame } from "../../protocol/envelope.ts";
import { tradePush } from "../../protocol/market-data.ts";
import { MessagePackWriter } from "../../protocol/message-pack-writer.ts";
import { symbolName } from "../../protocol/names.ts";
import { type PushData, pushes } from "../../protocol/schemas.ts";
import { type Frame, type Publish, Topics } from "../topics.ts";
import type { MarketChannel } from "./channel.ts";

/** Deliveries of a slice: frames, each counted once a subscriber. Some milliseconds of work. */
const DELIVERIES_AT_ONCE = 4096;
/** Trades that may wait for their slice. */
const WAITING_MAX = 262_144;
/** Numbers of a trade that waits: symbol, id, price, quantity, side of its taker, timestamp, tick. */
const NUMBERS = 7;

export class TradesChannel implements MarketChannel {
  readonly #topics: Topics;
  readonly #writer = new MessagePackWriter();
  /** A ring of trades that wait, how many, and the place of the first, which is 0 again whenever none waits. */
  readonly #waiting: Float64Array;
  #count = 0;
  #first = 0;
  #isScheduled = false;
  readonly #waitingMax: number;
  /** The trade that is being published. */
  #symbol = 0;
  #id = 0;
  #price = 0;
  #quantity = 0;
  #takerSide = 0;
  #timestamp = 0;
  #tick = 0;

  constructor({ symbolsMax }: CoreView, publish: Publish, waitingMax = WAITING_MAX) {
    this.#topics = new Topics(publish, "trades", symbolsMax);
    this.#waitingMax = waitingMax;
    this.#waiting = freshDoubles(waitingMax * NUMBERS);
  }

  topics(): Topics {
    return this.#topics;
  }

  onTick({ events, timestamp, tick, trades }: TickOutput): void {
    if (trades.count === 0 || this.#topics.isSilent) return;
    const leftOut = new Set<number>();
    const waiting = this.#waiting;
    for (let i = 0; i < trades.count; i++) {
      const e = trades.at(i);
      const taker = events.order(e);
      const symbol = events.symbol(taker);
      if (!this.#topics.isHeard(symbol)) continue;
      if (this.#count === this.#waitingMax) {
        leftOut.add(symbol);
        continue;
      }
      const at = ((this.#first + this.#count) % this.#waitingMax) * NUMBERS;
      this.#count++;
      waiting[at] = symbol;
      waiting[at + 1] = events.tradeId(e);
      waiting[at + 2] = events.tradePrice(e);
      waiting[at + 3] = events.tradeQuantity(e);
      waiting[at + 4] = events.side(taker);
      waiting[at + 5] = timestamp;
      waiting[at + 6] = tick;
    }
    for (const symbol of leftOut) this.#tellLeftOut(symbol, timestamp, tick);
    if (!this.#isScheduled) this.#tellSlice();
  }

  #tellSlice(): void {
    const waiting = this.#waiting;
    let left = DELIVERIES_AT_ONCE;
    while (this.#count > 0 && left > 0) {
      const at = this.#first * NUMBERS;
      this.#symbol = waiting[at];
      this.#id = waiting[at + 1];
      this.#price = waiting[at + 2];
      this.#quantity = waiting[at + 3];
      this.#takerSide = waiting[at + 4];
      this.#timestamp = waiting[at + 5];
      this.#tick = waiting[at + 6];
      this.#first = (this.#first + 1) % this.#waitingMax;
      this.#count--;
      this.#topics.publish(this.#symbol, this.#encode);
      left -= 1 + this.#topics.listeners(this.#symbol);
    }
    this.#isScheduled = this.#count > 0;
    if (this.#isScheduled) setImmediate(() => this.#tellSlice());
    else this.#first = 0;
  }

  #tellLeftOut(symbol: number, timestamp: number, tick: number): void {
    const data: PushData<"status"> = {
      event: "resync",
      symbol: symbolName(symbol),
      message: "Trades of this symbol were left out: their trade_ids are missing in what follows",
      timestamp,
      tick,
    };
    const { stream } = pushes.status;
    this.#topics.publish(symbol, (encoding) => pushFrame(encoding, stream, data));
  }

  /** Whether trades wait for a slice. */
  get isBehind(): boolean {
    return this.#count > 0;
  }

  current(): void {
    // Trades have no state, only changes.
  }

  readonly #encode = (encoding: Encoding): Frame =>
    tradePush.encode(
      encoding,
      this.#writer,
      this.#symbol,
      this.#id,
      this.#price,
      this.#quantity,
      this.#takerSide,
      this.#timestamp,
      this.#tick,
    );
}
