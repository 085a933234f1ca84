/** Reads order states for the wire: from events, from the book, from the history. */

import { OrderType, orderNumber } from "../core/command.ts";
import type { Core } from "../core/core.ts";
import {
  E_BOOK,
  E_CLIENT_ID,
  E_GENERATION,
  E_HEAD,
  E_MAKER_CLIENT_ID,
  E_MAKER_GENERATION,
  E_MAKER_NOTIONAL_F64,
  E_MAKER_ORDER_FLAGS,
  E_MAKER_PRICE,
  E_MAKER_QUANTITY,
  E_MAKER_REMAINING,
  E_MAKER_SLOT,
  E_MAKER_STOP_PRICE,
  E_NOTIONAL_F64,
  E_ORDER_FLAGS,
  E_PRICE,
  E_QUANTITY,
  E_REMAINING,
  E_SLOT,
  E_STOP_PRICE,
  EventFlag,
  OrderStatus,
  PENDING,
  typeOfFlags,
} from "../core/event.ts";
import {
  O_BOOK,
  O_CLIENT_ID,
  O_GENERATION,
  O_NOTIONAL_F64,
  O_ORDER_FLAGS,
  O_PRICE,
  O_QUANTITY,
  O_REMAINING,
  O_STOP_PRICE,
  O_TIMESTAMP_F64,
  ORDER_SHIFT,
} from "../core/whistle/order-arena.ts";
import type { OrderState } from "../protocol/order-state.ts";
import type { DoneOrder } from "./done-orders.ts";

/** The order of an ORDER event, or the taker's of a TRADE, at word `e`. */
export function readEventOrder(
  state: OrderState,
  core: Core,
  e: number,
  timestamp: number,
  tick: number,
): void {
  const E = core.events.ints;
  const head = E[e + E_HEAD];
  const book = E[e + E_BOOK];
  const remaining = E[e + E_REMAINING];
  state.orderNumber = orderNumber(E[e + E_SLOT], E[e + E_GENERATION]);
  state.clientOrderId = core.clientIds.text(E[e + E_CLIENT_ID]);
  state.symbol = book >> 1;
  state.side = book & 1;
  state.type = typeOfFlags(E[e + E_ORDER_FLAGS]);
  state.price = shownPrice(state.type, E[e + E_PRICE]);
  state.stopPrice = E[e + E_STOP_PRICE];
  state.quantity = E[e + E_QUANTITY];
  state.filled = E[e + E_QUANTITY] - remaining;
  state.notional = core.events.doubles[(e >> 1) + E_NOTIONAL_F64];
  state.status = head >> 16;
  state.timestamp = timestamp;
  state.tick = tick;
  state.duplicate = ((head >> 8) & EventFlag.DUPLICATE) !== 0;
}

/** The taker's order right after the fill of the TRADE at `e`. */
export function readTaker(
  state: OrderState,
  core: Core,
  e: number,
  timestamp: number,
  tick: number,
): void {
  readEventOrder(state, core, e, timestamp, tick);
  state.status = filledStatus(core.events.ints[e + E_REMAINING]);
}

/** The maker's order right after the fill of the TRADE at `e`. */
export function readMaker(
  state: OrderState,
  core: Core,
  e: number,
  timestamp: number,
  tick: number,
): void {
  const E = core.events.ints;
  const book = E[e + E_BOOK] ^ 1;
  const remaining = E[e + E_MAKER_REMAINING];
  state.orderNumber = orderNumber(E[e + E_MAKER_SLOT], E[e + E_MAKER_GENERATION]);
  state.clientOrderId = core.clientIds.text(E[e + E_MAKER_CLIENT_ID]);
  state.symbol = book >> 1;
  state.side = book & 1;
  state.type = typeOfFlags(E[e + E_MAKER_ORDER_FLAGS]);
  state.price = shownPrice(state.type, E[e + E_MAKER_PRICE]);
  state.stopPrice = E[e + E_MAKER_STOP_PRICE];
  state.quantity = E[e + E_MAKER_QUANTITY];
  state.filled = E[e + E_MAKER_QUANTITY] - remaining;
  state.notional = core.events.doubles[(e >> 1) + E_MAKER_NOTIONAL_F64];
  state.status = filledStatus(remaining);
  state.timestamp = timestamp;
  state.tick = tick;
  state.duplicate = false;
}

/** An open order, by arena slot. */
export function readOpenOrder(state: OrderState, core: Core, slot: number): void {
  const { ints: O, doubles, ticks } = core.arena;
  const o = slot << ORDER_SHIFT;
  const book = O[o + O_BOOK];
  state.orderNumber = orderNumber(slot, O[o + O_GENERATION]);
  state.clientOrderId = core.clientIds.text(O[o + O_CLIENT_ID]);
  state.symbol = book >> 1;
  state.side = book & 1;
  state.type = typeOfFlags(O[o + O_ORDER_FLAGS]);
  state.price = shownPrice(state.type, O[o + O_PRICE]);
  state.stopPrice = O[o + O_STOP_PRICE];
  state.quantity = O[o + O_QUANTITY];
  state.filled = O[o + O_QUANTITY] - O[o + O_REMAINING];
  state.notional = doubles[(o >> 1) + O_NOTIONAL_F64];
  state.status = openStatus(O[o + O_ORDER_FLAGS], state.filled);
  state.timestamp = doubles[(o >> 1) + O_TIMESTAMP_F64];
  state.tick = ticks[slot];
  state.duplicate = false;
}

export function readDoneOrder(state: OrderState, order: DoneOrder): void {
  state.orderNumber = order.number;
  state.clientOrderId = order.clientOrderId;
  state.symbol = order.book >> 1;
  state.side = order.book & 1;
  state.type = typeOfFlags(order.orderFlags);
  state.price = shownPrice(state.type, order.price);
  state.stopPrice = order.stopPrice;
  state.quantity = order.quantity;
  state.filled = order.quantity - order.remaining;
  state.notional = order.notional;
  state.status = order.status;
  state.timestamp = order.timestamp;
  state.tick = order.tick;
  state.duplicate = false;
}

function filledStatus(remaining: number): number {
  return remaining === 0 ? OrderStatus.FILLED : OrderStatus.PARTIALLY_FILLED;
}

/** A STOP has no limit price: what its record holds is where it would stop buying. */
function shownPrice(type: number, price: number): number {
  return type === OrderType.STOP ? 0 : price;
}

function openStatus(orderFlags: number, filled: number): number {
  if ((orderFlags & PENDING) !== 0) return OrderStatus.PENDING_TRIGGER;
  return filled === 0 ? OrderStatus.ACCEPTED : OrderStatus.PARTIALLY_FILLED;
}
