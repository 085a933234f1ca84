/** The admin API over HTTP: who may, what is asked, and what is done for it. */

import type { Static } from "@sinclair/typebox";
import type { Setting } from "../config/settings.ts";
import { type AccountTraces, TRACED_MAX } from "../gateway/account-traces.ts";
import { bearerToken } from "../gateway/http/bearer-token.ts";
import { assertNoQuery } from "../gateway/http/request-query.ts";
import { HttpError } from "../gateway/http/responses.ts";
import { type Answer, type Call, type Route, route } from "../gateway/http/route.ts";
import type { RouteGroup } from "../gateway/http/routes.ts";
import type { Housekeeping } from "../housekeeping/housekeeping.ts";
import type { Log } from "../lib/log.ts";
import { type Maintenance, WindowRefused } from "../maintenance/maintenance.ts";
import { storageAdvice } from "../persistence/storage-advice.ts";
import type { PlayerService } from "../players/service.ts";
import { ErrorCode, errorBody } from "../protocol/errors.ts";
import { invalidParameters } from "../protocol/issue.ts";
import { TRACE_SECONDS_DEFAULT, type TraceBody } from "../protocol/schemas/account-admin.ts";
import { type AdminRole, type AdminRoute, adminRoutes } from "../protocol/schemas/admin.ts";
import type { PlayersReply } from "../protocol/schemas/admin-replies.ts";
import { AUDIT_ENTRIES_DEFAULT, type AuditQuery } from "../protocol/schemas/audit.ts";
import type { CreateUserBody } from "../protocol/schemas/users.ts";
import { UnavailableError } from "../router/control.ts";
import type { Webhooks } from "../webhooks/webhooks.ts";
import { type AdminTokens, type Operator, reaches, TokenRefused } from "./admin-tokens.ts";
import type { AuditPages } from "./audit/audit-pages.ts";
import type { Backups } from "./backups.ts";
import type { AdminOperations } from "./operations.ts";
import { withRecentActions } from "./recent-actions.ts";

export interface AdminContext {
  /** What `Authorization: Bearer` has to carry one of. */
  tokens: AdminTokens;
  operations: AdminOperations;
  housekeeping: Pick<Housekeeping, "takeSnapshot" | "pushArchive">;
  audit: Pick<AuditPages, "page">;
  webhooks: Pick<Webhooks, "of" | "delete" | "deadLetters" | "resend">;
  maintenance: Pick<Maintenance, "list" | "schedule" | "cancel">;
  backups: Pick<Backups, "make">;
  players: Pick<PlayerService, "sync"> & { registry: { readonly size: number } };
  /** What the exchange started with. */
  settings: readonly Setting[];
  traces: Pick<AccountTraces, "start" | "stop">;
  log: Log;
}

/** A snapshot, or a page of the audit, may be longer in the making than Bun waits by itself. */
const TIMEOUT_S = 120;

/** The routes under `/admin/v1`, for those who have a token; others learn nothing there. */
export function createAdminRoutes({
  tokens,
  operations,
  housekeeping,
  audit,
  maintenance,
  webhooks,
  backups,
  players,
  settings,
  traces,
  log,
}: AdminContext): RouteGroup {
  const asking = new WeakMap<Request, Operator>();
  /** One of the published routes, with the schemas that it is published with, for those whose role reaches. */
  function on<const Name extends AdminRoute>(name: Name, handle: Handler<Name>): Route {
    const spec = adminRoutes[name];
    const operatorOf = (request: Request): Operator => {
      const operator = asking.get(request);
      if (operator === undefined) throw new Error("a request that passed no guard");
      return operator;
    };
    const open = route(name, spec, (call: Call<Name, (typeof adminRoutes)[Name]>) => {
      const operator = operatorOf(call.request);
      return stored(log, async () => handle(call, operations.by(operator.name), operator));
    });
    return {
      ...open,
      // Before its body is looked at.
      answer(request, server) {
        assertReaches(operatorOf(request), spec.role);
        if (!("query" in spec)) assertNoQuery(request);
        return open.answer(request, server);
      },
    };
  }
  const group: RouteGroup = {
    under: "/admin/v1",
    timeoutS: TIMEOUT_S,
    guard(request) {
      const operator = tokens.operatorOf(bearerToken(request));
      if (operator === null) {
        throw refusal(ErrorCode.NOT_LOGGED_IN, "Admin token missing, wrong or revoked");
      }
      asking.set(request, operator);
    },
    routes: [
      on("GET /admin/v1/users", (_, as) => ({ users: as.users() })),
      on("POST /admin/v1/users", ({ body }, as, operator) => {
        if (hasDeposit(body)) assertReaches(operator, "money");
        return as.createUser(body);
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
      on("GET /admin/v1/orders/:id", ({ params }, as) => as.order(params.id)),
      on("POST /admin/v1/orders/:id/cancel", ({ params }, as) => as.cancelOrder(params.id)),
      on("GET /admin/v1/maintenance", () => ({ maintenance: maintenance.list() })),
      on("POST /admin/v1/maintenance", ({ body }, _, { name }) =>
        told(maintenance.schedule(body, name)),
      ),
      on("DELETE /admin/v1/maintenance/:id", ({ params }, _, { name }) =>
        told(maintenance.cancel(params.id, name)),
      ),
      on("GET /admin/v1/webhooks", () => ({ webhooks: webhooks.of() })),
      on("DELETE /admin/v1/webhooks/:id", async ({ params: { id } }, as) => {
        const deleted = found(id, (await webhooks.delete(id)) || null);
        await as.note(`webhook.delete ${id}`);
        return { webhook_id: id, deleted };
      }),
      on("GET /admin/v1/webhooks/:id/dead-letters", ({ params: { id } }) => ({
        dead_letters: found(id, webhooks.deadLetters(id)),
      })),
      on("POST /admin/v1/webhooks/:id/dead-letters/resend", async ({ params: { id } }, as) => {
        const sent = found(id, webhooks.resend(id));
        await as.note(`webhook.resend ${id}`);
        return sent;
      }),
      on("GET /admin/v1/state", ({ query: { symbols = true, hash = true } }, as) =>
        as.state({ symbols, hash }),
      ),
      on("GET /admin/v1/config", () => ({ settings: [...settings] })),
      on("POST /admin/v1/players/sync", () => syncPlayers(players)),
      on("POST /admin/v1/snapshot", () => takeSnapshot(housekeeping)),
      on("POST /admin/v1/backup", async ({ body, request, server }, as) => {
        // However long it takes: whoever asked waits for it.
        server.timeout(request, 0);
        const made = await backups.make(body.to);
        await as.note(`backup ${made.tick} ${made.seq}`);
        return made;
      }),
      on("POST /admin/v1/archive/push", () => pushArchive(housekeeping)),
      on("GET /admin/v1/audit", async ({ query, request }, as) => {
        const { symbol, ...others } = query;
        const named = symbol === undefined ? {} : { symbol: (await as.symbol(symbol)).symbol };
        return auditPage(audit, { ...others, ...named }, request.signal);
      }),
      on("GET /admin/v1/admin-tokens", () => ({ tokens: tokens.list() })),
      on("POST /admin/v1/admin-tokens", ({ body }, as) => {
        const record = () => as.note(`admin-token.create ${body.name} ${body.role}`);
        return tokens.create(body, Date.now(), record).catch((error: unknown) => {
          if (!(error instanceof TokenRefused)) throw error;
          throw new HttpError(invalidParameters("", [{ field: "name", issue: error.message }]));
        });
      }),
      on("DELETE /admin/v1/admin-tokens/:name", async ({ params: { name } }, as) => {
        const revoked = await tokens.revoke(name, Date.now());
        if (revoked === null) {
          const issues = [{ field: "name", issue: `There is no admin token ${name}` }];
          throw new HttpError(invalidParameters("", issues), { status: 404 });
        }
        await as.note(`admin-token.revoke ${name}`);
        return revoked;
      }),
    ],
  };
  return withRecentActions(group, Date.now, (request) => asking.get(request)?.name ?? "", log);
}

type Handler<Name extends AdminRoute> = (
  call: Call<Name, (typeof adminRoutes)[Name]>,
  /** The operations, on the operator's word. */
  as: AdminOperations,
  operator: Operator,
) => Answer | Promise<Answer>;

/** Does what was asked; tells the operator what to do when the disk does not take it. */
async function stored(log: Log, work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    const advice = storageAdvice(error);
    if (advice === null) throw error;
    log.error({ error: String(error), advice }, "not stored");
    throw refusal(ErrorCode.STORAGE_FAILED, `Storage failed: ${advice}`);
  }
}

/** Throws 40300 for a token that may less than `needed`. */
function assertReaches({ name, role }: Operator, needed: AdminRole): void {
  if (reaches(role, needed)) return;
  const message = `The admin token ${name} has the role ${role}; this takes the role ${needed}`;
  throw refusal(ErrorCode.PERMISSION_MISSING, message);
}

/** Whether a new user is to begin with anything: that is a deposit. */
function hasDeposit({ cash = 0, positions = {} }: CreateUserBody): boolean {
  return cash !== 0 || Object.values(positions).some((shares) => shares !== 0);
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

/** When the trace ends by itself, milliseconds since 1970; null: it is off. */
function setTrace(
  traces: AdminContext["traces"],
  account: number,
  { on, seconds = TRACE_SECONDS_DEFAULT }: TraceBody,
): number | null {
  if (!on) {
    traces.stop(account);
    return null;
  }
  const until = traces.start(account, seconds * 1000);
  if (until === null)
    throw refusal(
      ErrorCode.CAPACITY,
      `${TRACED_MAX} accounts are traced, the most at once: end a trace first`,
    );
  return until;
}

/** Resolves when they have been fetched, or have not: the answer says which. */
async function syncPlayers(players: AdminContext["players"]): Promise<PlayersReply> {
  const health = await players.sync();
  if (health !== null) return { ...health, players: players.registry.size };
  const message = 'There is nobody to ask for players: players.source is "offline"';
  throw refusal(ErrorCode.UNKNOWN_METHOD, message);
}

async function pushArchive(housekeeping: AdminContext["housekeeping"]): Promise<object> {
  const state = await housekeeping.pushArchive();
  if (state !== null) return state;
  throw refusal(ErrorCode.UNKNOWN_METHOD, 'There is no archive: persistence.backend is "local"');
}

/** The page is text already: to read and write a thousand entries here would hold up the ticks. */
async function auditPage(
  audit: AdminContext["audit"],
  { from_seq, limit = AUDIT_ENTRIES_DEFAULT, ...about }: Static<typeof AuditQuery>,
  signal: AbortSignal,
): Promise<Response> {
  const places = [from_seq, about.from, about.newest].filter((given) => given !== undefined);
  if (places.length > 1) {
    const issue = "Give one of from_seq, from and newest";
    throw new HttpError(invalidParameters("", [{ field: "from", issue }]));
  }
  const page = await audit.page(Math.max(1, from_seq ?? 1), limit, signal, about);
  return new Response(page, {
    headers: { "Content-Type": "application/json", "Cache-Control": "no-store" },
  });
}

function refusal(code: number, message: string, status?: number): HttpError {
  return new HttpError(errorBody(code, undefined, message), { status });
}
