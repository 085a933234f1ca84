/** Routes of the admin API: the whole exchange, its snapshots, backups and archive, and its audit. */
import type { Static } from "@sinclair/typebox";
import type { Setting } from "../config/settings.ts";
import { httpError, invalidField } from "../gateway/http/responses.ts";
import type { Route } from "../gateway/http/route.ts";
import type { Housekeeping } from "../housekeeping/housekeeping.ts";
import type { PlayerService } from "../players/service.ts";
import { ErrorCode } from "../protocol/errors.ts";
import type { PlayersReply } from "../protocol/schemas/admin-replies.ts";
import { AUDIT_ENTRIES_DEFAULT, type AuditQuery } from "../protocol/schemas/audit.ts";
import { UnavailableError } from "../router/control.ts";
import type { On } from "./admin-route.ts";
import type { AuditPages } from "./audit/audit-pages.ts";
import type { Backups } from "./backups.ts";
import { timeOf } from "./cli/parse.ts";

export interface ExchangeParts {
  housekeeping: Pick<Housekeeping, "takeSnapshot" | "pushArchive">;
  audit: Pick<AuditPages, "page">;
  backups: Pick<Backups, "make">;
  players: Pick<PlayerService, "sync"> & { registry: { readonly size: number } };
  /** The settings that the exchange started with. */
  settings: readonly Setting[];
}

export function exchangeRoutes(
  on: On,
  { housekeeping, audit, backups, players, settings }: ExchangeParts,
): Route[] {
  return [
    on("GET /admin/v1/state", ({ query: { symbols = true, hash = true } }, as) =>
      as.state({ symbols, hash }),
    ),
    on("GET /admin/v1/config", () => ({ settings: [...settings] })),
    on("POST /admin/v1/players/sync", ({ body }) => syncPlayers(players, body.accept)),
    on("POST /admin/v1/snapshot", () => takeSnapshot(housekeeping)),
    on("POST /admin/v1/backup", async ({ body, request, server }, as) => {
      // No timeout: a backup takes as long as it takes.
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
  ];
}

function takeSnapshot(housekeeping: ExchangeParts["housekeeping"]): Promise<object> {
  return housekeeping.takeSnapshot().catch((error: unknown) => {
    if (error instanceof UnavailableError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw httpError(ErrorCode.INTERNAL, `No snapshot: ${reason}`, { status: 503 });
  });
}

/** Resolves when the players were fetched, or could not be: the answer says which. */
async function syncPlayers(
  players: ExchangeParts["players"],
  isAnyTaken = false,
): Promise<PlayersReply> {
  const health = await players.sync(isAnyTaken);
  if (health !== null) return { ...health, players: players.registry.size };
  const message = 'There is nobody to ask for players: players.source is "offline"';
  throw httpError(ErrorCode.UNKNOWN_METHOD, message);
}

async function pushArchive(housekeeping: ExchangeParts["housekeeping"]): Promise<object> {
  const state = await housekeeping.pushArchive();
  if (state !== null) return state;
  throw httpError(ErrorCode.UNKNOWN_METHOD, 'There is no archive: persistence.backend is "local"');
}

/** The page is passed on as text. Parsing and writing a thousand entries here would hold up the ticks. */
async function auditPage(
  audit: ExchangeParts["audit"],
  { from_seq, limit = AUDIT_ENTRIES_DEFAULT, ...about }: Static<typeof AuditQuery>,
  signal: AbortSignal,
): Promise<Response> {
  const places = [from_seq, about.from, about.newest].filter((given) => given !== undefined);
  if (places.length > 1) throw invalidField("from", "Give one of from_seq, from and newest");
  // Checked as the `audit` command checks it; the schema would let day 40 of a month pass.
  if (about.from?.startsWith("tick:") === false && timeOf(about.from) === null) {
    throw invalidField("from", "There is no such date");
  }
  const page = await audit.page(Math.max(1, from_seq ?? 1), limit, signal, about);
  return new Response(page, {
    headers: { "Content-Type": "application/json", "Cache-Control": "no-store" },
  });
}
