/**
 * The routes of the REST API that serve methods, each with its method. A member of the method's params is in the route's path
 * if the path names it, otherwise in the body of a POST or PATCH, or in the query.
 */
import type { MethodName } from "../schemas.ts";
import { choice, optional } from "./fields.ts";

export const REST_PATH = "/api/v1";

export interface RestRouteSpec {
  readonly method: MethodName;
  /** A few words for the published document. */
  readonly summary: string;
  /** Params that the route does not take, because its path has another one in their place. */
  readonly without?: readonly string[];
  /** The method that is served instead when the query has `status=done`. */
  readonly done?: MethodName;
  /** The answer has an ETag. A client that has the same answer already gets 304. */
  readonly isTagged?: true;
}

/** Selects open or done orders. */
export const OrdersStatus = optional(
  choice(["open", "done"], "`open`, the default, or `done`: filled, cancelled and expired ones"),
);

export const restRoutes = {
  "GET /time": { method: "time", summary: "The clock of the exchange" },
  "GET /symbols": { method: "symbols.list", summary: "Listed symbols", isTagged: true },
  "GET /symbols/:symbol": { method: "symbols.get", summary: "A symbol and its player" },
  "GET /symbols/:symbol/book": { method: "book.snapshot", summary: "The book of a symbol" },
  "GET /symbols/:symbol/trades": {
    method: "trades.recent",
    summary: "The last trades of a symbol",
  },
  "GET /symbols/:symbol/candles": { method: "candles.list", summary: "Candles of a symbol" },
  "GET /symbols/:symbol/ticker": { method: "tickers.get", summary: "A symbol's last 24 hours" },
  "GET /tickers": { method: "tickers.list", summary: "Every symbol's last 24 hours" },
  "POST /orders": { method: "order.place", summary: "Place an order" },
  "POST /orders/batch": { method: "order.batch", summary: "Place up to 100 orders" },
  "GET /orders": {
    method: "orders.open",
    done: "orders.history",
    summary: "One's own orders, open or done",
  },
  "DELETE /orders": { method: "order.cancel_all", summary: "Cancel all open orders" },
  "GET /orders/:order_id": {
    method: "order.status",
    without: ["client_order_id"],
    summary: "An order",
  },
  "PATCH /orders/:order_id": {
    method: "order.amend",
    without: ["client_order_id"],
    summary: "Amend an order",
  },
  "DELETE /orders/:order_id": {
    method: "order.cancel",
    without: ["client_order_id"],
    summary: "Cancel an order",
  },
  "GET /orders/by-client-id/:client_order_id": {
    method: "order.status",
    without: ["order_id"],
    summary: "An order by the client's own id",
  },
  "PATCH /orders/by-client-id/:client_order_id": {
    method: "order.amend",
    without: ["order_id"],
    summary: "Amend an order by the client's own id",
  },
  "DELETE /orders/by-client-id/:client_order_id": {
    method: "order.cancel",
    without: ["order_id"],
    summary: "Cancel an order by the client's own id",
  },
  "GET /account/balances": { method: "account.balances", summary: "Cash of the account" },
  "GET /account/positions": { method: "account.positions", summary: "Shares of the account" },
  "GET /account/equity": {
    method: "account.equity",
    summary: "Equity, profit and loss of the account, now and before",
  },
  "GET /account/trades": { method: "account.trades", summary: "Fills of the account" },
} as const satisfies Record<`${string} /${string}`, RestRouteSpec>;
