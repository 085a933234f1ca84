/**
 * One example of every message, all about one small trade. `proto/messages.md` shows them, and `proto/golden/` keeps their
 * bytes, which must not change.
 */
import { bookChecksum } from "./book-checksum.ts";
import { type ErrorBody, ErrorCode, errorBody } from "./errors.ts";
import { invalidParameters } from "./issue.ts";
import { LIQUIDITIES, ORDER_REASONS, ORDER_STATUSES, ORDER_TYPES, SIDES } from "./names.ts";
import { Fill, OrderState, orderStateObject, userOrderObject } from "./order-state.ts";
import type { OrderStateResult } from "./schemas/orders.ts";
import type { MethodName, Params, PushData, PushName, Result } from "./schemas.ts";

const TIMESTAMP = 1_640_995_200_000;
/** A second after `TIMESTAMP`. */
const LATER = TIMESTAMP + 1_000;
const TICK = 12_345;
const SYMBOL = "SYMBOL_1";

/** The order that most examples are about. */
export const restingState = Object.assign(new OrderState(), {
  orderNumber: 123_456,
  clientOrderId: "my-order-1",
  symbol: 1,
  side: SIDES.indexOf("BUY"),
  type: ORDER_TYPES.indexOf("LIMIT"),
  price: 150,
  quantity: 10,
  status: ORDER_STATUSES.indexOf("ACCEPTED"),
  createdAt: TIMESTAMP,
  timestamp: TIMESTAMP,
  tick: TICK,
});
/** The same order after `exampleFill`. */
export const filledState = Object.assign(new OrderState(), restingState, {
  filled: 5,
  notional: 750,
  status: ORDER_STATUSES.indexOf("PARTIALLY_FILLED"),
  timestamp: LATER,
});
export const exampleFill = Object.assign(new Fill(), {
  price: 150,
  quantity: 5,
  tradeId: 777,
  liquidity: LIQUIDITIES.indexOf("MAKER"),
});

const resting = orderStateObject(restingState);
const amended: OrderStateResult = { ...resting, price: 151, quantity: 8, timestamp: LATER };
const cancelled = orderStateObject(
  Object.assign(new OrderState(), restingState, {
    status: ORDER_STATUSES.indexOf("CANCELLED"),
    reason: ORDER_REASONS.indexOf("USER"),
    timestamp: LATER,
  }),
);
export const errorExample: ErrorBody = invalidParameters("order.place", [
  { field: "price", issue: "Price must be positive integer", got: "-5" },
]);

const lastTrade = { price: 150, quantity: 5, timestamp: TIMESTAMP };
const book = {
  symbol: SYMBOL,
  bids: [
    [150, 10],
    [149, 5],
    [148, 3],
  ] as [number, number][],
  asks: [
    [151, 8],
    [152, 12],
    [153, 7],
  ] as [number, number][],
  last_trade: lastTrade,
};
const trade = {
  trade_id: 777,
  price: 150,
  quantity: 5,
  taker_side: "SELL" as const,
  timestamp: TIMESTAMP,
  tick: TICK,
};
const candle = {
  start: TIMESTAMP,
  open: 148,
  high: 152,
  low: 147,
  close: 150,
  volume: 420,
  trades: 17,
  closed: true,
};
const listed = {
  symbol: SYMBOL,
  ticker: "PMAHOMES",
  player_id: "4046",
  player_name: "Patrick Mahomes",
  team: "KC",
  position: "QB",
  number: 15,
  player_status: "Active",
  state: "TRADING" as const,
  price_increment: 1,
};
const ticker: PushData<"ticker"> = {
  symbol: SYMBOL,
  open: 148,
  high: 152,
  low: 147,
  last: 150,
  volume: 420,
  change: 2,
  bid: [150, 10],
  ask: [151, 8],
  timestamp: TIMESTAMP,
  tick: TICK,
};
const cash = { available: 998_500, reserved: 1_500, total: 1_000_000 };
const equity = {
  ...{ equity: 1_001_500, cash: 1_000_000, value: 1500, deposits: 1_001_000 },
  ...{ realised: 450, unrealised: 50, fees: 3 },
};
const shares = { available: 90, reserved: 10, total: 100 };
const fill = {
  price: 150,
  quantity: 5,
  trade_id: 777,
  liquidity: "MAKER" as const,
  fee: 0,
};

type MethodExamples = { [M in MethodName]: { params: Params<M>; result: Result<M> } };

export const methodExamples: MethodExamples = {
  "auth.login": {
    params: { api_key: "ak_1234567890abcdef", api_secret: "sk_abcdef1234567890" },
    result: {
      authenticated: true,
      user_id: "usr_7",
      account_id: "acc_7",
      permissions: ["trade", "market_data"],
      rate_limits: { orders_per_second: 100, market_data_per_second: 1000, burst_limit: 10 },
    },
  },
  ping: { params: {}, result: { timestamp: TIMESTAMP } },
  time: { params: {}, result: { timestamp: TIMESTAMP } },
  "order.place": {
    params: {
      symbol: SYMBOL,
      side: "BUY",
      type: "LIMIT",
      price: 150,
      quantity: 10,
      client_order_id: "my-order-1",
      account_id: "acc_7",
    },
    result: resting,
  },
  "order.cancel": { params: { order_id: "ord_123456" }, result: cancelled },
  "order.amend": {
    params: { client_order_id: "my-order-1", price: 151, quantity: 8 },
    result: amended,
  },
  "order.cancel_all": { params: { symbol: SYMBOL }, result: { cancelled: 3 } },
  "order.status": { params: { order_id: "ord_123456" }, result: orderStateObject(filledState) },
  "orders.history": {
    params: { symbol: SYMBOL, limit: 2 },
    result: { orders: [orderStateObject(filledState)], next: 4711 },
  },
  "orders.open": { params: { limit: 1 }, result: { orders: [resting], seq: 41, next: 123_456 } },
  "order.batch": {
    params: {
      orders: [
        { symbol: SYMBOL, side: "BUY", type: "LIMIT", price: 150, quantity: 10 },
        { symbol: SYMBOL, side: "SELL", type: "MARKET", quantity: 4, time_in_force: "FOK" },
      ],
    },
    result: {
      results: [{ result: resting }, { error: errorBody(ErrorCode.FILL_OR_KILL) }],
    },
  },
  "orders.cancel_all_after": { params: { timeout_ms: 30_000 }, result: { timeout_ms: 30_000 } },
  subscribe: {
    params: { channels: ["book", "trades"], symbols: [SYMBOL] },
    result: { subscribed: ["book.SYMBOL_1", "trades.SYMBOL_1"] },
  },
  unsubscribe: {
    params: { channels: ["trades"], symbols: [SYMBOL] },
    result: { unsubscribed: ["trades.SYMBOL_1"] },
  },
  subscriptions: { params: {}, result: { subscribed: ["book.SYMBOL_1"] } },
  "symbols.list": { params: { query: "mahomes" }, result: { symbols: [listed] } },
  "symbols.get": { params: { symbol: SYMBOL }, result: listed },
  "tickers.list": { params: {}, result: { tickers: [ticker] } },
  "tickers.get": { params: { symbol: "PMAHOMES" }, result: ticker },
  "book.snapshot": {
    params: { symbol: SYMBOL, levels: 3 },
    result: { ...book, seq: 991, tick: TICK },
  },
  "trades.recent": {
    params: { symbol: SYMBOL, limit: 1 },
    result: { symbol: SYMBOL, trades: [trade] },
  },
  "candles.list": {
    params: { symbol: SYMBOL, interval: "1m", limit: 1 },
    result: { symbol: SYMBOL, interval: "1m", candles: [candle], next: TIMESTAMP },
  },
  "depth.resume": {
    params: { symbol: SYMBOL, from_seq: 985 },
    result: { symbol: SYMBOL, from_seq: 985, last_seq: 993 },
  },
  "user_data.resume": {
    params: { from_seq: 41 },
    result: { account_id: "acc_7", from_seq: 41, last_seq: 44 },
  },
  "account.balances": { params: {}, result: { account_id: "acc_7", cash, seq: 41 } },
  "account.positions": {
    params: {},
    result: { account_id: "acc_7", positions: [{ symbol: SYMBOL, ...shares }], seq: 41 },
  },
  "account.equity": {
    params: { interval: "1d", limit: 1 },
    result: {
      account_id: "acc_7",
      ...equity,
      day_change: 250,
      fee_rates: { maker_bps: -1, taker_bps: 2 },
      positions: [
        {
          ...{ symbol: SYMBOL, quantity: 10, cost: 1450, average_price: 145, last: 150 },
          ...{ value: 1500, realised: 12, unrealised: 50, fees: 3 },
        },
      ],
      timestamp: TIMESTAMP,
      tick: TICK,
      interval: "1d",
      history: [{ start: TIMESTAMP - (TIMESTAMP % 86_400_000), ...equity }],
    },
  },
  "account.trades": {
    params: { symbol: SYMBOL, limit: 1 },
    result: {
      account_id: "acc_7",
      trades: [
        {
          order_id: "ord_123456",
          symbol: SYMBOL,
          side: "BUY",
          ...fill,
          timestamp: TIMESTAMP,
          tick: TICK,
        },
      ],
    },
  },
};

/** The example book after the changes of the example of a depth push. */
const depthBids = Float64Array.of(150, 5, 149, 5, 148, 3);
const depthAsks = Float64Array.of(152, 12, 153, 7);

export const pushExamples: { [P in PushName]: PushData<P> } = {
  book: { ...book, tick: TICK },
  depth: {
    symbol: SYMBOL,
    first_seq: 992,
    last_seq: 993,
    bids: [[150, 5]],
    asks: [[151, 0]],
    checksum: bookChecksum(depthBids, 3, depthAsks, 2),
    tick: TICK,
    timestamp: TIMESTAMP,
  },
  trades: { symbol: SYMBOL, ...trade },
  bbo: { symbol: SYMBOL, bid: [150, 10], ask: null, tick: TICK, timestamp: TIMESTAMP },
  ticker,
  candles: { symbol: SYMBOL, interval: "1m", ...candle, closed: false, tick: TICK },
  status: {
    event: "symbol",
    symbol: SYMBOL,
    state: "HALTED",
    message: "Halted by the operator",
    timestamp: TIMESTAMP,
    tick: TICK,
  },
  heartbeat: { timestamp: TIMESTAMP, tick: TICK, sequence: 98_765 },
  snapshot: {
    event: "snapshot",
    account_id: "acc_7",
    seq: 41,
    cash,
    positions: [{ symbol: SYMBOL, ...shares }],
    orders: [resting],
    timestamp: TIMESTAMP,
    tick: TICK,
  },
  order: userOrderObject(42, filledState, exampleFill),
  balance: {
    seq: 43,
    event: "balance",
    account_id: "acc_7",
    ...cash,
    timestamp: TIMESTAMP,
    tick: TICK,
  },
  position: {
    seq: 44,
    event: "position",
    account_id: "acc_7",
    symbol: SYMBOL,
    ...shares,
    timestamp: TIMESTAMP,
    tick: TICK,
  },
};

/** The id of every example's request. */
export const EXAMPLE_ID = "req_001";
