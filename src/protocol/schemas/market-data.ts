/** Market data: requests and pushes. */
import { type Static, Type } from "@sinclair/typebox";
import { SIDES } from "../names.ts";
import {
  amount,
  choice,
  count,
  flag,
  LEVELS_MAX,
  levels,
  NAME_CHARACTERS_MAX,
  nullable,
  optional,
  params,
  positive,
  price,
  quantity,
  ROWS_MAX,
  SYMBOLS_PER_REQUEST_MAX,
  symbol,
  TEXT_CHARACTERS_MAX,
  text,
  tick,
  timestamp,
} from "./fields.ts";

export const CHANNELS = ["book", "depth", "trades", "bbo", "ticker", "candles", "status"] as const;
export type Channel = (typeof CHANNELS)[number];
export const CANDLE_INTERVALS = ["1m", "5m", "15m", "1h", "1d"] as const;
export const STATUS_EVENTS = ["symbol", "maintenance", "shutdown"] as const;
export const SYMBOL_STATES = ["TRADING", "CANCEL_ONLY", "HALTED", "PRE_OPEN", "AUCTION"] as const;

export const SubscribeParams = params({
  channels: Type.Array(choice(CHANNELS, "channel"), {
    minItems: 1,
    maxItems: CHANNELS.length,
    description: "which channels",
  }),
  symbols: Type.Array(symbol("`SYMBOL_<n>` or `*`"), {
    minItems: 1,
    maxItems: SYMBOLS_PER_REQUEST_MAX,
    description: 'which symbols; `["*"]` is all',
  }),
});
const subscriptions = (description: string) =>
  Type.Array(Type.String(), { description: `${description}, each as \`channel.symbol\`` });
export const SubscribeResult = Type.Object({ subscribed: subscriptions("what was asked for") });
export const UnsubscribeResult = Type.Object({ unsubscribed: subscriptions("what was ended") });
export const SubscriptionsResult = Type.Object({ subscribed: subscriptions("what is active") });

export const SymbolsParams = params({
  query: optional(text("part of a player's name, a team or a position", NAME_CHARACTERS_MAX, 0)),
});
export const SymbolsResult = Type.Object({
  symbols: Type.Array(
    Type.Object({
      symbol: symbol(),
      player_id: Type.String({ description: "Sleeper's id" }),
      player_name: Type.String({ description: "full name" }),
      team: nullable(Type.String(), "team, such as KC"),
      position: nullable(Type.String(), "QB, RB, WR, TE, K or DEF"),
      number: nullable(Type.Integer(), "on the jersey"),
      status: nullable(Type.String(), "the player's status"),
      price_increment: price("every price is a multiple of it"),
    }),
    { description: "listed symbols" },
  ),
});

const LastTrade = nullable(
  Type.Object({ price: price("price"), quantity: quantity("how many"), timestamp: timestamp() }),
  "`{price, quantity, timestamp}` or null",
);
const bookFields = {
  symbol: symbol(),
  bids: levels("`[[price, quantity]…]`, best first"),
  asks: levels("`[[price, quantity]…]`, best first"),
  last_trade: LastTrade,
};

export const BookSnapshotParams = params({
  symbol: symbol(),
  levels: optional(positive("levels a side", LEVELS_MAX)),
});
export const BookSnapshotResult = Type.Object({
  ...bookFields,
  seq: count("last_seq of the depth channel that this book includes"),
  tick: tick(),
});

const tradeFields = {
  trade_id: positive("consecutive"),
  price: price("price"),
  quantity: quantity("how many"),
  taker_side: choice(SIDES, "side of the order that came second"),
  timestamp: timestamp(),
  tick: tick(),
};
const limit = () => optional(positive("rows, newest first", ROWS_MAX));
export const RecentTradesParams = params({ symbol: symbol(), limit: limit() });
export const RecentTradesResult = Type.Object({
  symbol: symbol(),
  trades: Type.Array(Type.Object(tradeFields), { description: "newest first" }),
});

const candleFields = {
  start: timestamp("start of the interval, milliseconds since 1970"),
  open: price("first price"),
  high: price("highest price"),
  low: price("lowest price"),
  close: price("last price"),
  volume: count("shares traded"),
};
const interval = () => choice(CANDLE_INTERVALS, "length of a candle");
export const CandlesParams = params({ symbol: symbol(), interval: interval(), limit: limit() });
export const CandlesResult = Type.Object({
  symbol: symbol(),
  interval: interval(),
  candles: Type.Array(Type.Object(candleFields), { description: "newest first" }),
});

export const BookPush = Type.Object({ ...bookFields, tick: tick() });
export const DepthPush = Type.Object({
  symbol: symbol(),
  first_seq: count("previous last_seq + 1"),
  last_seq: count("number of the last change in here"),
  bids: levels("`[[price, new total]…]`; 0 removes the level"),
  asks: levels("`[[price, new total]…]`; 0 removes the level"),
  checksum: count("CRC-32 of the ten best levels a side after this change", 0xffff_ffff),
  snapshot: optional(Type.Literal(true, { description: "this is the whole book" })),
});
export const TradePush = Type.Object({ symbol: symbol(), ...tradeFields });
const best = (description: string) =>
  nullable(Type.Tuple([price("price"), count("total quantity, shares")]), description);
export const BboPush = Type.Object({
  symbol: symbol(),
  bid: best("`[price, quantity]` or null"),
  ask: best("`[price, quantity]` or null"),
  tick: tick(),
  timestamp: timestamp(),
});
export const TickerPush = Type.Object({
  symbol: symbol(),
  open: nullable(price("price"), "price 24 hours ago, or of the first trade since"),
  high: nullable(price("price"), "highest in 24 hours"),
  low: nullable(price("price"), "lowest in 24 hours"),
  last: nullable(price("price"), "last price"),
  volume: count("shares traded in 24 hours"),
  change: amount("last - open, cents"),
  timestamp: timestamp(),
  tick: tick(),
});
export const CandlePush = Type.Object({
  symbol: symbol(),
  interval: interval(),
  ...candleFields,
  closed: flag("no further change will come"),
  tick: tick(),
});
export const StatusPush = Type.Object({
  event: choice(STATUS_EVENTS, "what it is about"),
  symbol: optional(symbol("of a `symbol` event")),
  state: optional(choice(SYMBOL_STATES, "of a `symbol` event")),
  message: optional(text("for people", TEXT_CHARACTERS_MAX)),
  timestamp: timestamp(),
  tick: tick(),
});

export type SubscribeParams = Static<typeof SubscribeParams>;
export type SymbolsResult = Static<typeof SymbolsResult>;
export type BookPush = Static<typeof BookPush>;
export type DepthPush = Static<typeof DepthPush>;
export type TradePush = Static<typeof TradePush>;
export type BboPush = Static<typeof BboPush>;
export type TickerPush = Static<typeof TickerPush>;
export type CandlePush = Static<typeof CandlePush>;
export type StatusPush = Static<typeof StatusPush>;
