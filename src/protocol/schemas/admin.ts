/** Bodies and replies of the admin API, as published. */
import { type TSchema, Type } from "@sinclair/typebox";
import { AuditPage } from "./audit.ts";
import { PERMISSIONS, RateLimits } from "./auth.ts";
import {
  amount,
  choice,
  count,
  flag,
  NAME_CHARACTERS_MAX,
  optional,
  params,
  QUANTITY_MAX,
  TEXT_CHARACTERS_MAX,
  text,
  tick,
  timestamp,
} from "./fields.ts";
import { OrderStateResult } from "./orders.ts";

const FEE_BPS_MAX = 1000;
const SYMBOL_PATTERN = "^SYMBOL_(0|[1-9][0-9]{0,8})$";
const shares = (minimum: number, description: string) =>
  Type.Record(
    Type.String({ pattern: SYMBOL_PATTERN }),
    Type.Integer({ minimum, maximum: QUANTITY_MAX }),
    { additionalProperties: false, description },
  );
const permissions = (description: string) =>
  Type.Array(choice(PERMISSIONS, "permission"), {
    minItems: 1,
    maxItems: PERMISSIONS.length,
    description,
  });

export const CreateUserBody = params({
  name: text("for people", NAME_CHARACTERS_MAX),
  permissions: optional(permissions("of the first key; default trade and market_data")),
  cash: optional(count("first deposit, cents")),
  positions: optional(shares(0, "first deposit, `{SYMBOL_1: 100}`")),
  rate_limits: optional(Type.Partial(RateLimits, { additionalProperties: false })),
});
export const CreateUserReply = Type.Object({
  user_id: text("`usr_<n>`", NAME_CHARACTERS_MAX),
  account_id: text("`acc_<n>`", NAME_CHARACTERS_MAX),
  api_key: Type.String({ description: "the key" }),
  api_secret: Type.String({ description: "its secret, shown this once" }),
});
export const CreateKeyBody = params({
  permissions: optional(permissions("default trade and market_data")),
  expires_at: optional(timestamp("milliseconds since 1970; absent never")),
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
const EmptyBody = params({});
const OpenReply = Type.Object({}, { description: "see the route" });

/** Routes with a body or a reply whose shape is promised. */
export const adminRoutes = {
  "POST /admin/v1/users": { body: CreateUserBody, reply: CreateUserReply },
  "POST /admin/v1/users/:id/keys": { body: CreateKeyBody, reply: CreateKeyReply },
  "POST /admin/v1/accounts/:id/deposit": { body: DepositBody, reply: OpenReply },
  "POST /admin/v1/accounts/:id/settings": { body: AccountBody, reply: OpenReply },
  "POST /admin/v1/symbols/:symbol/halt": { body: EmptyBody, reply: OpenReply },
  "POST /admin/v1/symbols/:symbol/resume": { body: EmptyBody, reply: OpenReply },
  "POST /admin/v1/symbols/:symbol/pre-open": { body: EmptyBody, reply: OpenReply },
  "POST /admin/v1/symbols/:symbol/auction": { body: EmptyBody, reply: OpenReply },
  "POST /admin/v1/symbols/:symbol/cancel-only": { body: EmptyBody, reply: OpenReply },
  "POST /admin/v1/orders/:id/cancel": { body: EmptyBody, reply: OrderStateResult },
  "POST /admin/v1/snapshot": { body: EmptyBody, reply: OpenReply },
  "POST /admin/v1/maintenance": { body: MaintenanceBody, reply: OpenReply },
  "GET /admin/v1/state": {
    body: EmptyBody,
    reply: Type.Object({
      tick: tick(),
      seq: count("number of the last command"),
      state_hash: Type.String({ description: "64 bits, hexadecimal" }),
    }),
  },
  "GET /admin/v1/audit?from_seq=&limit=": { body: EmptyBody, reply: AuditPage },
} as const satisfies Record<string, { body: TSchema; reply: TSchema }>;
