/**
 * Market data: what each durable tick changed in public, published once a tick and symbol, and the
 * current state for whoever comes new.
 */
import type { Core } from "../core/core.ts";
import {
  E_BOOK,
  E_CODE,
  E_HEAD,
  E_TRADE_ID_F64,
  E_TRADE_PRICE,
  E_TRADE_QUANTITY,
  EventFlag,
  EventKind,
  eventInts,
  OrderStatus,
} from "../core/event.ts";
import { CLOCK_TIMESTAMP } from "../core/parts.ts";
import {
  S_LAST_PRICE,
  S_LAST_QUANTITY,
  S_LAST_TIMESTAMP_F64,
  SYMBOL_DOUBLES,
  SYMBOL_INTS,
} from "../core/symbols.ts";
import { type Store, store } from "../lib/store.ts";
import type { Encoding } from "../protocol/encoding.ts";
import { pushBytes, pushText } from "../protocol/envelope.ts";
import {
  jsonBbo,
  jsonBook,
  jsonTrade,
  writeBbo,
  writeBook,
  writeTrade,
} from "../protocol/market-data.ts";
import { MessagePackWriter } from "../protocol/message-pack-writer.ts";
import type { PushData } from "../protocol/schemas.ts";
import { RecentTrades } from "./recent-trades.ts";
import { symbolStatus } from "./status.ts";
import { type Publish, type ServedChannel, Topics } from "./topics.ts";

const NO_TRADE: LastTrade = { price: 0, quantity: 0, timestamp: 0 };

/** Levels a side in a `book` push. */
const BOOK_LEVELS = 20;

export interface LastTrade {
  price: number;
  quantity: number;
  /** Milliseconds since 1970. */
  timestamp: number;
}

export class MarketDataFeed {
  readonly topics: Topics;
  readonly trades: RecentTrades;
  readonly #core: Core;
  readonly #writer = new MessagePackWriter();
  readonly #bids = new Float64Array(BOOK_LEVELS * 2);
  readonly #asks = new Float64Array(BOOK_LEVELS * 2);
  /** By symbol: changes of the book so far, one a tick. */
  readonly #seqs: Float64Array;
  /** By symbol: best bid and offer as last told, price and quantity each, zeros for an empty side. */
  readonly #told: Float64Array;
  readonly #level = new Float64Array(2);
  readonly #dirty: Uint8Array;
  readonly #dirtyList: number[] = [];
  #publish: Publish = () => undefined;

  constructor(core: Core) {
    const symbolsMax = core.symbols.count;
    this.#core = core;
    this.topics = new Topics(symbolsMax);
    this.trades = new RecentTrades(symbolsMax);
    this.#seqs = new Float64Array(symbolsMax);
    this.#told = new Float64Array(symbolsMax * 4);
    this.#dirty = new Uint8Array(symbolsMax);
  }

  get stores(): Store[] {
    const { top } = this.#core.symbols;
    return [store("book-seqs", this.#seqs, () => top() * 2), ...this.trades.stores(top)];
  }

  /** From now on there is somebody to publish to. */
  connect(publish: Publish): void {
    this.#publish = publish;
  }

  /** Changes of a symbol's book so far. */
  seq(symbol: number): number {
    return this.#seqs[symbol];
  }

  /** Takes in a durable tick (or a replayed one), whose events are in the core's buffer. */
  tick(): void {
    const { ints: E } = this.#core.events;
    const end = this.#core.events.end();
    for (let e = 0; e < end; e += eventInts(E[e])) {
      const head = E[e + E_HEAD];
      const kind = head & 255;
      if (kind === EventKind.TRADE) {
        this.#trade(e);
      } else if (kind === EventKind.ORDER) {
        if (changesBook(head)) this.#touch(E[e + E_BOOK] >> 1);
      } else if (kind === EventKind.SYMBOL) {
        this.#status(E[e + E_BOOK] >> 1, E[e + E_CODE]);
      }
    }
    for (const symbol of this.#dirtyList) this.#publishBook(symbol);
    this.#dirtyList.length = 0;
  }

  /** The frame that tells a new subscriber how things stand; null when the channel has no state. */
  current(channel: ServedChannel, symbol: number, encoding: Encoding): string | Uint8Array | null {
    switch (channel) {
      case "book":
        return this.#book(symbol, encoding);
      case "bbo":
        this.#bestChanged(symbol);
        return this.#bbo(symbol, encoding);
      case "status":
        return encodeStatus(encoding, this.#symbolStatus(symbol));
      default:
        return null;
    }
  }

  /** Levels of one side, best first. `side` 0 = bids. */
  levels(symbol: number, side: number, most: number): [number, number][] {
    const flat = new Float64Array(most * 2);
    const count = this.#core.ladder.depth((symbol << 1) | side, flat, most);
    return Array.from({ length: count }, (_, i) => [flat[i * 2], flat[i * 2 + 1]]);
  }

  lastTrade(symbol: number): LastTrade | null {
    const { ints, doubles } = this.#core.symbols;
    const price = ints[symbol * SYMBOL_INTS + S_LAST_PRICE];
    if (price === 0) return null;
    return {
      price,
      quantity: ints[symbol * SYMBOL_INTS + S_LAST_QUANTITY],
      timestamp: doubles[symbol * SYMBOL_DOUBLES + S_LAST_TIMESTAMP_F64],
    };
  }

  #touch(symbol: number): void {
    if (this.#dirty[symbol] !== 0) return;
    this.#dirty[symbol] = 1;
    this.#dirtyList.push(symbol);
  }

  #trade(e: number): void {
    const { ints: E, doubles: D } = this.#core.events;
    const book = E[e + E_BOOK];
    const symbol = book >> 1;
    const id = D[(e >> 1) + E_TRADE_ID_F64];
    const price = E[e + E_TRADE_PRICE];
    const quantity = E[e + E_TRADE_QUANTITY];
    this.#touch(symbol);
    this.trades.add(
      symbol,
      id,
      price,
      quantity,
      book & 1,
      this.#core.clock[CLOCK_TIMESTAMP],
      this.#core.tick(),
    );
    if (!this.topics.areHeard("trades", symbol)) return;
    const side = book & 1;
    const at = this.#core.clock[CLOCK_TIMESTAMP];
    const tick = this.#core.tick();
    this.topics.publish(this.#publish, "trades", symbol, (encoding) =>
      encoding === "json"
        ? jsonTrade(symbol, id, price, quantity, side, at, tick)
        : writeTrade(this.#writer, symbol, id, price, quantity, side, at, tick),
    );
  }

  #status(symbol: number, state: number): void {
    const data = symbolStatus(symbol, state, this.#core.clock[CLOCK_TIMESTAMP], this.#core.tick());
    this.topics.publish(this.#publish, "status", symbol, (encoding) =>
      encodeStatus(encoding, data),
    );
  }

  #symbolStatus(symbol: number) {
    const state = this.#core.symbols.state(symbol);
    return symbolStatus(symbol, state, this.#core.clock[CLOCK_TIMESTAMP], this.#core.tick());
  }

  #publishBook(symbol: number): void {
    this.#dirty[symbol] = 0;
    this.#seqs[symbol]++;
    if (this.topics.areHeard("book", symbol)) {
      const encode = (encoding: Encoding) => this.#book(symbol, encoding);
      this.topics.publish(this.#publish, "book", symbol, encode);
    }
    if (!this.topics.areHeard("bbo", symbol) || !this.#bestChanged(symbol)) return;
    this.topics.publish(this.#publish, "bbo", symbol, (encoding) => this.#bbo(symbol, encoding));
  }

  #book(symbol: number, encoding: Encoding): string | Uint8Array {
    const { ladder } = this.#core;
    const bids = this.#bids;
    const asks = this.#asks;
    const bidCount = ladder.depth(symbol << 1, bids, BOOK_LEVELS);
    const askCount = ladder.depth((symbol << 1) | 1, asks, BOOK_LEVELS);
    const { price, quantity, timestamp } = this.lastTrade(symbol) ?? NO_TRADE;
    const tick = this.#core.tick();
    return encoding === "json"
      ? jsonBook(symbol, bids, bidCount, asks, askCount, price, quantity, timestamp, tick)
      : writeBook(
          this.#writer,
          symbol,
          bids,
          bidCount,
          asks,
          askCount,
          price,
          quantity,
          timestamp,
          tick,
        );
  }

  #bbo(symbol: number, encoding: Encoding): string | Uint8Array {
    const t = symbol * 4;
    const bid = this.#told[t];
    const bidQuantity = this.#told[t + 1];
    const ask = this.#told[t + 2];
    const askQuantity = this.#told[t + 3];
    const tick = this.#core.tick();
    const at = this.#core.clock[CLOCK_TIMESTAMP];
    return encoding === "json"
      ? jsonBbo(symbol, bid, bidQuantity, ask, askQuantity, tick, at)
      : writeBbo(this.#writer, symbol, bid, bidQuantity, ask, askQuantity, tick, at);
  }

  /** Whether best bid and offer are not what was last told; notes them as told. */
  #bestChanged(symbol: number): boolean {
    const told = this.#told;
    const level = this.#level;
    let changed = false;
    for (let side = 0; side < 2; side++) {
      const isEmpty = this.#core.ladder.depth((symbol << 1) | side, level, 1) === 0;
      const t = symbol * 4 + side * 2;
      const price = isEmpty ? 0 : level[0];
      const quantity = isEmpty ? 0 : level[1];
      if (told[t] !== price || told[t + 1] !== quantity) changed = true;
      told[t] = price;
      told[t + 1] = quantity;
    }
    return changed;
  }
}

function encodeStatus(encoding: Encoding, data: PushData<"status">): string | Uint8Array {
  return encoding === "json" ? pushText("status", data) : pushBytes("status", data);
}

/** Whether an ORDER event tells of an order that entered, left or changed in the book. */
function changesBook(head: number): boolean {
  const flags = (head >> 8) & 255;
  if ((flags & EventFlag.DUPLICATE) !== 0) return false;
  if ((flags & EventFlag.OPEN) !== 0 || head >> 16 === OrderStatus.CANCELLED) return true;
  // The reply to an order that expires at once: it has never rested.
  return head >> 16 === OrderStatus.EXPIRED && (flags & EventFlag.REPLY) === 0;
}
