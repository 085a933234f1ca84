/** Routes of the admin API: symbols, orders, and maintenance. */
import { invalidField, noSuch } from "../gateway/http/responses.ts";
import type { Route } from "../gateway/http/route.ts";
import { type Maintenance, WindowRefused } from "../maintenance/maintenance.ts";
import type { On } from "./admin-route.ts";

export type Windows = Pick<Maintenance, "list" | "schedule" | "cancel">;

export function symbolRoutes(on: On): Route[] {
  return [
    on("POST /admin/v1/symbols/state", ({ body }, as) => as.setSymbolStates(body)),
    on("POST /admin/v1/symbols/bands", ({ body }, as) => as.setSymbolBands(body)),
    on("GET /admin/v1/symbols/:symbol", ({ params }, as) => as.symbol(params.symbol)),
    on("GET /admin/v1/symbols", ({ query }, as) => as.market("symbols.list", query)),
    on("GET /admin/v1/symbols/:symbol/book", ({ params, query }, as) =>
      as.market("book.snapshot", { ...query, ...params }),
    ),
    on("GET /admin/v1/symbols/:symbol/trades", ({ params, query }, as) =>
      as.market("trades.recent", { ...query, ...params }),
    ),
    on("GET /admin/v1/symbols/:symbol/candles", ({ params, query }, as) =>
      as.market("candles.list", { ...query, ...params }),
    ),
    on("POST /admin/v1/symbols/:symbol/halt", ({ params }, as) =>
      as.setSymbolState(params.symbol, "HALTED"),
    ),
    on("POST /admin/v1/symbols/:symbol/resume", ({ params }, as) =>
      as.setSymbolState(params.symbol, "TRADING"),
    ),
    on("POST /admin/v1/symbols/:symbol/pre-open", ({ params }, as) =>
      as.setSymbolState(params.symbol, "PRE_OPEN"),
    ),
    on("POST /admin/v1/symbols/:symbol/auction", ({ params }, as) =>
      as.setSymbolState(params.symbol, "AUCTION"),
    ),
    on("POST /admin/v1/symbols/:symbol/cancel-only", ({ params }, as) =>
      as.setSymbolState(params.symbol, "CANCEL_ONLY"),
    ),
  ];
}

export function orderRoutes(on: On): Route[] {
  return [
    on("GET /admin/v1/orders/:id", ({ params }, as) => as.order(params.id)),
    on("POST /admin/v1/orders/:id/cancel", ({ params }, as) => as.cancelOrder(params.id)),
  ];
}

export function windowRoutes(on: On, maintenance: Windows): Route[] {
  return [
    on("GET /admin/v1/maintenance", () => ({ maintenance: maintenance.list() })),
    on("POST /admin/v1/maintenance", ({ body }, _, { name }) =>
      told(maintenance.schedule(body, name)),
    ),
    on("DELETE /admin/v1/maintenance/:id", ({ params }, _, { name }) =>
      told(maintenance.cancel(params.id, name)),
    ),
  ];
}

/** The window. A `WindowRefused` becomes an `HttpError`. */
function told(window: Promise<object>): Promise<object> {
  return window.catch((error: unknown) => {
    if (!(error instanceof WindowRefused)) throw error;
    const { field, message: issue } = error;
    throw field === "" ? noSuch("id", issue) : invalidField(field, issue);
  });
}
