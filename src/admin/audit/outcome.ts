/** What became of a command, as objects: its result or error, and what else happened with it. */

import { CommandKind, orderNumber } from "../../core/command.ts";
import type { Core } from "../../core/core.ts";
import {
  E_ACCOUNT,
  E_AMOUNT_F64,
  E_BOOK,
  E_CODE,
  E_DETAIL,
  E_GENERATION,
  E_HEAD,
  E_MAKER_ACCOUNT,
  E_MAKER_FEE_F64,
  E_SLOT,
  E_TAKER_FEE_F64,
  E_TRADE_ID_F64,
  E_TRADE_PRICE,
  E_TRADE_QUANTITY,
  EventFlag,
  EventKind,
} from "../../core/event.ts";
import { CapacityLimit, InvalidField, Reject } from "../../core/reject.ts";
import { readEventOrder, readMaker, readTaker } from "../../execution/order-state-reader.ts";
import { stateName } from "../../market-data/status.ts";
import { ERRORS, isErrorCode } from "../../protocol/errors.ts";
import { accountName, orderName, symbolName } from "../../protocol/names.ts";
import { OrderState, orderStateObject } from "../../protocol/order-state.ts";
import type {
  AuditError,
  AuditEvent,
  AuditOrder,
  AuditResult,
} from "../../protocol/schemas/audit.ts";

const state = new OrderState();

/** The answer to a command of kind `kind`: the event at word `e` of the core's buffer. */
export function replyOf(
  core: Core,
  e: number,
  kind: number,
): { result: AuditResult } | { error: AuditError } {
  const E = core.events.ints;
  switch (E[e + E_HEAD] & 255) {
    case EventKind.REJECT:
      return { error: errorOf(core, e) };
    case EventKind.ORDER:
      return { result: { order: orderOf(core, e) } };
    default:
      return { result: doneOf(core, e, kind) };
  }
}

/** What happened with the command beside its answer: the event at word `e`. */
export function eventOf(core: Core, e: number): AuditEvent {
  const { ints: E, doubles: D } = core.events;
  switch (E[e + E_HEAD] & 255) {
    case EventKind.TRADE: {
      const d = e >> 1;
      readMaker(state, core, e, 0, 0);
      const maker = sideOf(E[e + E_MAKER_ACCOUNT], D[d + E_MAKER_FEE_F64]);
      readTaker(state, core, e, 0, 0);
      const taker = sideOf(E[e + E_ACCOUNT], D[d + E_TAKER_FEE_F64]);
      return {
        trade: {
          trade_id: D[d + E_TRADE_ID_F64],
          symbol: symbolName(state.symbol),
          price: E[e + E_TRADE_PRICE],
          quantity: E[e + E_TRADE_QUANTITY],
          taker,
          maker,
        },
      };
    }
    case EventKind.SYMBOL: {
      const symbol = symbolName(E[e + E_BOOK] >> 1);
      return { symbol: { symbol, state: stateName(E[e + E_CODE]) } };
    }
    default:
      return { order: orderOf(core, e) };
  }
}

/** An order right after the event. Of a repeat of one that is done, the event knows the number only. */
function orderOf(core: Core, e: number): AuditOrder {
  const E = core.events.ints;
  const flags = (E[e + E_HEAD] >> 8) & 255;
  const account = accountName(E[e + E_ACCOUNT]);
  if ((flags & (EventFlag.DUPLICATE | EventFlag.OPEN)) === EventFlag.DUPLICATE) {
    const order = orderNumber(E[e + E_SLOT], E[e + E_GENERATION]);
    return { account, order_id: orderName(order), duplicate: true };
  }
  readEventOrder(state, core, e, 0, 0);
  const { timestamp: _timestamp, tick: _tick, ...order } = orderStateObject(state);
  return { account, ...order };
}

/** One side of the fill that `state` was read from. */
function sideOf(account: number, fee: number) {
  const { order_id, side, quantity, filled_quantity, status } = orderStateObject(state);
  return { account: accountName(account), order_id, side, quantity, filled_quantity, status, fee };
}

function doneOf(core: Core, e: number, kind: number): AuditResult {
  const { ints: E, doubles: D } = core.events;
  const total = D[(e >> 1) + E_AMOUNT_F64];
  switch (kind) {
    case CommandKind.CANCEL_ALL:
      return { cancelled: E[e + E_CODE] };
    case CommandKind.DEPOSIT_CASH:
      return { cash: total };
    case CommandKind.DEPOSIT_SHARES:
      return { shares: total };
    default:
      return {};
  }
}

function errorOf(core: Core, e: number): AuditError {
  const E = core.events.ints;
  const code = E[e + E_CODE];
  const order = orderNumber(E[e + E_SLOT], E[e + E_GENERATION]);
  const field = code === Reject.INVALID_PARAMETER && nameOf(InvalidField, E[e + E_DETAIL]);
  const limit = code === Reject.CAPACITY && nameOf(CapacityLimit, E[e + E_DETAIL]);
  return {
    code,
    name: isErrorCode(code) ? ERRORS[code].name : String(code),
    ...(field && { field }),
    ...(limit && { limit }),
    ...(E[e + E_SLOT] !== 0 && { order_id: orderName(order) }),
  };
}

/** `CLIENT_ORDER_ID` as `client_order_id`; undefined for none. */
function nameOf(table: Readonly<Record<string, number>>, detail: number): string | undefined {
  return Object.keys(table)
    .find((name) => table[name] === detail)
    ?.toLowerCase();
}
