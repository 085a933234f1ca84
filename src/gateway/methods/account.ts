/** Queries about one's own orders and holdings, as of the last durable tick. */
import { C_TEXT_INTS, orderGeneration, orderSlot } from "../../core/command.ts";
import type { Core } from "../../core/core.ts";
import { A_FIRST_ORDER, ACCOUNT_INTS } from "../../core/ledger/accounts.ts";
import { O_ACCOUNT, O_ACCOUNT_NEXT, O_BOOK, ORDER_SHIFT } from "../../core/whistle/order-arena.ts";
import { readDoneOrder, readOpenOrder } from "../../execution/order-state-reader.ts";
import { ErrorCode } from "../../protocol/errors.ts";
import {
  accountName,
  LIQUIDITIES,
  orderName,
  orderNumberOf,
  SIDES,
  symbolName,
  symbolNumber,
} from "../../protocol/names.ts";
import { OrderState, orderStateObject } from "../../protocol/order-state.ts";
import type { Params } from "../../protocol/schemas.ts";
import {
  failure,
  type Gateway,
  type Handler,
  type Outcome,
  refuseAhead,
  respondDurable,
} from "../gateway.ts";
import type { Login } from "../session.ts";

/** A handler that needs a login and reads durable state. */
function query(read: (gateway: Gateway, login: Login, params: unknown) => Outcome): Handler {
  return (gateway, session, request) => {
    const login = session.login;
    if (login === null) return failure(ErrorCode.NOT_LOGGED_IN);
    return respondDurable(
      gateway,
      session,
      request,
      () => refuseAhead(gateway) ?? read(gateway, login, request.params),
    );
  };
}

export const balances = query(({ core }, { account }) => {
  const available = core.accounts.available(account);
  const reserved = core.accounts.reserved(account);
  const cash = { available, reserved, total: available + reserved };
  return { result: { account_id: accountName(account), cash } };
});

export const positions = query(({ core }, { account }) => {
  const list: object[] = [];
  const table = core.positions;
  for (let p = table.first(account); p !== 0; p = table.next(p)) {
    const available = table.available(p);
    const reserved = table.reserved(p);
    const total = available + reserved;
    if (available === 0 && reserved === 0) continue;
    list.push({ symbol: symbolName(table.symbolOf(p)), available, reserved, total });
  }
  return { result: { account_id: accountName(account), positions: list } };
});

const ALL_SYMBOLS = -1;

/** The symbol that a query is about, ALL_SYMBOLS when it names none; null when there is no such symbol. */
function symbolOrAll(core: Core, name: string | undefined): number | null {
  if (name === undefined) return ALL_SYMBOLS;
  const symbol = symbolNumber(name);
  return core.symbols.exists(symbol) ? symbol : null;
}

/** Oldest first. */
export const openOrders = query(({ core }, { account }, params) => {
  const { symbol: name } = params as Params<"orders.open">;
  const symbol = symbolOrAll(core, name);
  if (symbol === null) return failure(ErrorCode.UNKNOWN_SYMBOL);
  const O = core.arena.ints;
  const orders: object[] = [];
  let slot = core.accounts.ints[account * ACCOUNT_INTS + A_FIRST_ORDER];
  while (slot !== 0) {
    const o = slot << ORDER_SHIFT;
    if (symbol < 0 || O[o + O_BOOK] >> 1 === symbol) {
      const state = new OrderState();
      readOpenOrder(state, core, slot);
      orders.push(orderStateObject(state));
    }
    slot = O[o + O_ACCOUNT_NEXT];
  }
  return { result: { orders: orders.reverse() } };
});

const ROWS_DEFAULT = 50;

/** Done orders, last done first, in pages. */
export const orderHistory = query(({ core, history }, { account }, params) => {
  const { symbol: name, before = 0, limit = ROWS_DEFAULT } = params as Params<"orders.history">;
  const symbol = symbolOrAll(core, name);
  if (symbol === null) return failure(ErrorCode.UNKNOWN_SYMBOL);
  const { rows, next } = history.page(account, symbol, before, limit);
  const orders = rows.map((order) => {
    const state = new OrderState();
    readDoneOrder(state, order);
    return orderStateObject(state);
  });
  return { result: { orders, ...(next !== null && { next }) } };
});

/** The account's fills, newest first, in pages. */
export const accountTrades = query(({ core, accountTrades: fills }, { account }, params) => {
  const { symbol: name, before = 0, limit = ROWS_DEFAULT } = params as Params<"account.trades">;
  const symbol = symbolOrAll(core, name);
  if (symbol === null) return failure(ErrorCode.UNKNOWN_SYMBOL);
  const { rows, next } = fills.page(account, symbol, before, limit);
  const trades = rows.map((fill) => ({
    order_id: orderName(fill.order),
    symbol: symbolName(fill.book >> 1),
    side: SIDES[fill.book & 1],
    price: fill.price,
    quantity: fill.quantity,
    trade_id: fill.tradeId,
    liquidity: LIQUIDITIES[fill.liquidity],
    fee: fill.fee,
    timestamp: fill.timestamp,
    tick: fill.tick,
  }));
  return { result: { account_id: accountName(account), trades, ...(next !== null && { next }) } };
});

export const orderStatus = query((gateway, login, params) => {
  const { order_id, client_order_id } = params as Params<"order.status">;
  const state =
    order_id === undefined
      ? findByClientId(gateway, login.account, client_order_id as string)
      : findOrder(gateway, login, orderNumberOf(order_id));
  return state === null ? failure(ErrorCode.UNKNOWN_ORDER) : { result: orderStateObject(state) };
});

/** An order of one of the user's accounts, open or done; null when there is none, or no longer. */
function findOrder({ core, history }: Gateway, login: Login, number: number): OrderState | null {
  const state = new OrderState();
  const slot = orderSlot(number);
  const owns = (account: number): boolean => login.user.accounts.includes(account);
  if (core.arena.isOpen(slot, orderGeneration(number))) {
    if (!owns(core.arena.ints[(slot << ORDER_SHIFT) + O_ACCOUNT])) return null;
    readOpenOrder(state, core, slot);
    return state;
  }
  const done = history.find(number);
  if (done === null || !owns(done.account)) return null;
  readDoneOrder(state, done);
  return state;
}

/** The order, open or done, that the account gave this client order id; null when there is none, or no longer. */
function findByClientId(
  { core, history }: Gateway,
  account: number,
  text: string,
): OrderState | null {
  const words = new Int32Array(C_TEXT_INTS);
  new TextEncoder().encodeInto(text, new Uint8Array(words.buffer));
  const entry = core.clientIds.find(account, words, 0);
  if (entry === 0) return null;
  const state = new OrderState();
  const number = core.clientIds.orderNumber(entry);
  const slot = orderSlot(number);
  if (core.arena.isOpen(slot, orderGeneration(number))) readOpenOrder(state, core, slot);
  else readDoneOrder(state, history.ofClientId(entry));
  return state;
}
