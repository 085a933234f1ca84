/** One's own events and account queries. */
import { type Static, Type } from "@sinclair/typebox";
import { LIQUIDITIES, SIDES } from "../names.ts";
import {
  accountId,
  amount,
  choice,
  optional,
  orderId,
  params,
  positive,
  price,
  quantity,
  ROWS_MAX,
  symbol,
  tick,
  timestamp,
} from "./fields.ts";
import { orderStateFields } from "./orders.ts";

export const ResumeParams = params({ from_seq: positive("first event wanted") });
export const ResumeResult = Type.Object({
  from_seq: positive("first event replayed"),
  next_seq: positive("number that the next new event will have"),
});

const holding = {
  available: amount("free to use"),
  reserved: amount("held for open orders"),
  total: amount("available + reserved"),
};
const Cash = Type.Object(holding, { description: "`{available, reserved, total}`, cents" });

export const BalancesResult = Type.Object({ account_id: accountId(), cash: Cash });
export const PositionsResult = Type.Object({
  account_id: accountId(),
  positions: Type.Array(Type.Object({ symbol: symbol(), ...holding }), {
    description: "`[{symbol, available, reserved, total}…]`, shares",
  }),
});

const fillFields = {
  price: price("price"),
  quantity: quantity("how many"),
  trade_id: positive("of the trade"),
  liquidity: choice(LIQUIDITIES, "MAKER rested, TAKER came second"),
  fee: amount("cents; negative is a rebate"),
};
export const AccountTradesParams = params({
  symbol: optional(symbol("only this one")),
  limit: optional(positive("rows, newest first; default 50", ROWS_MAX)),
  before: optional(positive("`next` of the page before")),
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
  next: optional(positive("there is more: ask with `before`")),
});

const seq = () => positive("consecutive per account");
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
  cash: Cash,
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
