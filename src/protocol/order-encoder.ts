/** Encoders of order states, as response and as event. */
import { createEncoder, createResponseEncoder } from "./encoder.ts";
import {
  ascii,
  constant,
  integer,
  type MembersOf,
  name,
  number,
  object,
  optional,
  push,
  response,
  word,
} from "./layout.ts";
import {
  LIQUIDITIES,
  ORDER_PREFIX,
  ORDER_REASONS,
  ORDER_STATUSES,
  ORDER_TYPES,
  SIDES,
  SYMBOL_PREFIX,
  TIMES_IN_FORCE,
} from "./names.ts";
import type { Fill, OrderState } from "./order-state.ts";
import type { OrderStateResult } from "./schemas/orders.ts";
import type { OrderPush } from "./schemas/user-data.ts";

const ORDER_STATE: MembersOf<OrderStateResult> = {
  order_id: name(ORDER_PREFIX, "state.orderNumber"),
  client_order_id: optional('state.clientOrderId !== ""', ascii("state.clientOrderId")),
  symbol: name(SYMBOL_PREFIX, "state.symbol"),
  side: word(SIDES, "state.side"),
  type: word(ORDER_TYPES, "state.type"),
  time_in_force: word(TIMES_IN_FORCE, "state.timeInForce"),
  post_only: optional("state.postOnly", constant(true)),
  price: optional("state.price !== 0", integer("state.price")),
  stop_price: optional("state.stopPrice !== 0", integer("state.stopPrice")),
  expire_at: optional("state.expireAt !== 0", integer("state.expireAt")),
  quantity: integer("state.quantity"),
  filled_quantity: integer("state.filled"),
  average_price: optional("state.filled > 0", number("averagePrice(state.notional, state.filled)")),
  status: word(ORDER_STATUSES, "state.status"),
  reason: optional("state.reason !== 0", word(ORDER_REASONS, "state.reason")),
  created_at: integer("state.createdAt"),
  timestamp: integer("state.timestamp"),
  tick: integer("state.tick"),
  duplicate: optional("state.duplicate", constant(true)),
};

const FILL: MembersOf<Required<OrderPush>["last_fill"]> = {
  price: integer("fill.price"),
  quantity: integer("fill.quantity"),
  trade_id: integer("fill.tradeId"),
  liquidity: word(LIQUIDITIES, "fill.liquidity"),
  fee: integer("fill.fee"),
};

/** The response to an order request. It is the same as encoding `orderStateObject` by the general path. */
export const orderResponse = createResponseEncoder<[state: OrderState]>(
  ["state"],
  response(ORDER_STATE),
);

/** The order event, the same as `userOrderObject`. `fill` is the fill that it is about, if any. */
export const orderEvent = createEncoder<[seq: number, state: OrderState, fill: Fill | null]>(
  ["seq", "state", "fill"],
  push("order", {
    seq: integer("seq"),
    event: constant("order"),
    ...ORDER_STATE,
    last_fill: optional("fill !== null", object(FILL)),
  }),
);
