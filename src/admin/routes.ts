/** The admin API over HTTP: who may, what is asked, and what is done for it. */

import { HttpError } from "../gateway/http/responses.ts";
import { type Answer, type Call, type Route, route } from "../gateway/http/route.ts";
import type { RouteGroup } from "../gateway/http/routes.ts";
import type { Housekeeping } from "../housekeeping/housekeeping.ts";
import { type Maintenance, WindowRefused } from "../maintenance/maintenance.ts";
import { ErrorCode, errorBody } from "../protocol/errors.ts";
import { invalidParameters } from "../protocol/issue.ts";
import { type AdminRoute, adminRoutes } from "../protocol/schemas/admin.ts";
import { AUDIT_ENTRIES_DEFAULT } from "../protocol/schemas/audit.ts";
import { UnavailableError } from "../router/control.ts";
import type { Webhooks } from "../webhooks/webhooks.ts";
import type { AuditPages } from "./audit/audit-pages.ts";
import type { AdminOperations } from "./operations.ts";
import { bearsToken } from "./token.ts";

export interface AdminContext {
  /** What `Authorization: Bearer` has to carry. */
  token: string;
  operations: AdminOperations;
  housekeeping: Pick<Housekeeping, "takeSnapshot" | "pushArchive">;
  audit: Pick<AuditPages, "page">;
  webhooks: Pick<Webhooks, "of" | "delete" | "deadLetters" | "resend">;
  maintenance: Pick<Maintenance, "list" | "schedule" | "cancel">;
}

/** A snapshot, or a page of the audit, may be longer in the making than Bun waits by itself. */
const TIMEOUT_S = 120;

/** The routes under `/admin/v1`, for those who have the token; others learn nothing there. */
export function createAdminRoutes({
  token,
  operations,
  housekeeping,
  audit,
  maintenance,
  webhooks,
}: AdminContext): RouteGroup {
  return {
    under: "/admin/v1",
    timeoutS: TIMEOUT_S,
    guard(request) {
      if (bearsToken(request, token)) return;
      throw refusal(ErrorCode.NOT_LOGGED_IN, "Admin token missing or wrong");
    },
    routes: [
      on("GET /admin/v1/users", () => ({ users: operations.users() })),
      on("POST /admin/v1/users", ({ body }) => operations.createUser(body)),
      on("POST /admin/v1/users/:id/keys", ({ params, body }) =>
        operations.createKey(params.id, body),
      ),
      on("GET /admin/v1/users/:id/keys", ({ params }) => operations.keys(params.id)),
      on("POST /admin/v1/users/:id/disable", ({ params }) =>
        operations.setDisabled(params.id, true),
      ),
      on("POST /admin/v1/users/:id/enable", ({ params }) =>
        operations.setDisabled(params.id, false),
      ),
      on("PATCH /admin/v1/keys/:key", ({ params, body }) => operations.changeKey(params.key, body)),
      on("DELETE /admin/v1/keys/:key", ({ params }) => operations.revokeKey(params.key)),
      on("POST /admin/v1/accounts/:id/deposit", ({ params, body }) =>
        operations.deposit(params.id, body),
      ),
      on("POST /admin/v1/accounts/:id/settings", ({ params, body }) =>
        operations.setAccount(params.id, body),
      ),
      on("POST /admin/v1/accounts/:id/limits", ({ params, body }) =>
        operations.setLimits(params.id, body),
      ),
      on("POST /admin/v1/symbols/:symbol/halt", ({ params }) =>
        operations.setSymbolState(params.symbol, "HALTED"),
      ),
      on("POST /admin/v1/symbols/:symbol/resume", ({ params }) =>
        operations.setSymbolState(params.symbol, "TRADING"),
      ),
      on("POST /admin/v1/symbols/:symbol/pre-open", ({ params }) =>
        operations.setSymbolState(params.symbol, "PRE_OPEN"),
      ),
      on("POST /admin/v1/symbols/:symbol/auction", ({ params }) =>
        operations.setSymbolState(params.symbol, "AUCTION"),
      ),
      on("POST /admin/v1/symbols/:symbol/cancel-only", ({ params }) =>
        operations.setSymbolState(params.symbol, "CANCEL_ONLY"),
      ),
      on("POST /admin/v1/orders/:id/cancel", ({ params }) => operations.cancelOrder(params.id)),
      on("GET /admin/v1/maintenance", () => ({ maintenance: maintenance.list() })),
      on("POST /admin/v1/maintenance", ({ body }) => told(maintenance.schedule(body))),
      on("DELETE /admin/v1/maintenance/:id", ({ params }) => told(maintenance.cancel(params.id))),
      on("GET /admin/v1/webhooks", () => ({ webhooks: webhooks.of() })),
      on("DELETE /admin/v1/webhooks/:id", async ({ params: { id } }) => ({
        webhook_id: id,
        deleted: found(id, (await webhooks.delete(id)) || null),
      })),
      on("GET /admin/v1/webhooks/:id/dead-letters", ({ params: { id } }) => ({
        dead_letters: found(id, webhooks.deadLetters(id)),
      })),
      on("POST /admin/v1/webhooks/:id/dead-letters/resend", ({ params: { id } }) =>
        found(id, webhooks.resend(id)),
      ),
      on("GET /admin/v1/state", () => operations.state()),
      on("POST /admin/v1/snapshot", () => takeSnapshot(housekeeping)),
      on("POST /admin/v1/archive/push", () => pushArchive(housekeeping)),
      on("GET /admin/v1/audit", ({ query, request }) => auditPage(audit, query, request.signal)),
    ],
  };
}

/** One of the published routes, with the schemas that it is published with. */
function on<const Name extends AdminRoute>(
  name: Name,
  handle: (call: Call<Name, (typeof adminRoutes)[Name]>) => Answer | Promise<Answer>,
): Route {
  return route(name, adminRoutes[name], handle);
}

/** What there is of a webhook; throws when there is no such webhook. */
function found<T>(id: string, of: T | null): T {
  if (of !== null) return of;
  const issues = [{ field: "id", issue: `There is no webhook ${id}` }];
  throw new HttpError(invalidParameters("", issues), { status: 404 });
}

/** What became of a window, or why it was refused. */
function told(window: Promise<object>): Promise<object> {
  return window.catch((error: unknown) => {
    if (!(error instanceof WindowRefused)) throw error;
    const { field, message: issue } = error;
    if (field === "")
      throw new HttpError(invalidParameters("", [{ field: "id", issue }]), { status: 404 });
    throw new HttpError(invalidParameters("", [{ field, issue }]));
  });
}

function takeSnapshot(housekeeping: AdminContext["housekeeping"]): Promise<object> {
  return housekeeping.takeSnapshot().catch((error: unknown) => {
    if (error instanceof UnavailableError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw refusal(ErrorCode.INTERNAL, `No snapshot: ${reason}`, 503);
  });
}

async function pushArchive(housekeeping: AdminContext["housekeeping"]): Promise<object> {
  const state = await housekeeping.pushArchive();
  if (state !== null) return state;
  throw refusal(ErrorCode.UNKNOWN_METHOD, 'There is no archive: persistence.backend is "local"');
}

/** The page is text already: to read and write a thousand entries here would hold up the ticks. */
async function auditPage(
  audit: AdminContext["audit"],
  { from_seq = 1, limit = AUDIT_ENTRIES_DEFAULT }: { from_seq?: number; limit?: number },
  signal: AbortSignal,
): Promise<Response> {
  const page = await audit.page(from_seq, limit, signal);
  return new Response(page, {
    headers: { "Content-Type": "application/json", "Cache-Control": "no-store" },
  });
}

function refusal(code: number, message: string, status?: number): HttpError {
  return new HttpError(errorBody(code, undefined, message), { status });
}
