/** Keeps the last requests of operators that change something, for a quick look. The audit has all of them. */
import { assertNoQuery } from "../gateway/http/request-query.ts";
import { pathOf } from "../gateway/http/request-target.ts";
import { HttpError } from "../gateway/http/responses.ts";
import { type Route, route } from "../gateway/http/route.ts";
import type { RouteGroup } from "../gateway/http/routes.ts";
import type { Log } from "../lib/log.ts";
import { ErrorCode } from "../protocol/errors.ts";
import { clipped } from "../protocol/issue.ts";
import { type AdminAction, adminRoutes } from "../protocol/schemas/admin.ts";
import { UnavailableError } from "../router/control.ts";

const ACTIONS_MAX = 100;

/** The group with a route that lists the kept requests. All its requests but GET are kept. */
export function withRecentActions(
  group: RouteGroup,
  now: () => number,
  /** Name of the operator's token of a request. */
  nameOf: (request: Request) => string,
  log: Log,
): RouteGroup {
  const actions: AdminAction[] = [];
  const keep = (request: Request, code: number): void => {
    const path = clipped(pathOf(request).slice(group.under?.length ?? 0));
    const done = { by: nameOf(request), action: `${request.method} ${path}`, code };
    actions.unshift({ timestamp: now(), ...done });
    log.info(done, "admin action");
    actions.length = Math.min(actions.length, ACTIONS_MAX);
  };
  const list = "GET /admin/v1/actions";
  return {
    ...group,
    routes: [
      ...group.routes.map((each) => (each.method === "GET" ? each : kept(each, keep))),
      route(list, adminRoutes[list], ({ request }) => {
        assertNoQuery(request);
        return { actions };
      }),
    ],
  };
}

function kept(route: Route, keep: (request: Request, code: number) => void): Route {
  return {
    ...route,
    async answer(request, server) {
      try {
        const answer = await route.answer(request, server);
        keep(request, 0);
        return answer;
      } catch (error) {
        keep(request, codeOf(error));
        throw error;
      }
    },
  };
}

function codeOf(error: unknown): number {
  if (error instanceof HttpError) return error.body.code;
  return error instanceof UnavailableError ? error.code : ErrorCode.INTERNAL;
}
