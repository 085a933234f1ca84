/** Market data: requests and pushes. */
import { type Static, Type } from "@sinclair/typebox";
import { CANDLE_INTERVALS, SIDES } from "../names.ts";
import {
  amount,
  before,
  choice,
  count,
  flag,
  LEVELS_MAX,
  levels,
  limit,
  NAME_CHARACTERS_MAX,
  next,
  nullable,
  optional,
  params,
  positive,
  price,
  quantity,
  SYMBOLS_PER_REQUEST_MAX,
  symbol,
  symbolParam,
  TEXT_CHARACTERS_MAX,
  TICKER_PATTERN,
  text,
  tick,
  timestamp,
} from "./fields.ts";

export const CHANNELS = [
  "book",
  "depth",
  "trades",
  "bbo",
  "ticker",
  "candles",
  "status",
  "heartbeat",
] as const;
export type Channel = (typeof CHANNELS)[number];
const STATUS_EVENTS = [
  "symbol",
  "resync",
  "conflated",
  "exact",
  "maintenance",
  "shutdown",
] as const;
export const MAINTENANCE_PHASES = [
  "scheduled",
  "cancel_only",
  "closed",
  "reopening",
  "over",
] as const;
/** `player_status` of a player who has left. His symbol was closed then, and stays closed when all others are opened. */
export const PLAYER_GONE = "Inactive";

export const SYMBOL_STATES = ["TRADING", "CANCEL_ONLY", "HALTED", "PRE_OPEN", "AUCTION"] as const;
/** The name of a symbol's state; `state` is a `SymbolState` of the core other than UNLISTED. */
export function stateName(state: number): (typeof SYMBOL_STATES)[number] {
  return SYMBOL_STATES[state - 1];
}

export const SubscribeParams = params({
  channels: Type.Array(choice(CHANNELS, "channel"), {
    minItems: 1,
    maxItems: CHANNELS.length,
    description: "which channels",
  }),
  symbols: optional(
    Type.Array(symbolParam("`SYMBOL_<n>`, a ticker or `*`"), {
      minItems: 1,
      maxItems: SYMBOLS_PER_REQUEST_MAX,
      description:
        'which symbols, `["*"]` is all, in place of single ones of its channel: they end with it; left out when `heartbeat` is the only channel',
    }),
  ),
  interval: optional(choice(CANDLE_INTERVALS, "length of the `candles`; default 1m")),
});
const subscriptions = (description: string) =>
  Type.Array(Type.String(), { description: `${description}, each as \`channel.symbol\`` });
export const SubscribeResult = Type.Object({ subscribed: subscriptions("what was asked for") });
export const UnsubscribeResult = Type.Object({ unsubscribed: subscriptions("what was ended") });
export const SubscriptionsResult = Type.Object({ subscribed: subscriptions("what is active") });

export const SymbolsParams = params({
  query: optional(text("part of a player's name, a team or a position", NAME_CHARACTERS_MAX, 0)),
  team: optional(text("only of this team, such as KC", NAME_CHARACTERS_MAX)),
  position: optional(text("only players of this position, such as QB", NAME_CHARACTERS_MAX)),
  state: optional(choice(SYMBOL_STATES, "only symbols in this trading state")),
});
export const SymbolParams = params({ symbol: symbolParam() });
export const SymbolResult = Type.Object(
  {
    symbol: symbol(),
    ticker: optional(
      Type.String({
        pattern: TICKER_PATTERN,
        description: "upper-case letters and digits; unique, for ever the same player's",
      }),
    ),
    player_id: Type.String({ description: "Sleeper's id" }),
    player_name: Type.String({ description: "full name" }),
    team: nullable(Type.String(), "team, such as KC"),
    position: nullable(Type.String(), "QB, RB, WR, TE, K or DEF"),
    number: nullable(Type.Integer(), "on the jersey"),
    player_status: nullable(Type.String(), "such as Active"),
    state: choice(SYMBOL_STATES, "the symbol's trading state"),
    price_increment: price("every price is a multiple of it"),
  },
  { title: "Symbol", description: "a symbol and its player" },
);
export const SymbolsResult = Type.Object({
  symbols: Type.Array(SymbolResult, { description: "listed symbols" }),
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
  symbol: symbolParam(),
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
export const RecentTradesParams = params({
  symbol: symbolParam(),
  limit: limit("rows, newest first; default 50"),
});
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
  trades: count("how many trades"),
  closed: flag("no further change will come"),
};
const interval = () => choice(CANDLE_INTERVALS, "length of a candle");
export const CandlesParams = params({
  symbol: symbolParam(),
  interval: interval(),
  limit: limit("rows, newest first; default 50"),
  before: before(),
});
export const CandlesResult = Type.Object({
  symbol: symbol(),
  interval: interval(),
  candles: Type.Array(Type.Object(candleFields), { description: "newest first" }),
  next: next(),
});

export const DepthResumeParams = params({
  symbol: symbolParam(),
  from_seq: count("first change wanted; 0 as 1"),
});
export const DepthResumeResult = Type.Object({
  symbol: symbol(),
  from_seq: positive("first change replayed"),
  last_seq: count("last change replayed; `from_seq` - 1 when there is none yet"),
});

export const BookPush = Type.Object({ ...bookFields, tick: tick() });
export const DepthPush = Type.Object({
  symbol: symbol(),
  first_seq: count("previous last_seq + 1"),
  last_seq: count("number of the last change in here"),
  bids: levels("`[[price, new total]…]`; 0 removes the level"),
  asks: levels("`[[price, new total]…]`; 0 removes the level"),
  checksum: count(
    "CRC-32 (IEEE) of the text `price:quantity,…` of the ten best bids, `|`, the ten best asks, after this change",
    0xffff_ffff,
  ),
  snapshot: optional(
    Type.Literal(true, { description: "this is the whole book, as of change `last_seq`" }),
  ),
  tick: tick(),
  timestamp: timestamp(),
});
export const TradePush = Type.Object({ symbol: symbol(), ...tradeFields });
const best = () =>
  nullable(
    Type.Tuple([price("price"), count("total quantity, shares")]),
    "`[price, quantity]` or null",
  );
export const BboPush = Type.Object({
  symbol: symbol(),
  bid: best(),
  ask: best(),
  tick: tick(),
  timestamp: timestamp(),
});
const tickerFields = {
  symbol: symbol(),
  open: nullable(price("price"), "price 24 hours ago, or of the first trade since"),
  high: nullable(price("price"), "highest since then, `open` included"),
  low: nullable(price("price"), "lowest since then, `open` included"),
  last: nullable(price("price"), "last price"),
  volume: count("shares traded in 24 hours"),
  change: amount("last - open, cents"),
  bid: best(),
  ask: best(),
  timestamp: timestamp(),
  tick: tick(),
};
export const TickerPush = Type.Object(tickerFields);
export const TickerResult = Type.Object(tickerFields, {
  title: "Ticker",
  description: "what the `ticker` channel says of a symbol",
});
export const TickersResult = Type.Object({
  tickers: Type.Array(TickerResult, { description: "of every listed symbol" }),
});
export const CandlePush = Type.Object({
  symbol: symbol(),
  interval: interval(),
  ...candleFields,
  tick: tick(),
});
export const HeartbeatPush = Type.Object({
  timestamp: timestamp("the server's clock, milliseconds since 1970"),
  tick: tick(),
  sequence: count("number of the last command"),
});
export const StatusPush = Type.Object({
  event: choice(
    STATUS_EVENTS,
    "what it is about; `resync` comes to subscribers of `trades` of whom some are left out, `conflated` and `exact` to a user whose topics carry more than `market_data_per_second`, and no longer",
  ),
  symbol: optional(symbol("of a `symbol` or `resync` event")),
  state: optional(choice(SYMBOL_STATES, "of a `symbol` event")),
  window: optional(text("of a `maintenance` event, `mnt_<n>`", NAME_CHARACTERS_MAX)),
  phase: optional(choice(MAINTENANCE_PHASES, "of a `maintenance` event")),
  starts_at: optional(timestamp("of a `maintenance` event, milliseconds since 1970")),
  ends_at: optional(timestamp("of a `maintenance` event, milliseconds since 1970")),
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
export type HeartbeatPush = Static<typeof HeartbeatPush>;
