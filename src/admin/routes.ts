/** The admin API over HTTP: who may, what is asked, and the answer in the wire's form. */

import type { Upkeep } from "../execution/upkeep.ts";
import { ErrorCode, errorBody } from "../protocol/errors.ts";
import { UnavailableError } from "../router/control.ts";
import { AdminError } from "./admin-error.ts";
import type { AuditPages } from "./audit/audit-pages.ts";
import type { AdminOperations } from "./operations.ts";
import { readBody } from "./request-body.ts";
import { readQuery } from "./request-query.ts";
import { AccountBody, AuditQuery, DepositBody, NewKeyBody, NewUserBody } from "./schemas.ts";
import { bearsToken } from "./token.ts";

type AuditSource = Pick<AuditPages, "page">;

export interface AdminContext {
  /** What `Authorization: Bearer` has to carry. */
  token: string;
  operations: AdminOperations;
  upkeep: Pick<Upkeep, "takeSnapshot" | "pushArchive">;
  audit: AuditSource;
  /** Is told of what nobody foresaw; the client reads only that it was internal. */
  onInternalError(error: unknown): void;
}

/** Gives the body of the answer, status 200, or the answer itself. */
type Handler = (context: AdminContext, request: Request, parameter: string) => unknown;

interface Route {
  method: string;
  /** After `/admin/v1`; `*` is the one parameter. */
  path: string;
  /** Null: a later version will serve it. */
  handle: Handler | null;
}

const PREFIX = "/admin/v1";

/** When to come back to an exchange that takes no commands just now. */
const RETRY_AFTER_MS = 1_000;

const ROUTES: readonly Route[] = [
  { method: "GET", path: "/users", handle: ({ operations }) => ({ users: operations.users() }) },
  {
    method: "POST",
    path: "/users",
    handle: async ({ operations }, request) =>
      operations.createUser(await readBody(request, NewUserBody)),
  },
  {
    method: "POST",
    path: "/users/*/keys",
    handle: async ({ operations }, request, id) =>
      operations.createKey(id, await readBody(request, NewKeyBody)),
  },
  {
    method: "DELETE",
    path: "/keys/*",
    handle: ({ operations }, _request, apiKey) => operations.revokeKey(apiKey),
  },
  {
    method: "POST",
    path: "/accounts/*/deposit",
    handle: async ({ operations }, request, id) =>
      operations.deposit(id, await readBody(request, DepositBody)),
  },
  {
    method: "POST",
    path: "/symbols/*/halt",
    handle: ({ operations }, _request, name) => operations.setSymbolState(name, "HALTED"),
  },
  {
    method: "POST",
    path: "/symbols/*/resume",
    handle: ({ operations }, _request, name) => operations.setSymbolState(name, "TRADING"),
  },
  {
    method: "POST",
    path: "/accounts/*/settings",
    handle: async ({ operations }, request, id) =>
      operations.setAccount(id, await readBody(request, AccountBody)),
  },
  {
    method: "POST",
    path: "/symbols/*/pre-open",
    handle: ({ operations }, _request, name) => operations.setSymbolState(name, "PRE_OPEN"),
  },
  {
    method: "POST",
    path: "/symbols/*/auction",
    handle: ({ operations }, _request, name) => operations.setSymbolState(name, "AUCTION"),
  },
  {
    method: "POST",
    path: "/symbols/*/cancel-only",
    handle: ({ operations }, _request, name) => operations.setSymbolState(name, "CANCEL_ONLY"),
  },
  {
    method: "POST",
    path: "/orders/*/cancel",
    handle: ({ operations }, _request, id) => operations.cancelOrder(id),
  },
  { method: "GET", path: "/state", handle: ({ operations }) => operations.state() },
  { method: "POST", path: "/snapshot", handle: ({ upkeep }) => takeSnapshot(upkeep) },
  { method: "POST", path: "/archive/push", handle: ({ upkeep }) => pushArchive(upkeep) },
  { method: "POST", path: "/maintenance", handle: null },
  { method: "GET", path: "/audit", handle: ({ audit }, request) => auditPage(audit, request) },
];

/** Answers a request to `/admin/v1/…`; never rejects. */
export async function handleAdminRequest(
  request: Request,
  context: AdminContext,
): Promise<Response> {
  try {
    if (!bearsToken(request, context.token)) {
      throw new AdminError(ErrorCode.NOT_LOGGED_IN, undefined, "Admin token missing or wrong");
    }
    const { pathname } = new URL(request.url);
    const matching = ROUTES.flatMap((route) => {
      const parameter = parameterOf(route.path, pathname);
      return parameter === null ? [] : [{ route, parameter }];
    });
    if (matching.length === 0) throw notServed(`There is no ${pathname}`);
    const match = matching.find(({ route }) => route.method === request.method);
    if (match === undefined) return wrongMethod(matching.map(({ route }) => route.method));
    const { handle } = match.route;
    if (handle === null) throw notServed("Not served yet");
    const answer = await handle(context, request, match.parameter);
    return answer instanceof Response ? answer : Response.json(answer);
  } catch (error) {
    return errorResponse(error, context);
  }
}

function takeSnapshot(upkeep: AdminContext["upkeep"]): Promise<object> {
  return upkeep.takeSnapshot().catch((error: unknown) => {
    if (error instanceof UnavailableError) throw error;
    throw new AdminError(ErrorCode.INTERNAL, undefined, `No snapshot: ${message(error)}`, 503);
  });
}

async function pushArchive(upkeep: AdminContext["upkeep"]): Promise<object> {
  const state = await upkeep.pushArchive();
  if (state === null) throw notServed('There is no archive: persistence.backend is "local"');
  return state;
}

/** The page is text already: to read and write a thousand entries here would hold up the ticks. */
async function auditPage(audit: AuditSource, request: Request): Promise<Response> {
  const { from_seq, limit } = readQuery(request, AuditQuery);
  const page = await audit.page(from_seq, limit, request.signal);
  return new Response(page, { headers: { "Content-Type": "application/json" } });
}

/** What stands for the `*` of a route's path, "" when it has none; null when the two do not match. */
function parameterOf(path: string, pathname: string): string | null {
  const [before = "", after] = `${PREFIX}${path}`.split("*");
  if (after === undefined) return pathname === before ? "" : null;
  if (!pathname.startsWith(before) || !pathname.endsWith(after)) return null;
  const parameter = pathname.slice(before.length, pathname.length - after.length);
  return parameter === "" || parameter.includes("/") ? null : parameter;
}

function notServed(message: string, status?: number): AdminError {
  return new AdminError(ErrorCode.UNKNOWN_METHOD, undefined, message, status);
}

function wrongMethod(allowed: readonly string[]): Response {
  const allow = allowed.join(", ");
  const error = notServed(`Use ${allow} here`, 405);
  return response(error, { Allow: allow });
}

function errorResponse(error: unknown, context: AdminContext): Response {
  if (error instanceof AdminError) return response(error);
  if (error instanceof UnavailableError) {
    return response(new AdminError(error.code, undefined, error.message));
  }
  context.onInternalError(error);
  return response(new AdminError(ErrorCode.INTERNAL));
}

function response(error: AdminError, headers: Record<string, string> = {}): Response {
  const { code, message, status } = error;
  let { details } = error;
  if (status === 401) headers["WWW-Authenticate"] = "Bearer";
  // 503xx passes by itself; failed storage (50700, the same status) does not.
  if (Math.floor(code / 100) === 503) {
    details = { ...details, retry_after_ms: RETRY_AFTER_MS };
    headers["Retry-After"] = String(RETRY_AFTER_MS / 1_000);
  }
  const body = errorBody(code, details && { ...details }, message);
  return Response.json(body, { status, headers });
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
