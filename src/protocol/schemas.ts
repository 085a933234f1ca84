/**
 * The registry of messages. For each method it has the endpoints that serve it, the permission and the weight, params and
 * result; for each push its stream and data. Types, checks, JSON Schema and the field tables of `proto/` are made from it.
 */
import type { Static, TSchema } from "@sinclair/typebox";
import { LoginParams, LoginResult, NoParams, TimestampResult } from "./schemas/auth.ts";
import { LEVELS_DEFAULT, ROWS_DEFAULT, ROWS_MAX } from "./schemas/fields.ts";
import * as market from "./schemas/market-data.ts";
import * as orders from "./schemas/orders.ts";
import * as user from "./schemas/user-data.ts";
import type { Cost } from "./weight.ts";

export type Endpoint = "orders" | "market-data" | "user-data";

export interface MethodSpec {
  readonly endpoints: readonly Endpoint[];
  /** The permission that the caller needs; null: none beyond what the endpoint needs. */
  readonly permission: null | "trade" | "market_data";
  readonly cost: Cost;
  readonly params: TSchema;
  readonly result: TSchema;
}

const EVERYWHERE = ["orders", "market-data", "user-data"] as const;
const ON_ORDERS = { endpoints: ["orders"], permission: "trade" } as const;
const ON_MARKET_DATA = { endpoints: ["market-data"], permission: "market_data" } as const;
const OF_ACCOUNT = { endpoints: ["orders", "user-data"], permission: null } as const;

/** The request costs nothing beyond its frame. */
const FRAME_ONLY = { base: 0 } as const;
/** The request is short, but its answer may be very long. */
const REPLAY = { base: 20 } as const;
const ROWS = { base: 1, by: "limit", per: 20, usual: ROWS_DEFAULT } as const;
const TOPICS = { base: 1, by: "topics", per: 10 } as const;
/** The same for levels as in `book.snapshot`. */
const LEVELS = { told: { what: "levels", per: 50 } } as const;
/** The same for positions as for rows. */
const POSITIONS = { told: { what: "positions", per: 20 } } as const;
/** Rows of other symbols, which the query looks at as well. */
const PASSED = { told: { what: "passed", per: 500 } } as const;

export const methods = {
  "auth.login": {
    endpoints: EVERYWHERE,
    cost: FRAME_ONLY,
    permission: null,
    params: LoginParams,
    result: LoginResult,
  },
  ping: {
    endpoints: EVERYWHERE,
    cost: FRAME_ONLY,
    permission: null,
    params: NoParams,
    result: TimestampResult,
  },
  time: {
    endpoints: EVERYWHERE,
    cost: FRAME_ONLY,
    permission: null,
    params: NoParams,
    result: TimestampResult,
  },

  "order.place": {
    ...ON_ORDERS,
    cost: "orders",
    params: orders.PlaceParams,
    result: orders.OrderStateResult,
  },
  "order.cancel": {
    ...ON_ORDERS,
    cost: "cancels",
    params: orders.CancelParams,
    result: orders.OrderStateResult,
  },
  "order.amend": {
    ...ON_ORDERS,
    cost: "orders",
    params: orders.AmendParams,
    result: orders.OrderStateResult,
  },
  "order.cancel_all": {
    ...ON_ORDERS,
    cost: "cancels",
    params: orders.CancelAllParams,
    result: orders.CancelAllResult,
  },
  "order.status": {
    ...OF_ACCOUNT,
    cost: { base: 1 },
    params: orders.StatusParams,
    result: orders.OrderStateResult,
  },
  "orders.open": {
    ...OF_ACCOUNT,
    cost: { ...ROWS, ...PASSED, usual: ROWS_MAX },
    params: orders.OpenParams,
    result: orders.OpenResult,
  },
  "orders.history": {
    ...OF_ACCOUNT,
    cost: { ...ROWS, ...PASSED },
    params: orders.HistoryParams,
    result: orders.HistoryResult,
  },
  "order.batch": {
    ...ON_ORDERS,
    cost: "orders",
    params: orders.BatchParams,
    result: orders.BatchResult,
  },
  "orders.cancel_all_after": {
    ...ON_ORDERS,
    cost: FRAME_ONLY,
    params: orders.CancelAllAfterParams,
    result: orders.CancelAllAfterResult,
  },

  subscribe: {
    ...ON_MARKET_DATA,
    cost: { ...TOPICS, ...LEVELS },
    params: market.SubscribeParams,
    result: market.SubscribeResult,
  },
  unsubscribe: {
    ...ON_MARKET_DATA,
    cost: TOPICS,
    params: market.SubscribeParams,
    result: market.UnsubscribeResult,
  },
  subscriptions: {
    ...ON_MARKET_DATA,
    cost: { base: 10, told: { what: "subscriptions", per: 100 } },
    params: NoParams,
    result: market.SubscriptionsResult,
  },
  "symbols.list": {
    ...ON_MARKET_DATA,
    cost: { base: 1, by: "listed", per: 10 },
    params: market.SymbolsParams,
    result: market.SymbolsResult,
  },
  "symbols.get": {
    ...ON_MARKET_DATA,
    cost: { base: 1 },
    params: market.SymbolParams,
    result: market.SymbolResult,
  },
  "tickers.list": {
    ...ON_MARKET_DATA,
    cost: { base: 1, by: "listed", per: 10 },
    params: NoParams,
    result: market.TickersResult,
  },
  "tickers.get": {
    ...ON_MARKET_DATA,
    cost: { base: 1 },
    params: market.SymbolParams,
    result: market.TickerResult,
  },
  "book.snapshot": {
    ...ON_MARKET_DATA,
    cost: { base: 1, by: "levels", per: 50, usual: LEVELS_DEFAULT },
    params: market.BookSnapshotParams,
    result: market.BookSnapshotResult,
  },
  "trades.recent": {
    ...ON_MARKET_DATA,
    cost: ROWS,
    params: market.RecentTradesParams,
    result: market.RecentTradesResult,
  },
  "candles.list": {
    ...ON_MARKET_DATA,
    cost: ROWS,
    params: market.CandlesParams,
    result: market.CandlesResult,
  },
  "depth.resume": {
    ...ON_MARKET_DATA,
    cost: { ...REPLAY, ...LEVELS },
    params: market.DepthResumeParams,
    result: market.DepthResumeResult,
  },

  "user_data.resume": {
    endpoints: ["user-data"],
    cost: { ...REPLAY, told: { what: "events", per: 50 } },
    permission: null,
    params: user.ResumeParams,
    result: user.ResumeResult,
  },
  "account.balances": {
    ...OF_ACCOUNT,
    cost: { base: 1 },
    params: NoParams,
    result: user.BalancesResult,
  },
  "account.positions": {
    ...OF_ACCOUNT,
    cost: { base: 5, ...POSITIONS },
    params: NoParams,
    result: user.PositionsResult,
  },
  "account.trades": {
    ...OF_ACCOUNT,
    cost: { ...ROWS, ...PASSED },
    params: user.AccountTradesParams,
    result: user.AccountTradesResult,
  },
  "account.equity": {
    ...OF_ACCOUNT,
    cost: { base: 20, by: "limit", per: 10, usual: ROWS_DEFAULT, ...POSITIONS },
    params: user.EquityParams,
    result: user.EquityResult,
  },
} as const satisfies Record<string, MethodSpec>;

export type MethodName = keyof typeof methods;
export type Params<M extends MethodName> = Static<(typeof methods)[M]["params"]>;
export type Result<M extends MethodName> = Static<(typeof methods)[M]["result"]>;

export const METHOD_NAMES = Object.keys(methods) as MethodName[];

export function isMethodName(name: string): name is MethodName {
  return Object.hasOwn(methods, name);
}

export interface PushSpec {
  /** The member `stream` of the message. */
  readonly stream: string;
  readonly data: TSchema;
}

export const pushes = {
  book: { stream: "market_data", data: market.BookPush },
  depth: { stream: "depth", data: market.DepthPush },
  trades: { stream: "trades", data: market.TradePush },
  bbo: { stream: "bbo", data: market.BboPush },
  ticker: { stream: "ticker", data: market.TickerPush },
  candles: { stream: "candles", data: market.CandlePush },
  status: { stream: "status", data: market.StatusPush },
  heartbeat: { stream: "heartbeat", data: market.HeartbeatPush },
  snapshot: { stream: "user_data", data: user.SnapshotPush },
  order: { stream: "user_data", data: user.OrderPush },
  balance: { stream: "user_data", data: user.BalancePush },
  position: { stream: "user_data", data: user.PositionPush },
} as const satisfies Record<string, PushSpec>;

export type PushName = keyof typeof pushes;
export type PushData<P extends PushName> = Static<(typeof pushes)[P]["data"]>;

export const PUSH_NAMES = Object.keys(pushes) as PushName[];
