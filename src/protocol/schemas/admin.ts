/** The routes of the admin API with their bodies and replies, as published. */
import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { LimitsBody, TraceBody, TraceReply } from "./account-admin.ts";
import {
  AccountChanged,
  AccountSettings,
  ArchiveReply,
  CancelAllBody,
  CancelAllReply,
  ConfigReply,
  OwnedOrder,
  PasswordReset,
  PlayersReply,
  SetBandsBody,
  SetBandsReply,
  SetStatesBody,
  SetStatesReply,
  SnapshotReply,
  StateQuery,
  StateReply,
  SymbolChanged,
  SymbolRulesReply,
  SyncBody,
  WebhookDeleted,
} from "./admin-replies.ts";
import { AuditPage, AuditQuery } from "./audit.ts";
import {
  accountId,
  choice,
  count,
  dateTime,
  NAME_CHARACTERS_MAX,
  nullable,
  params,
  TEXT_CHARACTERS_MAX,
  text,
  tick,
  timestamp,
} from "./fields.ts";
import { MaintenanceWindow, MaintenanceWindows } from "./maintenance.ts";
import {
  BookSnapshotParams,
  BookSnapshotResult,
  CandlesParams,
  CandlesResult,
  RecentTradesParams,
  RecentTradesResult,
  SymbolsParams as SymbolsQuery,
  SymbolsResult,
} from "./market-data.ts";
import {
  HistoryParams,
  HistoryResult,
  OpenParams,
  OpenResult,
  OrderStateResult,
} from "./orders.ts";
import {
  AccountTradesParams,
  AccountTradesResult,
  BalancesResult,
  PositionsResult,
} from "./user-data.ts";
import {
  AccountBody,
  ChangeKeyBody,
  CreateKeyBody,
  CreateKeyReply,
  CreateUserBody,
  CreateUserReply,
  DepositBody,
  DepositReply,
  ListedKey,
  ListedUser,
  OpenAccountBody,
  OpenAccountReply,
  UserRateLimits,
} from "./users.ts";
import { DeadLetters, ListedWebhook, Resent } from "./webhooks.ts";

const MaintenanceBody = params({
  starts_at: dateTime(),
  ends_at: dateTime(),
  message: text("for people", TEXT_CHARACTERS_MAX),
});
const BookQuery = Type.Omit(BookSnapshotParams, ["symbol"], { additionalProperties: false });
const TradesQuery = Type.Omit(RecentTradesParams, ["symbol"], { additionalProperties: false });
const CandlesQuery = Type.Omit(CandlesParams, ["symbol"], { additionalProperties: false });
const AccountReply = Type.Object({
  account_id: accountId(),
  user_id: nullable(
    text("`usr_<n>`", NAME_CHARACTERS_MAX),
    "whose it is; null: the exchange's own",
  ),
  name: nullable(text("the user's", NAME_CHARACTERS_MAX), "for people"),
  cash: BalancesResult.properties.cash,
  positions: PositionsResult.properties.positions,
  orders: Type.Array(OrderStateResult, { description: "the newest open ones" }),
  seq: BalancesResult.properties.seq,
  settings: AccountSettings,
});
const AdminAction = Type.Object({
  timestamp: timestamp("when it was answered"),
  by: text("name of the operator's token", NAME_CHARACTERS_MAX),
  action: text("method and path, without /admin/v1", TEXT_CHARACTERS_MAX),
  code: count("error code of a refusal; 0: it was done"),
});
const PATH_CHARACTERS_MAX = 4096;
const BackupBody = params({
  to: text(
    "a directory of the exchange's machine, absolute; empty or not there",
    PATH_CHARACTERS_MAX,
  ),
});
const BackupReply = Type.Object({
  directory: text("the backup, a data directory to start on", PATH_CHARACTERS_MAX),
  tick: tick(),
  seq: count("number of the last command that is in it"),
  segments: count("of the journal"),
  snapshots: count("how many"),
  bytes: count("of both"),
});
const NoBody = params({});

/** Roles of tokens that operators make, the weakest first. Each may do what the roles before it may do. */
export const GIVEN_ROLES = ["read", "operate", "money"] as const;
/** Only the token in the data directory has the role `root`. */
export const ADMIN_ROLES = [...GIVEN_ROLES, "root"] as const;
export type AdminRole = (typeof ADMIN_ROLES)[number];

const tokenName = Type.String({
  pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,27}$",
  expected: "1 to 28 letters, digits, dots, dashes or underscores, the first a letter or digit",
  description: "for the audit; 1 to 28 letters, digits, `.`, `-` or `_`",
});
const tokenRole = choice(GIVEN_ROLES, "what it may do");
export const CreateTokenBody = params({ name: tokenName, role: tokenRole });
export const CreateTokenReply = Type.Object({
  name: tokenName,
  role: tokenRole,
  token: Type.String({ description: "the token, shown this once" }),
});
export const ListedToken = Type.Object({
  name: tokenName,
  role: tokenRole,
  created_at: timestamp(),
  revoked_at: nullable(timestamp(), "milliseconds since 1970; null: it was not"),
});

/** What a route takes and answers. A route that changes nothing has no body. */
export interface AdminRouteSpec {
  /** The weakest role that may use the route. */
  readonly role: AdminRole;
  readonly body?: TSchema;
  readonly query?: TSchema;
  readonly reply: TSchema;
}

/** The routes by method and path. Types, checks and documents are made from this table. */
export const adminRoutes = {
  "GET /admin/v1/users": {
    role: "read",
    reply: Type.Object({
      users: Type.Array(ListedUser, { description: "in order of their number" }),
    }),
  },
  "POST /admin/v1/users": {
    role: "operate",
    body: CreateUserBody,
    reply: CreateUserReply,
  },
  "POST /admin/v1/users/:id/accounts": {
    role: "operate",
    body: OpenAccountBody,
    reply: OpenAccountReply,
  },
  "POST /admin/v1/users/:id/keys": {
    role: "operate",
    body: CreateKeyBody,
    reply: CreateKeyReply,
  },
  "GET /admin/v1/users/:id/keys": {
    role: "read",
    reply: Type.Object({ keys: Type.Array(ListedKey, { description: "by age" }) }),
  },
  "POST /admin/v1/users/:id/rate-limits": {
    role: "operate",
    body: UserRateLimits,
    reply: ListedUser,
  },
  "POST /admin/v1/users/:id/disable": {
    role: "operate",
    body: NoBody,
    reply: ListedUser,
  },
  "POST /admin/v1/users/:id/enable": {
    role: "operate",
    body: NoBody,
    reply: ListedUser,
  },
  "POST /admin/v1/users/:id/password": { role: "operate", body: NoBody, reply: PasswordReset },
  "PATCH /admin/v1/keys/:key": {
    role: "operate",
    body: ChangeKeyBody,
    reply: ListedKey,
  },
  "DELETE /admin/v1/keys/:key": {
    role: "operate",
    reply: ListedKey,
  },
  "GET /admin/v1/accounts/:id": { role: "read", reply: AccountReply },
  "GET /admin/v1/accounts/:id/orders": { role: "read", query: OpenParams, reply: OpenResult },
  "GET /admin/v1/accounts/:id/orders/history": {
    role: "read",
    query: HistoryParams,
    reply: HistoryResult,
  },
  "GET /admin/v1/accounts/:id/trades": {
    role: "read",
    query: AccountTradesParams,
    reply: AccountTradesResult,
  },
  "POST /admin/v1/accounts/:id/orders/cancel": {
    role: "operate",
    body: CancelAllBody,
    reply: CancelAllReply,
  },
  "GET /admin/v1/symbols": { role: "read", query: SymbolsQuery, reply: SymbolsResult },
  "POST /admin/v1/symbols/state": {
    role: "operate",
    body: SetStatesBody,
    reply: SetStatesReply,
  },
  "POST /admin/v1/symbols/bands": {
    role: "operate",
    body: SetBandsBody,
    reply: SetBandsReply,
  },
  "GET /admin/v1/symbols/:symbol": { role: "read", reply: SymbolRulesReply },
  "GET /admin/v1/symbols/:symbol/book": {
    role: "read",
    query: BookQuery,
    reply: BookSnapshotResult,
  },
  "GET /admin/v1/symbols/:symbol/trades": {
    role: "read",
    query: TradesQuery,
    reply: RecentTradesResult,
  },
  "GET /admin/v1/symbols/:symbol/candles": {
    role: "read",
    query: CandlesQuery,
    reply: CandlesResult,
  },
  "POST /admin/v1/accounts/:id/deposit": {
    role: "money",
    body: DepositBody,
    reply: DepositReply,
  },
  "POST /admin/v1/accounts/:id/settings": {
    role: "money",
    body: AccountBody,
    reply: AccountChanged,
  },
  "POST /admin/v1/accounts/:id/limits": {
    role: "operate",
    body: LimitsBody,
    reply: AccountChanged,
  },
  "POST /admin/v1/accounts/:id/trace": {
    role: "operate",
    body: TraceBody,
    reply: TraceReply,
  },
  "POST /admin/v1/symbols/:symbol/halt": {
    role: "operate",
    body: NoBody,
    reply: SymbolChanged,
  },
  "POST /admin/v1/symbols/:symbol/resume": {
    role: "operate",
    body: NoBody,
    reply: SymbolChanged,
  },
  "POST /admin/v1/symbols/:symbol/pre-open": {
    role: "operate",
    body: NoBody,
    reply: SymbolChanged,
  },
  "POST /admin/v1/symbols/:symbol/auction": {
    role: "operate",
    body: NoBody,
    reply: SymbolChanged,
  },
  "POST /admin/v1/symbols/:symbol/cancel-only": {
    role: "operate",
    body: NoBody,
    reply: SymbolChanged,
  },
  "GET /admin/v1/orders/:id": { role: "read", reply: OwnedOrder },
  "POST /admin/v1/orders/:id/cancel": {
    role: "operate",
    body: NoBody,
    reply: OrderStateResult,
  },
  "POST /admin/v1/players/sync": {
    role: "operate",
    body: SyncBody,
    reply: PlayersReply,
  },
  "GET /admin/v1/config": { role: "read", reply: ConfigReply },
  "POST /admin/v1/snapshot": {
    role: "operate",
    body: NoBody,
    reply: SnapshotReply,
  },
  "POST /admin/v1/backup": { role: "root", body: BackupBody, reply: BackupReply },
  "POST /admin/v1/archive/push": {
    role: "operate",
    body: NoBody,
    reply: ArchiveReply,
  },
  "GET /admin/v1/maintenance": {
    role: "read",
    reply: MaintenanceWindows,
  },
  "POST /admin/v1/maintenance": {
    role: "operate",
    body: MaintenanceBody,
    reply: MaintenanceWindow,
  },
  "DELETE /admin/v1/maintenance/:id": {
    role: "operate",
    reply: MaintenanceWindow,
  },
  "GET /admin/v1/webhooks": {
    role: "read",
    reply: Type.Object({
      webhooks: Type.Array(ListedWebhook, { description: "of all users, without secrets" }),
    }),
  },
  "DELETE /admin/v1/webhooks/:id": {
    role: "operate",
    reply: WebhookDeleted,
  },
  "GET /admin/v1/webhooks/:id/dead-letters": {
    role: "read",
    reply: DeadLetters,
  },
  "POST /admin/v1/webhooks/:id/dead-letters/resend": {
    role: "operate",
    body: NoBody,
    reply: Resent,
  },
  "GET /admin/v1/state": { role: "read", query: StateQuery, reply: StateReply },
  "GET /admin/v1/audit": {
    role: "read",
    query: AuditQuery,
    reply: AuditPage,
  },
  "GET /admin/v1/admin-tokens": {
    role: "read",
    reply: Type.Object({ tokens: Type.Array(ListedToken, { description: "by age" }) }),
  },
  "POST /admin/v1/admin-tokens": {
    role: "root",
    body: CreateTokenBody,
    reply: CreateTokenReply,
  },
  "DELETE /admin/v1/admin-tokens/:name": {
    role: "root",
    reply: ListedToken,
  },
  "GET /admin/v1/actions": {
    role: "read",
    reply: Type.Object({
      actions: Type.Array(AdminAction, {
        description:
          "what operators asked to be changed since the start, newest first, at most 100",
      }),
    }),
  },
} as const satisfies Record<string, AdminRouteSpec>;

export type AdminAction = Static<typeof AdminAction>;
export type AdminRoute = keyof typeof adminRoutes;
export type AccountReply = Static<typeof AccountReply>;
export type CreateTokenBody = Static<typeof CreateTokenBody>;
export type CreateTokenReply = Static<typeof CreateTokenReply>;
export type ListedToken = Static<typeof ListedToken>;
