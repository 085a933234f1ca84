/** Routes of the admin API: users with their keys, and accounts. */
import { type AccountTraces, TRACED_MAX } from "../gateway/account-traces.ts";
import { httpError, listResponse } from "../gateway/http/responses.ts";
import type { Route } from "../gateway/http/route.ts";
import { ErrorCode } from "../protocol/errors.ts";
import { TRACE_SECONDS_DEFAULT, type TraceBody } from "../protocol/schemas/account-admin.ts";
import type { FirstDeposit } from "../protocol/schemas/users.ts";
import { assertReaches, type On } from "./admin-route.ts";

export type Traces = Pick<AccountTraces, "start" | "stop">;

export function userRoutes(on: On): Route[] {
  return [
    on("GET /admin/v1/users", (_, as) => listResponse("users", as.users())),
    on("POST /admin/v1/users", ({ body }, as, operator) => {
      if (hasDeposit(body)) assertReaches(operator, "money");
      return as.createUser(body);
    }),
    on("POST /admin/v1/users/:id/accounts", ({ params, body }, as, operator) => {
      if (hasDeposit(body)) assertReaches(operator, "money");
      return as.openAccount(params.id, body);
    }),
    on("POST /admin/v1/users/:id/keys", ({ params, body }, as) => as.createKey(params.id, body)),
    on("GET /admin/v1/users/:id/keys", ({ params }, as) => as.keys(params.id)),
    on("POST /admin/v1/users/:id/rate-limits", ({ params, body }, as) =>
      as.setRateLimits(params.id, body),
    ),
    on("POST /admin/v1/users/:id/disable", ({ params }, as) => as.setDisabled(params.id, true)),
    on("POST /admin/v1/users/:id/enable", ({ params }, as) => as.setDisabled(params.id, false)),
    on("POST /admin/v1/users/:id/password", ({ params }, as) => as.resetPassword(params.id)),
    on("PATCH /admin/v1/keys/:key", ({ params, body }, as) => as.changeKey(params.key, body)),
    on("DELETE /admin/v1/keys/:key", ({ params }, as) => as.revokeKey(params.key)),
  ];
}

export function accountRoutes(on: On, traces: Traces): Route[] {
  return [
    on("GET /admin/v1/accounts/:id", ({ params }, as) => as.account(params.id)),
    on("GET /admin/v1/accounts/:id/orders", ({ params, query }, as) =>
      as.accountQuery("orders.open", params.id, query),
    ),
    on("GET /admin/v1/accounts/:id/orders/history", ({ params, query }, as) =>
      as.accountQuery("orders.history", params.id, query),
    ),
    on("GET /admin/v1/accounts/:id/trades", ({ params, query }, as) =>
      as.accountQuery("account.trades", params.id, query),
    ),
    on("POST /admin/v1/accounts/:id/orders/cancel", ({ params, body }, as) =>
      as.cancelAll(params.id, body.symbol),
    ),
    on("POST /admin/v1/accounts/:id/deposit", ({ params, body }, as) =>
      as.deposit(params.id, body),
    ),
    on("POST /admin/v1/accounts/:id/settings", ({ params, body }, as) =>
      as.setAccount(params.id, body),
    ),
    on("POST /admin/v1/accounts/:id/limits", ({ params, body }, as) =>
      as.setLimits(params.id, body),
    ),
    on("POST /admin/v1/accounts/:id/trace", ({ params, body }, as) => {
      const until = setTrace(traces, as.accountOf(params.id), body);
      return { account_id: params.id, on: body.on, until };
    }),
  ];
}

/** Whether a new account begins with cash or shares, which is a deposit. */
function hasDeposit({ cash = 0, positions = {} }: FirstDeposit): boolean {
  return cash !== 0 || Object.values(positions).some((shares) => shares !== 0);
}

/**
 * Starts or stops a trace; returns when it ends by itself, milliseconds since 1970, and null when it is off.
 */
function setTrace(
  traces: Traces,
  account: number,
  { on, seconds = TRACE_SECONDS_DEFAULT }: TraceBody,
): number | null {
  if (!on) {
    traces.stop(account);
    return null;
  }
  const until = traces.start(account, seconds * 1000);
  if (until !== null) return until;
  const message = `${TRACED_MAX} accounts are traced, the most at once: end a trace first`;
  throw httpError(ErrorCode.CAPACITY, message);
}
