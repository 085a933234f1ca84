/** The admin API over HTTP: its guard and all of its routes. */
import { bearerToken } from "../gateway/http/bearer-token.ts";
import { httpError } from "../gateway/http/responses.ts";
import type { RouteGroup } from "../gateway/http/routes.ts";
import type { Log } from "../lib/log.ts";
import { ErrorCode } from "../protocol/errors.ts";
import { adminRoute } from "./admin-route.ts";
import type { AdminTokens, Operator } from "./admin-tokens.ts";
import { type ExchangeParts, exchangeRoutes } from "./exchange-routes.ts";
import { type Hooks, hookRoutes } from "./hook-routes.ts";
import { orderRoutes, symbolRoutes, type Windows, windowRoutes } from "./market-routes.ts";
import type { AdminOperations } from "./operations.ts";
import { withRecentActions } from "./recent-actions.ts";
import { tokenRoutes } from "./token-routes.ts";
import { accountRoutes, type Traces, userRoutes } from "./user-routes.ts";

export interface AdminContext extends ExchangeParts {
  /** The tokens, one of which `Authorization: Bearer` must have. */
  tokens: AdminTokens;
  operations: AdminOperations;
  webhooks: Hooks;
  maintenance: Windows;
  traces: Traces;
  log: Log;
}

/** A snapshot, or a page of the audit, may take longer than Bun's own timeout. */
const TIMEOUT_S = 120;

/** The routes under `/admin/v1`. Without a token every request gets the same refusal. */
export function createAdminRoutes(context: AdminContext): RouteGroup {
  const { tokens, operations, log } = context;
  const asking = new WeakMap<Request, Operator>();
  const operatorOf = (request: Request): Operator => {
    const operator = asking.get(request);
    if (operator === undefined) throw new Error("a request that passed no guard");
    return operator;
  };
  const on = adminRoute({ operations, operatorOf, log });
  const group: RouteGroup = {
    under: "/admin/v1",
    timeoutS: TIMEOUT_S,
    guard(request) {
      const operator = tokens.operatorOf(bearerToken(request));
      if (operator === null) {
        throw httpError(ErrorCode.NOT_LOGGED_IN, "Admin token missing, wrong or revoked");
      }
      asking.set(request, operator);
    },
    routes: [
      ...userRoutes(on),
      ...accountRoutes(on, context.traces),
      ...symbolRoutes(on),
      ...orderRoutes(on),
      ...windowRoutes(on, context.maintenance),
      ...hookRoutes(on, context.webhooks),
      ...exchangeRoutes(on, context),
      ...tokenRoutes(on, tokens),
    ],
  };
  return withRecentActions(group, Date.now, (request) => asking.get(request)?.name ?? "", log);
}
