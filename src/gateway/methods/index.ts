/** Which handler serves which method. Methods that have a schema and no handler come with a later version. */
import type { MethodName } from "../../protocol/schemas.ts";
import type { Handler } from "../gateway.ts";
import {
  accountTrades,
  balances,
  openOrders,
  orderHistory,
  orderStatus,
  positions,
} from "./account.ts";
import { login, time } from "./login.ts";
import {
  bookSnapshot,
  listSymbols,
  recentTrades,
  subscribe,
  subscriptions,
  unsubscribe,
} from "./market-data.ts";
import { cancelAllAfter, orderMethod, placeBatch } from "./orders.ts";

export const HANDLERS: { readonly [M in MethodName]?: Handler } = {
  "auth.login": login,
  ping: time,
  time,
  "order.place": orderMethod("order.place"),
  "order.cancel": orderMethod("order.cancel"),
  "order.amend": orderMethod("order.amend"),
  "order.cancel_all": orderMethod("order.cancel_all"),
  "order.batch": placeBatch,
  "orders.cancel_all_after": cancelAllAfter,
  "order.status": orderStatus,
  "orders.open": openOrders,
  "orders.history": orderHistory,
  "account.trades": accountTrades,
  "account.balances": balances,
  "account.positions": positions,
  subscribe,
  unsubscribe,
  subscriptions,
  "symbols.list": listSymbols,
  "book.snapshot": bookSnapshot,
  "trades.recent": recentTrades,
};
