/**
 * Market-data pushes, straight from primitives and flat arrays, in both encodings. A side of the book
 * is `[price, quantity, price, quantity, …]`, best first, with the number of its levels.
 */
import { Fragment } from "./byte-writer.ts";
import { JsonWriter } from "./json-writer.ts";
import {
  type MessagePackWriter,
  messagePackFragment,
  stringFragment,
} from "./message-pack-writer.ts";
import { SIDES, SYMBOL_PREFIX } from "./names.ts";

const json = new JsonWriter();

const JSON_BOOK_HEAD = Fragment.text('{"stream":"market_data","data":{"symbol":"SYMBOL_');
const JSON_BIDS = Fragment.text('","bids":[');
const JSON_ASKS = Fragment.text('],"asks":[');
const JSON_LAST_TRADE = Fragment.text('],"last_trade":{"price":');
const JSON_QUANTITY = Fragment.text(',"quantity":');
const JSON_TIMESTAMP = Fragment.text(',"timestamp":');
const JSON_TICK = Fragment.text('},"tick":');
const JSON_NO_TRADE = Fragment.text('],"last_trade":null,"tick":');
const JSON_END = Fragment.text("}}");
const JSON_LEVEL = Fragment.text("[");
const JSON_NEXT_LEVEL = Fragment.text(",[");
const COMMA = 0x2c;
const BRACKET = 0x5d;

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
  json.reset();
  json.fragment(JSON_BOOK_HEAD);
  json.integer(symbol);
  json.fragment(JSON_BIDS);
  jsonLevels(bids, bidCount);
  json.fragment(JSON_ASKS);
  jsonLevels(asks, askCount);
  if (lastQuantity === 0) {
    json.fragment(JSON_NO_TRADE);
  } else {
    json.fragment(JSON_LAST_TRADE);
    json.integer(lastPrice);
    json.fragment(JSON_QUANTITY);
    json.integer(lastQuantity);
    json.fragment(JSON_TIMESTAMP);
    json.integer(lastTimestamp);
    json.fragment(JSON_TICK);
  }
  json.integer(tick);
  json.fragment(JSON_END);
  return json.text();
}

function jsonLevels(levels: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) {
    json.fragment(i === 0 ? JSON_LEVEL : JSON_NEXT_LEVEL);
    json.integer(levels[2 * i]);
    json.byte(COMMA);
    json.integer(levels[2 * i + 1]);
    json.byte(BRACKET);
  }
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

const SYMBOL_NAME = Fragment.text(SYMBOL_PREFIX);

/** The push's beginning, with `members` members of `data`, up to the value of `symbol`. */
const head = (stream: string, members: number): Fragment =>
  messagePackFragment((writer) => {
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
const BIDS = stringFragment("bids");
const ASKS = stringFragment("asks");
const LAST_TRADE = stringFragment("last_trade");
const BID = stringFragment("bid");
const ASK = stringFragment("ask");
const TRADE_ID = stringFragment("trade_id");
const PRICE = stringFragment("price");
const QUANTITY = stringFragment("quantity");
const TAKER_SIDE = SIDES.map((side) =>
  messagePackFragment((writer) => {
    writer.string("taker_side");
    writer.string(side);
  }),
);
const TIMESTAMP = stringFragment("timestamp");
const TICK = stringFragment("tick");

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
