/** An order's state as numbers, and as the object that clients get. */
import {
  LIQUIDITIES,
  ORDER_REASONS,
  ORDER_STATUSES,
  ORDER_TYPES,
  orderName,
  SIDES,
  symbolName,
  TIMES_IN_FORCE,
} from "./names.ts";
import type { OrderStateResult } from "./schemas/orders.ts";
import type { OrderPush } from "./schemas/user-data.ts";

/** Mutable and reused: filled from an event, encoded, filled again. */
export class OrderState {
  /** The n of `ord_<n>`. */
  orderNumber = 0;
  /** "" = none. Its characters need no escaping (CLIENT_ORDER_ID_PATTERN). */
  clientOrderId = "";
  /** The n of `SYMBOL_<n>`. */
  symbol = 0;
  /** Index into SIDES. */
  side = 0;
  /** Index into ORDER_TYPES. */
  type = 0;
  /** Index into TIMES_IN_FORCE. */
  timeInForce = 0;
  postOnly = false;
  /** Cents; 0 none. */
  price = 0;
  /** Cents; 0 none. */
  stopPrice = 0;
  /** End of a GTD order, milliseconds since 1970; 0 none. */
  expireAt = 0;
  /** Shares. */
  quantity = 0;
  /** Shares. */
  filled = 0;
  /** Sum of price times quantity over all fills, cents. */
  notional = 0;
  /** Index into ORDER_STATUSES. */
  status = 0;
  /** Why it ended, an index into ORDER_REASONS; 0 none. */
  reason = 0;
  /** When it was accepted, milliseconds since 1970. */
  createdAt = 0;
  /** When it last changed, milliseconds since 1970. */
  timestamp = 0;
  tick = 0;
  /** The client order id was used before, and this is the order that used it first. */
  duplicate = false;
}

/** One fill of an order. */
export class Fill {
  /** Cents. */
  price = 0;
  /** Shares. */
  quantity = 0;
  tradeId = 0;
  /** Index into LIQUIDITIES: 0 maker, 1 taker. */
  liquidity = 0;
  /** Cents; negative is a rebate. */
  fee = 0;
}

/**
 * `notional / filled` in cents, rounded to 4 decimals, half up. The remainder is an integer, so this rounds the exact
 * quotient.
 */
export function averagePrice(notional: number, filled: number): number {
  const rest = notional % filled;
  const whole = (notional - rest) / filled;
  return (whole * 10_000 + Math.round((rest * 10_000) / filled)) / 10_000;
}

/** The `result` of an order request. */
export function orderStateObject(state: OrderState): OrderStateResult {
  const reason = ORDER_REASONS[state.reason];
  return {
    order_id: orderName(state.orderNumber),
    ...(state.clientOrderId !== "" && { client_order_id: state.clientOrderId }),
    symbol: symbolName(state.symbol),
    side: SIDES[state.side],
    type: ORDER_TYPES[state.type],
    time_in_force: TIMES_IN_FORCE[state.timeInForce],
    ...(state.postOnly && { post_only: true as const }),
    ...(state.price !== 0 && { price: state.price }),
    ...(state.stopPrice !== 0 && { stop_price: state.stopPrice }),
    ...(state.expireAt !== 0 && { expire_at: state.expireAt }),
    quantity: state.quantity,
    filled_quantity: state.filled,
    ...(state.filled > 0 && { average_price: averagePrice(state.notional, state.filled) }),
    status: ORDER_STATUSES[state.status],
    ...(reason !== "" && { reason }),
    created_at: state.createdAt,
    timestamp: state.timestamp,
    tick: state.tick,
    ...(state.duplicate && { duplicate: true as const }),
  };
}

/** The `data` of an order event. */
export function userOrderObject(seq: number, state: OrderState, fill: Fill | null): OrderPush {
  return {
    seq,
    event: "order",
    ...orderStateObject(state),
    ...(fill !== null && {
      last_fill: {
        price: fill.price,
        quantity: fill.quantity,
        trade_id: fill.tradeId,
        liquidity: LIQUIDITIES[fill.liquidity],
        fee: fill.fee,
      },
    }),
  };
}
