/** Bodies and replies of the admin API, as published. */
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
  WebhookDeleted,
} from "./admin-replies.ts";
import { AuditPage, AuditQuery } from "./audit.ts";
import { PERMISSIONS } from "./auth.ts";
import {
  accountId,
  amount,
  choice,
  count,
  flag,
  NAME_CHARACTERS_MAX,
  network,
  nullable,
  optional,
  params,
  positive,
  QUANTITY_MAX,
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
import { DeadLetters, ListedWebhook, Resent } from "./webhooks.ts";

/** Of what an account pays on a trade, in basis points. */
export const FEE_BPS_MAX = 1000;
const RATE_MAX = 0x7fff_ffff;
/** Networks that a key may be used from. */
const ALLOWED_ADDRESSES_MAX = 32;
/** A symbol's name or a ticker. */
const SYMBOL_PATTERN = "^(SYMBOL_(0|[1-9][0-9]{0,8})|[A-Z0-9]{1,16})$";

/** One character that is no control character and no half of a surrogate pair. */
const PRINTABLE =
  "(?:[^\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff]|[\\ud800-\\udbff][\\udc00-\\udfff])";

const NAME_FORM = `printable text of 1 to ${NAME_CHARACTERS_MAX} characters, without a space at either end`;

/** Shares by symbol. */
const shares = (minimum: number, description: string) =>
  Type.Record(
    Type.String({ pattern: SYMBOL_PATTERN }),
    Type.Integer({ minimum, maximum: QUANTITY_MAX }),
    { additionalProperties: false, memberName: "SYMBOL_<number> or a ticker", description },
  );
const permissions = (description: string) =>
  Type.Array(choice(PERMISSIONS, "permission"), {
    minItems: 1,
    maxItems: PERMISSIONS.length,
    uniqueItems: true,
    description,
  });
const allowedAddresses = (description: string) =>
  Type.Array(network("network"), {
    maxItems: ALLOWED_ADDRESSES_MAX,
    uniqueItems: true,
    description,
  });
const rate = (description: string) => optional(positive(description, RATE_MAX));

const UserRateLimits = Type.Object(
  {
    orders_per_second: rate("orders a second, refilled evenly"),
    market_data_per_second: rate("market-data requests a second"),
    burst_limit: rate("orders at once"),
  },
  { additionalProperties: false, description: "where they differ from the configured ones" },
);

export const CreateUserBody = params({
  name: Type.String({
    pattern: `^(?!\\s)${PRINTABLE}{1,${NAME_CHARACTERS_MAX}}(?<!\\s)$`,
    expected: NAME_FORM,
    description: `for people; ${NAME_FORM}`,
  }),
  permissions: optional(permissions("of the first key; default trade and market_data")),
  cash: optional(count("first deposit, cents; default 0")),
  positions: optional(shares(0, "first deposit, `{SYMBOL_1: 100}`")),
  rate_limits: optional(UserRateLimits),
});
export const CreateUserReply = Type.Object({
  user_id: text("`usr_<n>`", NAME_CHARACTERS_MAX),
  account_id: text("`acc_<n>`", NAME_CHARACTERS_MAX),
  api_key: Type.String({ description: "the key" }),
  api_secret: Type.String({ description: "its secret, shown this once" }),
});
export const ListedKey = Type.Object({
  api_key: Type.String({ description: "the key" }),
  user_id: text("`usr_<n>`", NAME_CHARACTERS_MAX),
  permissions: Type.Array(choice(PERMISSIONS, "permission"), { description: "what it may do" }),
  created_at: timestamp(),
  expires_at: nullable(timestamp(), "milliseconds since 1970; null: never"),
  revoked_at: nullable(timestamp(), "milliseconds since 1970; null: it was not"),
  allowed_addresses: allowedAddresses("where it may be used from; none: anywhere"),
});
const ListedUser = Type.Object({
  user_id: text("`usr_<n>`", NAME_CHARACTERS_MAX),
  name: Type.String({ description: "for people" }),
  account_ids: Type.Array(accountId(), { description: "the default one first" }),
  permissions: Type.Array(choice(PERMISSIONS, "permission"), { description: "of the user" }),
  rate_limits: UserRateLimits,
  created_at: timestamp(),
  disabled_at: nullable(timestamp(), "milliseconds since 1970; null: it may log in"),
  keys: Type.Array(ListedKey, { description: "without secrets" }),
});
export const CreateKeyBody = params({
  permissions: optional(permissions("default trade and market_data")),
  expires_at: optional(timestamp("milliseconds since 1970; absent never")),
  allowed_addresses: optional(allowedAddresses("where it may be used from; absent: anywhere")),
});
export const ChangeKeyBody = params({
  expires_at: nullable(timestamp(), "when it ends, at once where that is past; null: never"),
});
export const CreateKeyReply = Type.Object({
  user_id: text("`usr_<n>`", NAME_CHARACTERS_MAX),
  api_key: Type.String({ description: "the key" }),
  api_secret: Type.String({ description: "its secret, shown this once" }),
});
export const DepositBody = params({
  cash: optional(amount("cents; negative withdraws")),
  positions: optional(shares(-QUANTITY_MAX, "`{SYMBOL_1: 100}`; negative withdraws")),
});
export const DepositReply = Type.Object({
  account_id: accountId(),
  cash: optional(amount("cents after it; only if it had cash")),
  positions: optional(
    Type.Record(Type.String(), amount("shares"), { description: "shares after it, by symbol" }),
  ),
});
export const AccountBody = params({
  fees: optional(
    params({
      maker_bps: Type.Integer({
        minimum: -FEE_BPS_MAX,
        maximum: FEE_BPS_MAX,
        description: "basis points; negative is a rebate",
      }),
      taker_bps: count("basis points", FEE_BPS_MAX),
    }),
  ),
  may_short: optional(flag("whether it may sell what it does not have; default false")),
});
export const MaintenanceBody = params({
  starts_at: timestamp(),
  ends_at: timestamp(),
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

/** From the least on; each may what those before it may. `root` is the token of the data directory alone. */
export const ADMIN_ROLES = ["read", "operate", "money", "root"] as const;
export type AdminRole = (typeof ADMIN_ROLES)[number];
const GIVEN_ROLES = ["read", "operate", "money"] as const;

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

/** What a route takes and gives. A route that changes nothing has no body. */
export interface AdminRouteSpec {
  /** The least role that may. */
  readonly role: AdminRole;
  readonly body?: TSchema;
  readonly query?: TSchema;
  readonly reply: TSchema;
}

/** The routes by method and path: type, check and document of what each takes. */
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
  "POST /admin/v1/players/sync": { role: "operate", body: NoBody, reply: PlayersReply },
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
export type CreateUserBody = Static<typeof CreateUserBody>;
export type CreateKeyBody = Static<typeof CreateKeyBody>;
export type ChangeKeyBody = Static<typeof ChangeKeyBody>;
export type CreateUserReply = Static<typeof CreateUserReply>;
export type CreateKeyReply = Static<typeof CreateKeyReply>;
export type DepositReply = Static<typeof DepositReply>;
export type ListedKey = Static<typeof ListedKey>;
export type ListedUser = Static<typeof ListedUser>;
export type DepositBody = Static<typeof DepositBody>;
export type UserRateLimits = Static<typeof UserRateLimits>;
export type AccountBody = Static<typeof AccountBody>;
