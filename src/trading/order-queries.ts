/** Queries about the caller's own orders, open and done, as of the last durable tick. */
import type { CoreView } from "../core/view.ts";
import { ErrorCode } from "../protocol/errors.ts";
import { orderNumberOf } from "../protocol/names.ts";
import { OrderState, orderStateObject } from "../protocol/order-state.ts";
import { ROWS_DEFAULT, ROWS_MAX } from "../protocol/schemas/fields.ts";
import type { OrderStateResult } from "../protocol/schemas/orders.ts";
import type { Params, Result } from "../protocol/schemas.ts";
import { type LoggedIn, mayUse } from "./caller.ts";
import { failure, type Outcome } from "./outcome.ts";
import { EVERY_SYMBOL, pageEnd } from "./pages.ts";
import type { QueryParts } from "./query-parts.ts";

/** Orders that are looked at for one page. When few of them have the symbol asked for, the page may be short. */
const SCANNED_MAX = 10_000;

const state = new OrderState();

/**
 * `orders.open`: open orders in pages, the one that was queued last first. `next` names a place in the list and not an order,
 * so the next page begins there even if the order is gone. An order that is queued again between two pages moves to the
 * front, and may be on neither; the account's stream tells about it.
 */
export function openOrders(
  { view, streams, symbols }: QueryParts,
  { account }: LoggedIn,
  { symbol: name, before = 0, limit = ROWS_MAX }: Params<"orders.open">,
): Outcome<Result<"orders.open">> {
  const symbol = name === undefined ? EVERY_SYMBOL : symbols.find(name);
  if (symbol < EVERY_SYMBOL) return failure(ErrorCode.UNKNOWN_SYMBOL);
  const orders: OrderStateResult[] = [];
  let passed = 0;
  const pass = (): void => {
    passed++;
  };
  const onOrder = (): boolean => {
    if (passed + orders.length === SCANNED_MAX) return false;
    if (symbol !== EVERY_SYMBOL && state.symbol !== symbol) {
      pass();
      return true;
    }
    // Checked only when another order was found, so that the next page is never empty.
    if (orders.length === limit) return false;
    orders.push(orderStateObject(state));
    return true;
  };
  const next = view.walkOpenOrders(account, before, state, onOrder, pass);
  return {
    result: { orders, seq: streams.lastSeq(account), ...pageEnd(next === 0 ? null : next) },
    told: passed,
  };
}

/** The first page of an account's open orders, for all symbols. */
export function newestOpenOrders(
  view: CoreView,
  account: number,
): { orders: OrderStateResult[]; next?: number } {
  const orders: OrderStateResult[] = [];
  const next = view.walkOpenOrders(account, 0, state, () => {
    if (orders.length === ROWS_MAX) return false;
    orders.push(orderStateObject(state));
    return true;
  });
  return { orders, ...pageEnd(next === 0 ? null : next) };
}

/** `orders.history`: done orders in pages, the one that was done last first. */
export function orderHistory(
  { history, symbols }: QueryParts,
  { account }: LoggedIn,
  { symbol: name, before = 0, limit = ROWS_DEFAULT }: Params<"orders.history">,
): Outcome<Result<"orders.history">> {
  const symbol = name === undefined ? EVERY_SYMBOL : symbols.find(name);
  if (symbol < EVERY_SYMBOL) return failure(ErrorCode.UNKNOWN_SYMBOL);
  const read = () => orderStateObject(state);
  const { rows, next, passed } = history.page(account, symbol, before, limit, state, read);
  return { result: { orders: rows, ...pageEnd(next) }, told: passed };
}

export function orderStatus(
  parts: QueryParts,
  caller: LoggedIn,
  { order_id, client_order_id = "" }: Params<"order.status">,
): Outcome<Result<"order.status">> {
  const isKnown =
    order_id === undefined
      ? readByClientId(parts, caller.account, client_order_id)
      : readByNumber(parts, caller, orderNumberOf(order_id));
  return isKnown ? { result: orderStateObject(state) } : failure(ErrorCode.UNKNOWN_ORDER);
}

/**
 * An open or done order of any account; null when there is none. A done order that is kept only among its account's newest
 * ones is not found, because the account is not known.
 */
export function orderOfAnybody(
  { view, history }: QueryParts,
  number: number,
): { account: number; order: OrderStateResult } | null {
  if (view.isOpen(number)) {
    view.readOpenOrder(state, number);
    return { account: view.accountOfOpen(number), order: orderStateObject(state) };
  }
  const account = history.find(state, number, []);
  return account < 0 ? null : { account, order: orderStateObject(state) };
}

/** Reads an open or done order of one of the caller's accounts into `state`; false when it is not there, or no longer. */
export function readByNumber(
  { view, history }: Pick<QueryParts, "view" | "history">,
  caller: LoggedIn,
  number: number,
): boolean {
  if (!view.isOpen(number)) return mayUse(caller, history.find(state, number, caller.accounts));
  if (!mayUse(caller, view.accountOfOpen(number))) return false;
  view.readOpenOrder(state, number);
  return true;
}

/** Reads the open or done order with this client order id of the account into `state`; false when there is none, or no longer. */
function readByClientId({ view, history }: QueryParts, account: number, text: string): boolean {
  const found = view.findClientOrderId(account, text);
  if (found === null) return false;
  if (view.isOpen(found.order)) view.readOpenOrder(state, found.order);
  else history.readByClientId(state, found.clientId, text);
  return true;
}
