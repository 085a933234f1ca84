/** Order entry and management. */
import { type Static, Type } from "@sinclair/typebox";
import {
  ORDER_REASONS,
  ORDER_STATUSES,
  ORDER_TYPES,
  SELF_TRADE_MODES,
  SIDES,
  TIMES_IN_FORCE,
} from "../names.ts";
import { ErrorMessage } from "./envelope.ts";
import {
  accountId,
  BATCH_ORDERS_MAX,
  before,
  choice,
  clientOrderId,
  count,
  eventSeq,
  flag,
  limit,
  next,
  optional,
  orderId,
  PUBLISHED_AS,
  params,
  price,
  QUANTITY_MAX,
  quantity,
  symbol,
  symbolParam,
  TIMEOUT_MS_MAX,
  tick,
  timestamp,
} from "./fields.ts";

export const PlaceParams = params(
  {
    symbol: symbolParam(),
    side: choice(SIDES, "side"),
    type: choice(ORDER_TYPES, "order type"),
    quantity: quantity("how many"),
    price: optional(price("limit; LIMIT and STOP_LIMIT need it, the others refuse it")),
    stop_price: optional(price("trigger; STOP and STOP_LIMIT need it, the others refuse it")),
    time_in_force: optional(
      choice(TIMES_IN_FORCE, "default GTC; a MARKET order never rests: it is IOC unless FOK"),
    ),
    expire_at: optional(timestamp("end of a GTD order, which needs it; the others refuse it")),
    post_only: optional(flag("refuse rather than take liquidity")),
    client_order_id: optional(
      clientOrderId('1–64 printable ASCII characters without space, `"` and `\\`; unique'),
    ),
    account_id: optional(accountId("`acc_<n>`; default the connection's")),
    self_trade_prevention: optional(choice(SELF_TRADE_MODES, "default CANCEL_NEWEST")),
  },
  "Order",
);

const oneOrder = {
  order_id: optional(orderId()),
  client_order_id: optional(clientOrderId("instead of `order_id`; exactly one of the two")),
};

export const CancelParams = params({ ...oneOrder, symbol: optional(symbolParam()) });
export const AmendParams = params({
  ...oneOrder,
  price: optional(price("new limit")),
  quantity: optional(
    count(
      "new total, shares; keeps priority when it only reduces; at or below what is filled, 0 included, it cancels the rest",
      QUANTITY_MAX,
    ),
  ),
  stop_price: optional(price("new trigger of a waiting stop")),
});
export const StatusParams = params(oneOrder);
const onlySymbol = () => optional(symbolParam("only this one, `SYMBOL_<n>` or a ticker"));
export const CancelAllParams = params({ symbol: onlySymbol() });
export const OpenParams = params({
  symbol: onlySymbol(),
  limit: limit("rows, newest first; default 1000"),
  before: before(),
});
export const HistoryParams = params({
  symbol: onlySymbol(),
  limit: limit("rows, last done first; default 50"),
  before: before(),
});
export const BatchParams = params({
  // Each order is checked on its own, so that a wrong one does not spoil the others.
  orders: Type.Array(Type.Unknown({ [PUBLISHED_AS]: PlaceParams }), {
    minItems: 1,
    maxItems: BATCH_ORDERS_MAX,
    description: "1 to 100 times the params of `order.place`",
  }),
});
export const CancelAllAfterParams = params({
  timeout_ms: count(
    "time without a further call after which all are cancelled; 0 disarms",
    TIMEOUT_MS_MAX,
  ),
});

type EndReason = Exclude<(typeof ORDER_REASONS)[number], "">;
const ORDER_END_REASONS = ORDER_REASONS.filter((reason): reason is EndReason => reason !== "");

export const orderStateFields = {
  order_id: orderId(),
  client_order_id: optional(clientOrderId("as placed")),
  symbol: symbol(),
  side: choice(SIDES, "side"),
  type: choice(ORDER_TYPES, "order type"),
  time_in_force: choice(TIMES_IN_FORCE, "how long it may rest"),
  post_only: optional(Type.Literal(true, { description: "it may not take liquidity" })),
  price: optional(price("limit; absent without one")),
  stop_price: optional(price("trigger of a stop order")),
  expire_at: optional(timestamp("end of a GTD order, milliseconds since 1970")),
  quantity: quantity("total ordered"),
  filled_quantity: count("traded so far, shares"),
  average_price: optional(
    Type.Number({ minimum: 0, description: "cents, rounded to 4 decimals; absent while unfilled" }),
  ),
  status: choice(ORDER_STATUSES, "state right after the request"),
  reason: optional(choice(ORDER_END_REASONS, "why a CANCELLED or EXPIRED order ended")),
  created_at: timestamp("when it came in, milliseconds since 1970"),
  timestamp: timestamp("when it last changed, milliseconds since 1970"),
  tick: tick(),
  duplicate: optional(
    Type.Literal(true, {
      description: "the client_order_id was known: this is the first order, nothing was placed",
    }),
  ),
};

export const OrderStateResult = Type.Object(orderStateFields, {
  title: "OrderState",
  description: "order state",
});
export const CancelAllResult = Type.Object({ cancelled: count("how many orders") });
export const OpenResult = Type.Object({
  orders: Type.Array(OrderStateResult, { description: "open orders, newest first" }),
  seq: eventSeq(),
  next: next(),
});
export const HistoryResult = Type.Object({
  orders: Type.Array(OrderStateResult, { description: "orders that are done, last done first" }),
  next: next(),
});
export const BatchResult = Type.Object({
  results: Type.Array(
    Type.Union([Type.Object({ result: OrderStateResult }), Type.Object({ error: ErrorMessage })]),
    { description: "in the order of the request" },
  ),
});
export const CancelAllAfterResult = Type.Object({ timeout_ms: count("as asked") });

export type PlaceParams = Static<typeof PlaceParams>;
export type CancelParams = Static<typeof CancelParams>;
export type AmendParams = Static<typeof AmendParams>;
export type StatusParams = Static<typeof StatusParams>;
export type BatchParams = Static<typeof BatchParams>;
export type OrderStateResult = Static<typeof OrderStateResult>;
