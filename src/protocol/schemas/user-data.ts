/** User data: an account's own events, and queries about the account. */
import { type Static, Type } from "@sinclair/typebox";
import { LIQUIDITIES, SIDES } from "../names.ts";
import {
  accountId,
  amount,
  before,
  choice,
  count,
  eventSeq,
  limit,
  next,
  nullable,
  optional,
  orderId,
  params,
  positive,
  price,
  quantity,
  ROWS_MAX,
  symbol,
  symbolParam,
  tick,
  timestamp,
} from "./fields.ts";
import { OrderStateResult, orderStateFields } from "./orders.ts";

export const ResumeParams = params({
  from_seq: count("first event wanted; 0 as 1"),
  account_id: optional(accountId("`acc_<n>`, the connection's; no other is told on it")),
});
export const ResumeResult = Type.Object({
  account_id: accountId(),
  from_seq: positive("first event replayed"),
  last_seq: count("last event replayed; `from_seq` - 1 when there is none yet"),
});

const holding = {
  available: amount("free to use"),
  reserved: amount("held for open orders"),
  total: amount("available + reserved"),
};
const Cash = Type.Object(holding, { description: "`{available, reserved, total}`, cents" });
const Positions = Type.Array(Type.Object({ symbol: symbol(), ...holding }), {
  description: "`[{symbol, available, reserved, total}…]`, shares",
});

export const BalancesResult = Type.Object({ account_id: accountId(), cash: Cash, seq: eventSeq() });
export const PositionsResult = Type.Object({
  account_id: accountId(),
  positions: Positions,
  seq: eventSeq(),
});

const fillFields = {
  price: price("price"),
  quantity: quantity("how many"),
  trade_id: positive("of the trade"),
  liquidity: choice(LIQUIDITIES, "MAKER rested, TAKER came second"),
  fee: amount("cents; negative is a rebate"),
};
export const AccountTradesParams = params({
  symbol: optional(symbolParam("only this one, `SYMBOL_<n>` or a ticker")),
  limit: limit("rows, newest first; default 50"),
  before: before(),
});
export const AccountTradesResult = Type.Object({
  account_id: accountId(),
  trades: Type.Array(
    Type.Object({
      order_id: orderId(),
      symbol: symbol(),
      side: choice(SIDES, "the account's side"),
      ...fillFields,
      timestamp: timestamp(),
      tick: tick(),
    }),
    { description: "newest first" },
  ),
  next: next(),
});

const EQUITY_INTERVALS = ["1m", "1d"] as const;
const equityFields = {
  equity: amount("cash + value, cents"),
  cash: amount("cents, available and reserved"),
  value: amount("of all positions at their last prices, cents"),
  deposits: amount(
    "cash and shares deposited less withdrawn, the shares at the last price of then; cents",
  ),
  realised: amount("profit of what was sold, after fees, cents"),
  unrealised: amount("value less what the positions cost: equity - deposits - realised, cents"),
  fees: amount("paid, cents; negative: more rebates than fees"),
};
export const EquityParams = params({
  interval: optional(choice(EQUITY_INTERVALS, "also the history, by minute or by day (UTC)")),
  limit: limit("points of the history, newest first; default 50"),
  before: optional(timestamp("only points that start before it, milliseconds since 1970")),
});
export const EquityResult = Type.Object({
  account_id: accountId(),
  ...equityFields,
  day_change: nullable(
    amount("cents"),
    "of the equity since the end of yesterday (UTC), less deposits since; null: not known",
  ),
  fee_rates: Type.Object(
    {
      maker_bps: Type.Integer({ description: "negative is a rebate" }),
      taker_bps: count("basis points"),
    },
    {
      description: "of an order that comes in now: its notional × bps / 10000 towards zero, cents",
    },
  ),
  positions: Type.Array(
    Type.Object({
      symbol: symbol(),
      quantity: amount("shares; negative is short"),
      cost: amount("of these shares, cents; of a short position what it was sold for, negative"),
      average_price: nullable(
        Type.Number({ description: "cost / quantity" }),
        "rounded to 4 decimals, cents; null: no shares",
      ),
      last: nullable(price("of the last trade"), "null: nothing has traded"),
      value: amount("quantity × last, cents"),
      realised: amount("cents, after fees"),
      unrealised: amount("value - cost, cents"),
      fees: amount("paid, cents"),
    }),
    { description: "of every symbol that the account has or had shares of" },
  ),
  timestamp: timestamp(),
  tick: tick(),
  interval: optional(choice(EQUITY_INTERVALS, "of the history")),
  history: optional(
    Type.Array(
      Type.Object({
        start: timestamp("of the minute or day at whose end it was so, milliseconds since 1970"),
        ...equityFields,
      }),
      { description: "newest first; minutes or days in which nothing changed are left out" },
    ),
  ),
  next: next(),
});

const seq = () => positive("consecutive per account");
export const SnapshotPush = Type.Object({
  event: Type.Literal("snapshot", { description: "`snapshot`: comes first after login" }),
  account_id: accountId(),
  seq: eventSeq(),
  cash: Cash,
  positions: Positions,
  orders: Type.Array(OrderStateResult, {
    description: `open orders, newest first, ${ROWS_MAX} at most`,
  }),
  next: next(),
  timestamp: timestamp(),
  tick: tick(),
});
export const OrderPush = Type.Object({
  seq: seq(),
  event: Type.Literal("order", { description: "`order`" }),
  ...orderStateFields,
  last_fill: optional(
    Type.Object(fillFields, { description: "`{price, quantity, trade_id, liquidity, fee}`" }),
  ),
});
export const BalancePush = Type.Object({
  seq: seq(),
  event: Type.Literal("balance", { description: "`balance`" }),
  account_id: accountId(),
  ...holding,
  timestamp: timestamp(),
  tick: tick(),
});
export const PositionPush = Type.Object({
  seq: seq(),
  event: Type.Literal("position", { description: "`position`" }),
  account_id: accountId(),
  symbol: symbol(),
  ...holding,
  timestamp: timestamp(),
  tick: tick(),
});

export type OrderPush = Static<typeof OrderPush>;
export type BalancePush = Static<typeof BalancePush>;
export type PositionPush = Static<typeof PositionPush>;
export type SnapshotPush = Static<typeof SnapshotPush>;
