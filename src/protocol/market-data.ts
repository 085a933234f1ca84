/**
 * Encoders of market-data pushes. A side of the book is a flat array `[price, quantity, price, quantity, …]`, best first, with
 * the number of its levels.
 */
import { createEncoder } from "./encoder.ts";
import {
  best,
  boolean,
  constant,
  integer,
  levels,
  name,
  nullable,
  object,
  optional,
  push,
  word,
} from "./layout.ts";
import { CANDLE_INTERVALS, SIDES, SYMBOL_PREFIX } from "./names.ts";

const symbol = name(SYMBOL_PREFIX, "symbol");
const timestamp = integer("timestamp");
const tick = integer("tick");
/** A price, or null when it is 0. */
const priceOrNull = (of: string) => nullable(`${of} !== 0`, integer(of));

/** The book push. `lastQuantity` 0: nothing has traded yet. */
export const bookPush = createEncoder<
  [
    symbol: number,
    bids: Float64Array,
    bidCount: number,
    asks: Float64Array,
    askCount: number,
    lastPrice: number,
    lastQuantity: number,
    lastTimestamp: number,
    tick: number,
  ]
>(
  [
    "symbol",
    "bids",
    "bidCount",
    "asks",
    "askCount",
    "lastPrice",
    "lastQuantity",
    "lastTimestamp",
    "tick",
  ],
  push("book", {
    symbol,
    bids: levels("bids", "bidCount"),
    asks: levels("asks", "askCount"),
    last_trade: nullable(
      "lastQuantity !== 0",
      object({
        price: integer("lastPrice"),
        quantity: integer("lastQuantity"),
        timestamp: integer("lastTimestamp"),
      }),
    ),
    tick,
  }),
);

/** The depth push: changed levels with their new totals, 0 for a level that is gone. With `snapshot` it has all levels. */
export const depthPush = createEncoder<
  [
    symbol: number,
    firstSeq: number,
    lastSeq: number,
    bids: Float64Array,
    bidCount: number,
    asks: Float64Array,
    askCount: number,
    checksum: number,
    snapshot: boolean,
    tick: number,
    timestamp: number,
  ]
>(
  [
    "symbol",
    "firstSeq",
    "lastSeq",
    "bids",
    "bidCount",
    "asks",
    "askCount",
    "checksum",
    "snapshot",
    "tick",
    "timestamp",
  ],
  push("depth", {
    symbol,
    first_seq: integer("firstSeq"),
    last_seq: integer("lastSeq"),
    bids: levels("bids", "bidCount"),
    asks: levels("asks", "askCount"),
    checksum: integer("checksum"),
    snapshot: optional("snapshot", constant(true)),
    tick,
    timestamp,
  }),
);

/** The trades push; `takerSide` is an index into SIDES. */
export const tradePush = createEncoder<
  [
    symbol: number,
    tradeId: number,
    price: number,
    quantity: number,
    takerSide: number,
    timestamp: number,
    tick: number,
  ]
>(
  ["symbol", "tradeId", "price", "quantity", "takerSide", "timestamp", "tick"],
  push("trades", {
    symbol,
    trade_id: integer("tradeId"),
    price: integer("price"),
    quantity: integer("quantity"),
    taker_side: word(SIDES, "takerSide"),
    timestamp,
    tick,
  }),
);

/** The bbo push. Quantity 0: this side is empty. */
export const bboPush = createEncoder<
  [
    symbol: number,
    bidPrice: number,
    bidQuantity: number,
    askPrice: number,
    askQuantity: number,
    tick: number,
    timestamp: number,
  ]
>(
  ["symbol", "bidPrice", "bidQuantity", "askPrice", "askQuantity", "tick", "timestamp"],
  push("bbo", {
    symbol,
    bid: best("bidPrice", "bidQuantity"),
    ask: best("askPrice", "askQuantity"),
    tick,
    timestamp,
  }),
);

/** The ticker push. A price of 0: there is none. A quantity of 0: this side is empty. */
export const tickerPush = createEncoder<
  [
    symbol: number,
    open: number,
    high: number,
    low: number,
    last: number,
    volume: number,
    change: number,
    bidPrice: number,
    bidQuantity: number,
    askPrice: number,
    askQuantity: number,
    timestamp: number,
    tick: number,
  ]
>(
  [
    "symbol",
    "open",
    "high",
    "low",
    "last",
    "volume",
    "change",
    "bidPrice",
    "bidQuantity",
    "askPrice",
    "askQuantity",
    "timestamp",
    "tick",
  ],
  push("ticker", {
    symbol,
    open: priceOrNull("open"),
    high: priceOrNull("high"),
    low: priceOrNull("low"),
    last: priceOrNull("last"),
    volume: integer("volume"),
    change: integer("change"),
    bid: best("bidPrice", "bidQuantity"),
    ask: best("askPrice", "askQuantity"),
    timestamp,
    tick,
  }),
);

/** The candles push; `interval` is an index into CANDLE_INTERVALS. */
export const candlePush = createEncoder<
  [
    symbol: number,
    interval: number,
    start: number,
    open: number,
    high: number,
    low: number,
    close: number,
    volume: number,
    trades: number,
    closed: boolean,
    tick: number,
  ]
>(
  [
    "symbol",
    "interval",
    "start",
    "open",
    "high",
    "low",
    "close",
    "volume",
    "trades",
    "closed",
    "tick",
  ],
  push("candles", {
    symbol,
    interval: word(CANDLE_INTERVALS, "interval"),
    start: integer("start"),
    open: integer("open"),
    high: integer("high"),
    low: integer("low"),
    close: integer("close"),
    volume: integer("volume"),
    trades: integer("trades"),
    closed: boolean("closed"),
    tick,
  }),
);

/** The heartbeat push; `sequence` is the number of the last command. */
export const heartbeatPush = createEncoder<[timestamp: number, tick: number, sequence: number]>(
  ["timestamp", "tick", "sequence"],
  push("heartbeat", { timestamp, tick, sequence: integer("sequence") }),
);
