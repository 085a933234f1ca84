/**
 * Market-data pushes, straight from primitives and flat arrays, in both encodings. A side of the book
 * is `[price, quantity, price, quantity, …]`, best first, with the number of its levels.
 */
import { Fragment, type MessagePackWriter } from "./message-pack-writer.ts";
import { SIDES, SYMBOL_PREFIX } from "./names.ts";

/** The book push in JSON; `lastQuantity` 0 = nothing traded yet. */
export function jsonBook(
  symbol: number,
  bids: Float64Array,
  bidCount: number,
  asks: Float64Array,
  askCount: number,
  lastPrice: number,
  lastQuantity: number,
  lastTimestamp: number,
  tick: number,
): string {
  const last =
    lastQuantity === 0
      ? "null"
      : `{"price":${lastPrice},"quantity":${lastQuantity},"timestamp":${lastTimestamp}}`;
  const levels = `"bids":${jsonLevels(bids, bidCount)},"asks":${jsonLevels(asks, askCount)}`;
  return `{"stream":"market_data","data":{"symbol":"SYMBOL_${symbol}",${levels},"last_trade":${last},"tick":${tick}}}`;
}

function jsonLevels(levels: Float64Array, count: number): string {
  let text = "[";
  for (let i = 0; i < count; i++) {
    text += i === 0 ? `[${levels[0]},${levels[1]}]` : `,[${levels[2 * i]},${levels[2 * i + 1]}]`;
  }
  return `${text}]`;
}

/** The trades push in JSON; `takerSide` is an index into SIDES. */
export function jsonTrade(
  symbol: number,
  tradeId: number,
  price: number,
  quantity: number,
  takerSide: number,
  timestamp: number,
  tick: number,
): string {
  return `{"stream":"trades","data":{"symbol":"SYMBOL_${symbol}","trade_id":${tradeId},"price":${price},"quantity":${quantity},"taker_side":"${SIDES[takerSide]}","timestamp":${timestamp},"tick":${tick}}}`;
}

/** The bbo push in JSON; quantity 0 = no such side. */
export function jsonBbo(
  symbol: number,
  bidPrice: number,
  bidQuantity: number,
  askPrice: number,
  askQuantity: number,
  tick: number,
  timestamp: number,
): string {
  const bid = bidQuantity === 0 ? "null" : `[${bidPrice},${bidQuantity}]`;
  const ask = askQuantity === 0 ? "null" : `[${askPrice},${askQuantity}]`;
  return `{"stream":"bbo","data":{"symbol":"SYMBOL_${symbol}","bid":${bid},"ask":${ask},"tick":${tick},"timestamp":${timestamp}}}`;
}

const key = (name: string): Fragment => new Fragment((writer) => writer.string(name));
const SYMBOL_NAME = new Fragment((writer) => writer.text(SYMBOL_PREFIX));

/** The push's beginning, with `members` members of `data`, up to the value of `symbol`. */
const head = (stream: string, members: number): Fragment =>
  new Fragment((writer) => {
    writer.map(2);
    writer.string("stream");
    writer.string(stream);
    writer.string("data");
    writer.map(members);
    writer.string("symbol");
  });

const BOOK_HEAD = head("market_data", 5);
const TRADE_HEAD = head("trades", 7);
const BBO_HEAD = head("bbo", 5);
const BIDS = key("bids");
const ASKS = key("asks");
const LAST_TRADE = key("last_trade");
const BID = key("bid");
const ASK = key("ask");
const TRADE_ID = key("trade_id");
const PRICE = key("price");
const QUANTITY = key("quantity");
const TAKER_SIDE = SIDES.map(
  (side) =>
    new Fragment((writer) => {
      writer.string("taker_side");
      writer.string(side);
    }),
);
const TIMESTAMP = key("timestamp");
const TICK = key("tick");

/** The book push in MessagePack. */
export function writeBook(
  writer: MessagePackWriter,
  symbol: number,
  bids: Float64Array,
  bidCount: number,
  asks: Float64Array,
  askCount: number,
  lastPrice: number,
  lastQuantity: number,
  lastTimestamp: number,
  tick: number,
): Uint8Array {
  writer.reset();
  writer.fragment(BOOK_HEAD);
  writer.name(SYMBOL_NAME, symbol);
  writer.fragment(BIDS);
  writeLevels(writer, bids, bidCount);
  writer.fragment(ASKS);
  writeLevels(writer, asks, askCount);
  writer.fragment(LAST_TRADE);
  if (lastQuantity === 0) {
    writer.nil();
  } else {
    writer.map(3);
    writer.fragment(PRICE);
    writer.integer(lastPrice);
    writer.fragment(QUANTITY);
    writer.integer(lastQuantity);
    writer.fragment(TIMESTAMP);
    writer.integer(lastTimestamp);
  }
  writer.fragment(TICK);
  writer.integer(tick);
  return writer.view();
}

function writeLevels(writer: MessagePackWriter, levels: Float64Array, count: number): void {
  writer.array(count);
  for (let i = 0; i < count; i++) writeLevel(writer, levels[2 * i], levels[2 * i + 1]);
}

function writeLevel(writer: MessagePackWriter, price: number, quantity: number): void {
  writer.array(2);
  writer.integer(price);
  writer.integer(quantity);
}

/** The trades push in MessagePack. */
export function writeTrade(
  writer: MessagePackWriter,
  symbol: number,
  tradeId: number,
  price: number,
  quantity: number,
  takerSide: number,
  timestamp: number,
  tick: number,
): Uint8Array {
  writer.reset();
  writer.fragment(TRADE_HEAD);
  writer.name(SYMBOL_NAME, symbol);
  writer.fragment(TRADE_ID);
  writer.integer(tradeId);
  writer.fragment(PRICE);
  writer.integer(price);
  writer.fragment(QUANTITY);
  writer.integer(quantity);
  writer.fragment(TAKER_SIDE[takerSide]);
  writer.fragment(TIMESTAMP);
  writer.integer(timestamp);
  writer.fragment(TICK);
  writer.integer(tick);
  return writer.view();
}

/** The bbo push in MessagePack. */
export function writeBbo(
  writer: MessagePackWriter,
  symbol: number,
  bidPrice: number,
  bidQuantity: number,
  askPrice: number,
  askQuantity: number,
  tick: number,
  timestamp: number,
): Uint8Array {
  writer.reset();
  writer.fragment(BBO_HEAD);
  writer.name(SYMBOL_NAME, symbol);
  writer.fragment(BID);
  if (bidQuantity === 0) writer.nil();
  else writeLevel(writer, bidPrice, bidQuantity);
  writer.fragment(ASK);
  if (askQuantity === 0) writer.nil();
  else writeLevel(writer, askPrice, askQuantity);
  writer.fragment(TICK);
  writer.integer(tick);
  writer.fragment(TIMESTAMP);
  writer.integer(timestamp);
  return writer.view();
}
