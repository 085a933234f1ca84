/** Every message of the exchange as a type. Written by scripts/proto.ts from src/protocol/; change it there. */

/** The codes of refusals. Later versions of an exchange may have more. */
export const ErrorCode = {
  /** Malformed message. */
  MALFORMED_MESSAGE: 40000,
  /** Invalid order parameters. */
  INVALID_PARAMETER: 40001,
  /** Unknown method. */
  UNKNOWN_METHOD: 40002,
  /** Unknown symbol. */
  UNKNOWN_SYMBOL: 40003,
  /** Unknown order. */
  UNKNOWN_ORDER: 40004,
  /** Not logged in. */
  NOT_LOGGED_IN: 40100,
  /** Wrong API key or secret. */
  WRONG_CREDENTIALS: 40101,
  /** API key expired or revoked. */
  KEY_NOT_VALID: 40102,
  /** Permission missing. */
  PERMISSION_MISSING: 40300,
  /** Not your account. */
  NOT_YOUR_ACCOUNT: 40301,
  /** Post-only order would cross the book. */
  POST_ONLY_WOULD_CROSS: 40901,
  /** Fill-or-kill order cannot be filled. */
  FILL_OR_KILL: 40902,
  /** No liquidity for a market order. */
  NO_LIQUIDITY: 40903,
  /** Price outside the band. */
  OUTSIDE_BAND: 40904,
  /** Price not a multiple of the price increment. */
  OFF_INCREMENT: 40905,
  /** Insufficient funds. */
  INSUFFICIENT_FUNDS: 40906,
  /** Insufficient shares. */
  INSUFFICIENT_SHARES: 40907,
  /** Self-trade prevention refused the order. */
  SELF_TRADE: 40908,
  /** Symbol halted or cancel-only. */
  SYMBOL_NOT_TRADING: 40909,
  /** Capacity limit reached. */
  CAPACITY: 40910,
  /** client_order_id was used for an order with other content. */
  CLIENT_ORDER_ID_REUSED: 40911,
  /** Replay no longer available. */
  REPLAY_UNAVAILABLE: 41001,
  /** Order rate exceeded. */
  ORDER_RATE: 42901,
  /** Market data rate exceeded. */
  MARKET_DATA_RATE: 42902,
  /** Too many connections. */
  TOO_MANY_CONNECTIONS: 42903,
  /** Too many login attempts. */
  TOO_MANY_LOGINS: 42904,
  /** Internal error. */
  INTERNAL: 50000,
  /** Overloaded, retry. */
  OVERLOADED: 50300,
  /** Down for maintenance. */
  MAINTENANCE: 50301,
  /** Shutting down. */
  SHUTTING_DOWN: 50302,
  /** Storage failed; the order was not accepted. */
  STORAGE_FAILED: 50700,
} as const;
export type ErrorName = keyof typeof ErrorCode;
export type ErrorCode = (typeof ErrorCode)[ErrorName];

export interface OrderPlaceParams {
  /** `SYMBOL_<n>` or a ticker. */
  symbol: string;
  /** Side. */
  side: "BUY" | "SELL";
  /** Order type. */
  type: "LIMIT" | "MARKET" | "STOP" | "STOP_LIMIT";
  /** How many, shares. */
  quantity: number;
  /** Limit; LIMIT and STOP_LIMIT need it, the others refuse it, cents. */
  price?: number | undefined;
  /** Trigger; STOP and STOP_LIMIT need it, the others refuse it, cents. */
  stop_price?: number | undefined;
  /** Default GTC; a MARKET order never rests: it is IOC unless FOK. */
  time_in_force?: "GTC" | "IOC" | "FOK" | "GTD" | undefined;
  /** End of a GTD order, which needs it; the others refuse it. */
  expire_at?: number | undefined;
  /** Refuse rather than take liquidity. */
  post_only?: boolean | undefined;
  /** 1–64 printable ASCII characters without space, `"` and `\`; unique. */
  client_order_id?: string | undefined;
  /** `acc_<n>`; default the connection's. */
  account_id?: string | undefined;
  /** Default CANCEL_NEWEST. */
  self_trade_prevention?: "CANCEL_NEWEST" | "CANCEL_OLDEST" | "CANCEL_BOTH" | "DECREMENT" | "NONE" | undefined;
}

export interface OrderState {
  /** `ord_<n>`. */
  order_id: string;
  /** As placed. */
  client_order_id?: string;
  /** `SYMBOL_<n>`. */
  symbol: string;
  /** Side. */
  side: "BUY" | "SELL";
  /** Order type. */
  type: "LIMIT" | "MARKET" | "STOP" | "STOP_LIMIT";
  /** How long it may rest. */
  time_in_force: "GTC" | "IOC" | "FOK" | "GTD";
  /** It may not take liquidity. */
  post_only?: true;
  /** Limit; absent without one, cents. */
  price?: number;
  /** Trigger of a stop order, cents. */
  stop_price?: number;
  /** End of a GTD order, milliseconds since 1970. */
  expire_at?: number;
  /** Total ordered, shares. */
  quantity: number;
  /** Traded so far, shares. */
  filled_quantity: number;
  /** Cents, rounded to 4 decimals; absent while unfilled. */
  average_price?: number;
  /** State right after the request. */
  status: "ACCEPTED" | "PARTIALLY_FILLED" | "FILLED" | "CANCELLED" | "EXPIRED" | "PENDING_TRIGGER";
  /** Why a CANCELLED or EXPIRED order ended. */
  reason?: "USER" | "CANCEL_ALL" | "DISCONNECT" | "DEAD_MANS_SWITCH" | "SELF_TRADE" | "OPERATOR" | "TIME_IN_FORCE" | "EXPIRE_AT" | "PRICE_BAND" | "POST_ONLY" | "FILL_OR_KILL" | "FUNDS" | "SYMBOL_CLOSED";
  /** When it came in, milliseconds since 1970. */
  created_at: number;
  /** When it last changed, milliseconds since 1970. */
  timestamp: number;
  /** Number of the tick. */
  tick: number;
  /** The client_order_id was known: this is the first order, nothing was placed. */
  duplicate?: true;
}

export interface SymbolInfo {
  /** `SYMBOL_<n>`. */
  symbol: string;
  /** Upper-case letters and digits; unique, for ever the same player's. */
  ticker?: string;
  /** Sleeper's id. */
  player_id: string;
  /** Full name. */
  player_name: string;
  /** Team, such as KC. */
  team: string | null;
  /** QB, RB, WR, TE, K or DEF. */
  position: string | null;
  /** On the jersey. */
  number: number | null;
  /** Such as Active. */
  player_status: string | null;
  /** The symbol's trading state. */
  state: "TRADING" | "CANCEL_ONLY" | "HALTED" | "PRE_OPEN" | "AUCTION";
  /** Every price is a multiple of it, cents. */
  price_increment: number;
}

export interface Ticker {
  /** `SYMBOL_<n>`. */
  symbol: string;
  /** Price 24 hours ago, or of the first trade since. */
  open: number | null;
  /** Highest since then, `open` included. */
  high: number | null;
  /** Lowest since then, `open` included. */
  low: number | null;
  /** Last price. */
  last: number | null;
  /** Shares traded in 24 hours. */
  volume: number;
  /** Last - open, cents. */
  change: number;
  /** `[price, quantity]` or null. */
  bid: [number, number] | null;
  /** `[price, quantity]` or null. */
  ask: [number, number] | null;
  /** Milliseconds since 1970. */
  timestamp: number;
  /** Number of the tick. */
  tick: number;
}

export interface ErrorBody {
  /** One of `errors.md`. */
  code: number;
  /** The code in words. */
  message: string;
  /** By code. */
  details?: Record<string, unknown>;
}

export interface AuthLoginParams {
  /** The key. */
  api_key: string;
  /** Its secret; or `timestamp` and `signature` instead. */
  api_secret?: string | undefined;
  /** Milliseconds since 1970, within 5 s of the exchange's clock. */
  timestamp?: number | undefined;
  /** Hexadecimal HMAC-SHA256, keyed with the secret's text, of the text `auth.login\n<api_key>\n<timestamp>`. */
  signature?: string | undefined;
  /** `acc_<n>`, one of the user's: the connection is then about it; default that of the upgrade, or the first. */
  account_id?: string | undefined;
  /** Cancel the account's open orders when this connection closes. */
  cancel_on_disconnect?: boolean | undefined;
}

export interface AuthLoginResult {
  /** True. */
  authenticated: true;
  /** `usr_<n>`. */
  user_id: string;
  /** `acc_<n>`, which the connection is about. */
  account_id: string;
  /** What the key may do. */
  permissions: ("trade" | "market_data" | "admin")[];
  /** Of the user, over all connections. */
  rate_limits: { orders_per_second: number; market_data_per_second: number; burst_limit: number };
}

export type PingParams = Record<string, never>;

export interface PingResult {
  /** The server's clock, ms. */
  timestamp: number;
}

export type TimeParams = Record<string, never>;

export interface TimeResult {
  /** The server's clock, ms. */
  timestamp: number;
}

export interface OrderCancelParams {
  /** `ord_<n>`. */
  order_id?: string | undefined;
  /** Instead of `order_id`; exactly one of the two. */
  client_order_id?: string | undefined;
  /** `SYMBOL_<n>` or a ticker. */
  symbol?: string | undefined;
}

export interface OrderAmendParams {
  /** `ord_<n>`. */
  order_id?: string | undefined;
  /** Instead of `order_id`; exactly one of the two. */
  client_order_id?: string | undefined;
  /** New limit, cents. */
  price?: number | undefined;
  /** New total, shares; keeps priority when it only reduces; at or below what is filled, 0 included, it cancels the rest. */
  quantity?: number | undefined;
  /** New trigger of a waiting stop, cents. */
  stop_price?: number | undefined;
}

export interface OrderCancelAllParams {
  /** Only this one, `SYMBOL_<n>` or a ticker. */
  symbol?: string | undefined;
}

export interface OrderCancelAllResult {
  /** How many orders. */
  cancelled: number;
}

export interface OrderStatusParams {
  /** `ord_<n>`. */
  order_id?: string | undefined;
  /** Instead of `order_id`; exactly one of the two. */
  client_order_id?: string | undefined;
}

export interface OrdersOpenParams {
  /** Only this one, `SYMBOL_<n>` or a ticker. */
  symbol?: string | undefined;
  /** Rows, newest first; default 1000. */
  limit?: number | undefined;
  /** `next` of the page before. */
  before?: number | undefined;
}

export interface OrdersOpenResult {
  /** Open orders, newest first. */
  orders: OrderState[];
  /** Number of the account's last event that this includes; 0 before the first. */
  seq: number;
  /** There is more: ask with `before`. */
  next?: number;
}

export interface OrdersHistoryParams {
  /** Only this one, `SYMBOL_<n>` or a ticker. */
  symbol?: string | undefined;
  /** Rows, last done first; default 50. */
  limit?: number | undefined;
  /** `next` of the page before. */
  before?: number | undefined;
}

export interface OrdersHistoryResult {
  /** Orders that are done, last done first. */
  orders: OrderState[];
  /** There is more: ask with `before`. */
  next?: number;
}

export interface OrderBatchParams {
  /** 1 to 100 times the params of `order.place`. */
  orders: OrderPlaceParams[];
}

export interface OrderBatchResult {
  /** In the order of the request. */
  results: ({ result: OrderState } | { error: ErrorBody })[];
}

export interface OrdersCancelAllAfterParams {
  /** Time without a further call after which all are cancelled; 0 disarms. */
  timeout_ms: number;
}

export interface OrdersCancelAllAfterResult {
  /** As asked. */
  timeout_ms: number;
}

export interface SubscribeParams {
  /** Which channels. */
  channels: ("book" | "depth" | "trades" | "bbo" | "ticker" | "candles" | "status" | "heartbeat")[];
  /** Which symbols, `["*"]` is all, in place of single ones of its channel: they end with it; left out when `heartbeat` is the only channel. */
  symbols?: string[] | undefined;
  /** Length of the `candles`; default 1m. */
  interval?: "1m" | "5m" | "15m" | "1h" | "1d" | undefined;
}

export interface SubscribeResult {
  /** What was asked for, each as `channel.symbol`. */
  subscribed: string[];
}

export interface UnsubscribeParams {
  /** Which channels. */
  channels: ("book" | "depth" | "trades" | "bbo" | "ticker" | "candles" | "status" | "heartbeat")[];
  /** Which symbols, `["*"]` is all, in place of single ones of its channel: they end with it; left out when `heartbeat` is the only channel. */
  symbols?: string[] | undefined;
  /** Length of the `candles`; default 1m. */
  interval?: "1m" | "5m" | "15m" | "1h" | "1d" | undefined;
}

export interface UnsubscribeResult {
  /** What was ended, each as `channel.symbol`. */
  unsubscribed: string[];
}

export type SubscriptionsParams = Record<string, never>;

export interface SubscriptionsResult {
  /** What is active, each as `channel.symbol`. */
  subscribed: string[];
}

export interface SymbolsListParams {
  /** Part of a player's name, a team or a position. */
  query?: string | undefined;
  /** Only of this team, such as KC. */
  team?: string | undefined;
  /** Only players of this position, such as QB. */
  position?: string | undefined;
  /** Only symbols in this trading state. */
  state?: "TRADING" | "CANCEL_ONLY" | "HALTED" | "PRE_OPEN" | "AUCTION" | undefined;
}

export interface SymbolsListResult {
  /** Listed symbols. */
  symbols: SymbolInfo[];
}

export interface SymbolsGetParams {
  /** `SYMBOL_<n>` or a ticker. */
  symbol: string;
}

export type TickersListParams = Record<string, never>;

export interface TickersListResult {
  /** Of every listed symbol. */
  tickers: Ticker[];
}

export interface TickersGetParams {
  /** `SYMBOL_<n>` or a ticker. */
  symbol: string;
}

export interface BookSnapshotParams {
  /** `SYMBOL_<n>` or a ticker. */
  symbol: string;
  /** Levels a side. */
  levels?: number | undefined;
}

export interface BookSnapshotResult {
  /** `SYMBOL_<n>`. */
  symbol: string;
  /** `[[price, quantity]…]`, best first. */
  bids: [number, number][];
  /** `[[price, quantity]…]`, best first. */
  asks: [number, number][];
  /** `{price, quantity, timestamp}` or null. */
  last_trade: { price: number; quantity: number; timestamp: number } | null;
  /** Last_seq of the depth channel that this book includes. */
  seq: number;
  /** Number of the tick. */
  tick: number;
}

export interface TradesRecentParams {
  /** `SYMBOL_<n>` or a ticker. */
  symbol: string;
  /** Rows, newest first; default 50. */
  limit?: number | undefined;
}

export interface TradesRecentResult {
  /** `SYMBOL_<n>`. */
  symbol: string;
  /** Newest first. */
  trades: ({ trade_id: number; price: number; quantity: number; taker_side: "BUY" | "SELL"; timestamp: number; tick: number })[];
}

export interface CandlesListParams {
  /** `SYMBOL_<n>` or a ticker. */
  symbol: string;
  /** Length of a candle. */
  interval: "1m" | "5m" | "15m" | "1h" | "1d";
  /** Rows, newest first; default 50. */
  limit?: number | undefined;
  /** `next` of the page before. */
  before?: number | undefined;
}

export interface CandlesListResult {
  /** `SYMBOL_<n>`. */
  symbol: string;
  /** Length of a candle. */
  interval: "1m" | "5m" | "15m" | "1h" | "1d";
  /** Newest first. */
  candles: { start: number; open: number; high: number; low: number; close: number; volume: number; trades: number; closed: boolean }[];
  /** There is more: ask with `before`. */
  next?: number;
}

export interface DepthResumeParams {
  /** `SYMBOL_<n>` or a ticker. */
  symbol: string;
  /** First change wanted; 0 as 1. */
  from_seq: number;
}

export interface DepthResumeResult {
  /** `SYMBOL_<n>`. */
  symbol: string;
  /** First change replayed. */
  from_seq: number;
  /** Last change replayed; `from_seq` - 1 when there is none yet. */
  last_seq: number;
}

export interface UserDataResumeParams {
  /** First event wanted; 0 as 1. */
  from_seq: number;
  /** `acc_<n>`, the connection's; no other is told on it. */
  account_id?: string | undefined;
}

export interface UserDataResumeResult {
  /** `acc_<n>`. */
  account_id: string;
  /** First event replayed. */
  from_seq: number;
  /** Last event replayed; `from_seq` - 1 when there is none yet. */
  last_seq: number;
}

export type AccountBalancesParams = Record<string, never>;

export interface AccountBalancesResult {
  /** `acc_<n>`. */
  account_id: string;
  /** `{available, reserved, total}`, cents. */
  cash: { available: number; reserved: number; total: number };
  /** Number of the account's last event that this includes; 0 before the first. */
  seq: number;
}

export type AccountPositionsParams = Record<string, never>;

export interface AccountPositionsResult {
  /** `acc_<n>`. */
  account_id: string;
  /** `[{symbol, available, reserved, total}…]`, shares. */
  positions: { symbol: string; available: number; reserved: number; total: number }[];
  /** Number of the account's last event that this includes; 0 before the first. */
  seq: number;
}

export interface AccountTradesParams {
  /** Only this one, `SYMBOL_<n>` or a ticker. */
  symbol?: string | undefined;
  /** Rows, newest first; default 50. */
  limit?: number | undefined;
  /** `next` of the page before. */
  before?: number | undefined;
}

export interface AccountTradesResult {
  /** `acc_<n>`. */
  account_id: string;
  /** Newest first. */
  trades: ({ order_id: string; symbol: string; side: "BUY" | "SELL"; price: number; quantity: number; trade_id: number; liquidity: "MAKER" | "TAKER"; fee: number; timestamp: number; tick: number })[];
  /** There is more: ask with `before`. */
  next?: number;
}

export interface AccountEquityParams {
  /** Also the history, by minute or by day (UTC). */
  interval?: "1m" | "1d" | undefined;
  /** Points of the history, newest first; default 50. */
  limit?: number | undefined;
  /** Only points that start before it, milliseconds since 1970. */
  before?: number | undefined;
}

export interface AccountEquityResult {
  /** `acc_<n>`. */
  account_id: string;
  /** Cash + value, cents. */
  equity: number;
  /** Cents, available and reserved. */
  cash: number;
  /** Of all positions at their last prices, cents. */
  value: number;
  /** Cash and shares deposited less withdrawn, the shares at the last price of then; cents. */
  deposits: number;
  /** Profit of what was sold, after fees, cents. */
  realised: number;
  /** Value less what the positions cost: equity - deposits - realised, cents. */
  unrealised: number;
  /** Paid, cents; negative: more rebates than fees. */
  fees: number;
  /** Of the equity since the end of yesterday (UTC), less deposits since; null: not known. */
  day_change: number | null;
  /** Of an order that comes in now: its notional × bps / 10000 towards zero, cents. */
  fee_rates: { maker_bps: number; taker_bps: number };
  /** Of every symbol that the account has or had shares of. */
  positions: ({ symbol: string; quantity: number; cost: number; average_price: number | null; last: number | null; value: number; realised: number; unrealised: number; fees: number })[];
  /** Milliseconds since 1970. */
  timestamp: number;
  /** Number of the tick. */
  tick: number;
  /** Of the history. */
  interval?: "1m" | "1d";
  /** Newest first; minutes or days in which nothing changed are left out. */
  history?: { start: number; equity: number; cash: number; value: number; deposits: number; realised: number; unrealised: number; fees: number }[];
  /** There is more: ask with `before`. */
  next?: number;
}

/** By method, what goes in and what comes out. */
export interface Methods {
  "auth.login": { params: AuthLoginParams; result: AuthLoginResult };
  "ping": { params: PingParams; result: PingResult };
  "time": { params: TimeParams; result: TimeResult };
  "order.place": { params: OrderPlaceParams; result: OrderState };
  "order.cancel": { params: OrderCancelParams; result: OrderState };
  "order.amend": { params: OrderAmendParams; result: OrderState };
  "order.cancel_all": { params: OrderCancelAllParams; result: OrderCancelAllResult };
  "order.status": { params: OrderStatusParams; result: OrderState };
  "orders.open": { params: OrdersOpenParams; result: OrdersOpenResult };
  "orders.history": { params: OrdersHistoryParams; result: OrdersHistoryResult };
  "order.batch": { params: OrderBatchParams; result: OrderBatchResult };
  "orders.cancel_all_after": { params: OrdersCancelAllAfterParams; result: OrdersCancelAllAfterResult };
  "subscribe": { params: SubscribeParams; result: SubscribeResult };
  "unsubscribe": { params: UnsubscribeParams; result: UnsubscribeResult };
  "subscriptions": { params: SubscriptionsParams; result: SubscriptionsResult };
  "symbols.list": { params: SymbolsListParams; result: SymbolsListResult };
  "symbols.get": { params: SymbolsGetParams; result: SymbolInfo };
  "tickers.list": { params: TickersListParams; result: TickersListResult };
  "tickers.get": { params: TickersGetParams; result: Ticker };
  "book.snapshot": { params: BookSnapshotParams; result: BookSnapshotResult };
  "trades.recent": { params: TradesRecentParams; result: TradesRecentResult };
  "candles.list": { params: CandlesListParams; result: CandlesListResult };
  "depth.resume": { params: DepthResumeParams; result: DepthResumeResult };
  "user_data.resume": { params: UserDataResumeParams; result: UserDataResumeResult };
  "account.balances": { params: AccountBalancesParams; result: AccountBalancesResult };
  "account.positions": { params: AccountPositionsParams; result: AccountPositionsResult };
  "account.trades": { params: AccountTradesParams; result: AccountTradesResult };
  "account.equity": { params: AccountEquityParams; result: AccountEquityResult };
}

export type MethodName = keyof Methods;
export type Params<M extends MethodName> = Methods[M]["params"];
export type Result<M extends MethodName> = Methods[M]["result"];
export type Endpoint = "orders" | "market-data" | "user-data";

/** Where each method is served. */
export const METHOD_ENDPOINTS: { readonly [M in MethodName]: readonly Endpoint[] } = {
  "auth.login": ["orders", "market-data", "user-data"],
  "ping": ["orders", "market-data", "user-data"],
  "time": ["orders", "market-data", "user-data"],
  "order.place": ["orders"],
  "order.cancel": ["orders"],
  "order.amend": ["orders"],
  "order.cancel_all": ["orders"],
  "order.status": ["orders", "user-data"],
  "orders.open": ["orders", "user-data"],
  "orders.history": ["orders", "user-data"],
  "order.batch": ["orders"],
  "orders.cancel_all_after": ["orders"],
  "subscribe": ["market-data"],
  "unsubscribe": ["market-data"],
  "subscriptions": ["market-data"],
  "symbols.list": ["market-data"],
  "symbols.get": ["market-data"],
  "tickers.list": ["market-data"],
  "tickers.get": ["market-data"],
  "book.snapshot": ["market-data"],
  "trades.recent": ["market-data"],
  "candles.list": ["market-data"],
  "depth.resume": ["market-data"],
  "user_data.resume": ["user-data"],
  "account.balances": ["orders", "user-data"],
  "account.positions": ["orders", "user-data"],
  "account.trades": ["orders", "user-data"],
  "account.equity": ["orders", "user-data"],
};

export interface BookPush {
  /** `SYMBOL_<n>`. */
  symbol: string;
  /** `[[price, quantity]…]`, best first. */
  bids: [number, number][];
  /** `[[price, quantity]…]`, best first. */
  asks: [number, number][];
  /** `{price, quantity, timestamp}` or null. */
  last_trade: { price: number; quantity: number; timestamp: number } | null;
  /** Number of the tick. */
  tick: number;
}

export interface DepthPush {
  /** `SYMBOL_<n>`. */
  symbol: string;
  /** Previous last_seq + 1. */
  first_seq: number;
  /** Number of the last change in here. */
  last_seq: number;
  /** `[[price, new total]…]`; 0 removes the level. */
  bids: [number, number][];
  /** `[[price, new total]…]`; 0 removes the level. */
  asks: [number, number][];
  /** CRC-32 (IEEE) of the text `price:quantity,…` of the ten best bids, `|`, the ten best asks, after this change. */
  checksum: number;
  /** This is the whole book, as of change `last_seq`. */
  snapshot?: true;
  /** Number of the tick. */
  tick: number;
  /** Milliseconds since 1970. */
  timestamp: number;
}

export interface TradesPush {
  /** `SYMBOL_<n>`. */
  symbol: string;
  /** Consecutive. */
  trade_id: number;
  /** Price, cents. */
  price: number;
  /** How many, shares. */
  quantity: number;
  /** Side of the order that came second. */
  taker_side: "BUY" | "SELL";
  /** Milliseconds since 1970. */
  timestamp: number;
  /** Number of the tick. */
  tick: number;
}

export interface BboPush {
  /** `SYMBOL_<n>`. */
  symbol: string;
  /** `[price, quantity]` or null. */
  bid: [number, number] | null;
  /** `[price, quantity]` or null. */
  ask: [number, number] | null;
  /** Number of the tick. */
  tick: number;
  /** Milliseconds since 1970. */
  timestamp: number;
}

export interface TickerPush {
  /** `SYMBOL_<n>`. */
  symbol: string;
  /** Price 24 hours ago, or of the first trade since. */
  open: number | null;
  /** Highest since then, `open` included. */
  high: number | null;
  /** Lowest since then, `open` included. */
  low: number | null;
  /** Last price. */
  last: number | null;
  /** Shares traded in 24 hours. */
  volume: number;
  /** Last - open, cents. */
  change: number;
  /** `[price, quantity]` or null. */
  bid: [number, number] | null;
  /** `[price, quantity]` or null. */
  ask: [number, number] | null;
  /** Milliseconds since 1970. */
  timestamp: number;
  /** Number of the tick. */
  tick: number;
}

export interface CandlesPush {
  /** `SYMBOL_<n>`. */
  symbol: string;
  /** Length of a candle. */
  interval: "1m" | "5m" | "15m" | "1h" | "1d";
  /** Start of the interval, milliseconds since 1970. */
  start: number;
  /** First price, cents. */
  open: number;
  /** Highest price, cents. */
  high: number;
  /** Lowest price, cents. */
  low: number;
  /** Last price, cents. */
  close: number;
  /** Shares traded. */
  volume: number;
  /** How many trades. */
  trades: number;
  /** No further change will come. */
  closed: boolean;
  /** Number of the tick. */
  tick: number;
}

export interface StatusPush {
  /** What it is about; `resync` comes to subscribers of `trades` of whom some are left out, `conflated` and `exact` to a user whose topics carry more than `market_data_per_second`, and no longer. */
  event: "symbol" | "resync" | "conflated" | "exact" | "maintenance" | "shutdown";
  /** Of a `symbol` or `resync` event. */
  symbol?: string;
  /** Of a `symbol` event. */
  state?: "TRADING" | "CANCEL_ONLY" | "HALTED" | "PRE_OPEN" | "AUCTION";
  /** Of a `maintenance` event, `mnt_<n>`. */
  window?: string;
  /** Of a `maintenance` event. */
  phase?: "scheduled" | "cancel_only" | "closed" | "reopening" | "over";
  /** Of a `maintenance` event, milliseconds since 1970. */
  starts_at?: number;
  /** Of a `maintenance` event, milliseconds since 1970. */
  ends_at?: number;
  /** For people. */
  message?: string;
  /** Milliseconds since 1970. */
  timestamp: number;
  /** Number of the tick. */
  tick: number;
}

export interface HeartbeatPush {
  /** The server's clock, milliseconds since 1970. */
  timestamp: number;
  /** Number of the tick. */
  tick: number;
  /** Number of the last command. */
  sequence: number;
}

export interface SnapshotPush {
  /** `snapshot`: comes first after login. */
  event: "snapshot";
  /** `acc_<n>`. */
  account_id: string;
  /** Number of the account's last event that this includes; 0 before the first. */
  seq: number;
  /** `{available, reserved, total}`, cents. */
  cash: { available: number; reserved: number; total: number };
  /** `[{symbol, available, reserved, total}…]`, shares. */
  positions: { symbol: string; available: number; reserved: number; total: number }[];
  /** Open orders, newest first, 1000 at most. */
  orders: OrderState[];
  /** There is more: ask with `before`. */
  next?: number;
  /** Milliseconds since 1970. */
  timestamp: number;
  /** Number of the tick. */
  tick: number;
}

export interface OrderPush {
  /** Consecutive per account. */
  seq: number;
  /** `order`. */
  event: "order";
  /** `ord_<n>`. */
  order_id: string;
  /** As placed. */
  client_order_id?: string;
  /** `SYMBOL_<n>`. */
  symbol: string;
  /** Side. */
  side: "BUY" | "SELL";
  /** Order type. */
  type: "LIMIT" | "MARKET" | "STOP" | "STOP_LIMIT";
  /** How long it may rest. */
  time_in_force: "GTC" | "IOC" | "FOK" | "GTD";
  /** It may not take liquidity. */
  post_only?: true;
  /** Limit; absent without one, cents. */
  price?: number;
  /** Trigger of a stop order, cents. */
  stop_price?: number;
  /** End of a GTD order, milliseconds since 1970. */
  expire_at?: number;
  /** Total ordered, shares. */
  quantity: number;
  /** Traded so far, shares. */
  filled_quantity: number;
  /** Cents, rounded to 4 decimals; absent while unfilled. */
  average_price?: number;
  /** State right after the request. */
  status: "ACCEPTED" | "PARTIALLY_FILLED" | "FILLED" | "CANCELLED" | "EXPIRED" | "PENDING_TRIGGER";
  /** Why a CANCELLED or EXPIRED order ended. */
  reason?: "USER" | "CANCEL_ALL" | "DISCONNECT" | "DEAD_MANS_SWITCH" | "SELF_TRADE" | "OPERATOR" | "TIME_IN_FORCE" | "EXPIRE_AT" | "PRICE_BAND" | "POST_ONLY" | "FILL_OR_KILL" | "FUNDS" | "SYMBOL_CLOSED";
  /** When it came in, milliseconds since 1970. */
  created_at: number;
  /** When it last changed, milliseconds since 1970. */
  timestamp: number;
  /** Number of the tick. */
  tick: number;
  /** The client_order_id was known: this is the first order, nothing was placed. */
  duplicate?: true;
  /** `{price, quantity, trade_id, liquidity, fee}`. */
  last_fill?: { price: number; quantity: number; trade_id: number; liquidity: "MAKER" | "TAKER"; fee: number };
}

export interface BalancePush {
  /** Consecutive per account. */
  seq: number;
  /** `balance`. */
  event: "balance";
  /** `acc_<n>`. */
  account_id: string;
  /** Free to use. */
  available: number;
  /** Held for open orders. */
  reserved: number;
  /** Available + reserved. */
  total: number;
  /** Milliseconds since 1970. */
  timestamp: number;
  /** Number of the tick. */
  tick: number;
}

export interface PositionPush {
  /** Consecutive per account. */
  seq: number;
  /** `position`. */
  event: "position";
  /** `acc_<n>`. */
  account_id: string;
  /** `SYMBOL_<n>`. */
  symbol: string;
  /** Free to use. */
  available: number;
  /** Held for open orders. */
  reserved: number;
  /** Available + reserved. */
  total: number;
  /** Milliseconds since 1970. */
  timestamp: number;
  /** Number of the tick. */
  tick: number;
}

/** By push, its data. */
export interface Pushes {
  book: BookPush;
  depth: DepthPush;
  trades: TradesPush;
  bbo: BboPush;
  ticker: TickerPush;
  candles: CandlesPush;
  status: StatusPush;
  heartbeat: HeartbeatPush;
  snapshot: SnapshotPush;
  order: OrderPush;
  balance: BalancePush;
  position: PositionPush;
}
export type PushName = keyof Pushes;
export type PushData<P extends PushName> = Pushes[P];

/** The stream of each push. */
export const PUSH_STREAMS = {
  book: "market_data",
  depth: "depth",
  trades: "trades",
  bbo: "bbo",
  ticker: "ticker",
  candles: "candles",
  status: "status",
  heartbeat: "heartbeat",
  snapshot: "user_data",
  order: "user_data",
  balance: "user_data",
  position: "user_data",
} as const satisfies Record<PushName, string>;
