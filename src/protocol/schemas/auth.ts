/** Login and the methods that need none. */
import { type Static, Type } from "@sinclair/typebox";
import {
  accountId,
  choice,
  count,
  credential,
  flag,
  optional,
  params,
  text,
  timestamp,
} from "./fields.ts";

export const PERMISSIONS = ["trade", "market_data", "admin"] as const;
export type Permission = (typeof PERMISSIONS)[number];

const RateLimits = Type.Object(
  {
    orders_per_second: count("orders a second, refilled evenly"),
    market_data_per_second: count("market-data requests a second"),
    burst_limit: count("orders at once"),
  },
  { additionalProperties: false, description: "of the user, over all connections" },
);

export const LoginParams = params({
  api_key: credential("the key"),
  api_secret: optional(credential("its secret; or `timestamp` and `signature` instead")),
  timestamp: optional(timestamp("milliseconds since 1970, within 5 s of the exchange's clock")),
  signature: optional(
    Type.String({
      pattern: "^[0-9a-fA-F]{64}$",
      writeOnly: true,
      description:
        "hexadecimal HMAC-SHA256, keyed with the secret's text, of the text `auth.login\\n<api_key>\\n<timestamp>`",
    }),
  ),
  account_id: optional(
    accountId(
      "`acc_<n>`, one of the user's: the connection is then about it; default that of the upgrade, or the first",
    ),
  ),
  cancel_on_disconnect: optional(
    flag("cancel the account's open orders when this connection closes"),
  ),
});

export const LoginResult = Type.Object({
  authenticated: Type.Literal(true, { description: "true" }),
  user_id: text("`usr_<n>`", 64),
  account_id: accountId("`acc_<n>`, which the connection is about"),
  permissions: Type.Array(choice(PERMISSIONS, "permission"), {
    description: "what the key may do",
  }),
  rate_limits: RateLimits,
});

export type LoginParams = Static<typeof LoginParams>;

export const NoParams = params({});
export const TimestampResult = Type.Object({ timestamp: timestamp("the server's clock, ms") });
