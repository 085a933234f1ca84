/**
 * The outcome of a command as objects: its result or error, and what else happened with it.
 *
 * The new totals of price levels and what accounts hold at the end of a tick are left out: they follow from
 * the orders and trades.
 */

import { CommandKind } from "../../core/command.ts";
import { EventFlag, EventKind, type Events } from "../../core/event.ts";
import { CapacityLimit, InvalidField, Reject } from "../../core/reject.ts";
import { ERRORS, isErrorCode } from "../../protocol/errors.ts";
import { accountName, orderName, symbolName } from "../../protocol/names.ts";
import { OrderState, orderStateObject } from "../../protocol/order-state.ts";
import type {
  AuditError,
  AuditEvent,
  AuditOrder,
  AuditResult,
} from "../../protocol/schemas/audit.ts";
import { stateName } from "../../protocol/schemas/market-data.ts";

const state = new OrderState();

/** The answer to a command of kind `kind`: the event at `e`. */
export function replyOf(
  events: Events,
  e: number,
  kind: number,
): { result: AuditResult } | { error: AuditError } {
  switch (events.kind(e)) {
    case EventKind.REJECT:
      return { error: errorOf(events, e) };
    case EventKind.ORDER:
      return { result: { order: orderOf(events, e) } };
    default:
      return { result: doneOf(events, e, kind) };
  }
}

/** What happened with the command beside its answer: the event at `e`; null for one that is left out. */
export function eventOf(events: Events, e: number): AuditEvent | null {
  switch (events.kind(e)) {
    case EventKind.ORDER:
      return { order: orderOf(events, e) };
    case EventKind.TRADE:
      return {
        trade: {
          trade_id: events.tradeId(e),
          symbol: symbolName(events.symbol(events.order(e))),
          price: events.tradePrice(e),
          quantity: events.tradeQuantity(e),
          taker: sideOf(events, e, events.order(e)),
          maker: sideOf(events, e, events.maker(e)),
        },
      };
    case EventKind.SYMBOL: {
      const symbol = symbolName(events.stateSymbol(e));
      return { symbol: { symbol, state: stateName(events.state(e)) } };
    }
    default:
      return null;
  }
}

/**
 * Whether the ORDER at `e` repeats an order that is done. Such an event has only the order's number and client
 * order id.
 */
export function isDoneRepeat(events: Events, e: number): boolean {
  const flags = events.flags(e) & (EventFlag.DUPLICATE | EventFlag.OPEN);
  return flags === EventFlag.DUPLICATE;
}

/** The order of the event at `e`, as it was right after it. */
function orderOf(events: Events, e: number): AuditOrder {
  const o = events.order(e);
  const account = accountName(events.account(o));
  if (isDoneRepeat(events, e)) {
    return { account, order_id: orderName(events.orderNumber(o)), duplicate: true };
  }
  events.readOrder(state, e, o, 0, 0);
  const { created_at: _, timestamp: _timestamp, tick: _tick, ...order } = orderStateObject(state);
  return { account, ...order };
}

/** One side of the trade at `e`: the order at `o`, right after the trade. */
function sideOf(events: Events, e: number, o: number) {
  events.readOrder(state, e, o, 0, 0);
  const { order_id, side, quantity, filled_quantity, status } = orderStateObject(state);
  const account = accountName(events.account(o));
  return { account, order_id, side, quantity, filled_quantity, status, fee: events.fee(e, o) };
}

function doneOf(events: Events, e: number, kind: number): AuditResult {
  switch (kind) {
    case CommandKind.CANCEL_ALL:
      return { cancelled: events.count(e) };
    case CommandKind.DEPOSIT_CASH:
      return { cash: events.amount(e) };
    case CommandKind.DEPOSIT_SHARES:
      return { shares: events.amount(e) };
    default:
      return {};
  }
}

function errorOf(events: Events, e: number): AuditError {
  const code = events.code(e);
  const order = events.rejectOrder(e);
  return {
    code,
    name: isErrorCode(code) ? ERRORS[code].name : String(code),
    ...detailsOf(events, e),
    ...(order !== 0 && { order_id: orderName(order) }),
  };
}

/** The details of a refusal, by its code. */
function detailsOf(events: Events, e: number): Omit<AuditError, "code" | "name"> {
  const first = events.firstDetail(e);
  const second = events.secondDetail(e);
  switch (events.code(e)) {
    case Reject.INVALID_PARAMETER:
      return { field: nameOf(InvalidField, events.detail(e)) };
    case Reject.CAPACITY:
      return { limit: nameOf(CapacityLimit, events.detail(e)) };
    case Reject.OUTSIDE_BAND:
      return { low: first, high: second };
    case Reject.OFF_INCREMENT:
      return { price_increment: first };
    case Reject.INSUFFICIENT_FUNDS:
    case Reject.INSUFFICIENT_SHARES:
      return { needed: first, available: second };
    default:
      return {};
  }
}

/** `CLIENT_ORDER_ID` as `client_order_id`; the number itself where it has no name. */
function nameOf(table: Readonly<Record<string, number>>, detail: number): string {
  const name = Object.keys(table).find((key) => table[key] === detail);
  return name?.toLowerCase() ?? String(detail);
}
