/** Bodies and replies for users, their keys and accounts, in the admin API and in the routes for users themselves. */
import { type Static, Type } from "@sinclair/typebox";
import { PERMISSIONS } from "./auth.ts";
import {
  accountId,
  amount,
  choice,
  count,
  dateTime,
  flag,
  NAME_CHARACTERS_MAX,
  network,
  nullable,
  optional,
  params,
  positive,
  QUANTITY_MAX,
  text,
  timestamp,
} from "./fields.ts";

/** Highest fee and highest rebate of an account, in basis points. */
export const FEE_BPS_MAX = 1000;
const RATE_MAX = 0x7fff_ffff;
/** The most networks that one key may be limited to. */
const ALLOWED_ADDRESSES_MAX = 32;
/** A symbol's name or a ticker. */
const SYMBOL_PATTERN = "^(SYMBOL_(0|[1-9][0-9]{0,8})|[A-Z0-9]{1,16})$";

/** One character, but no control character and no half of a surrogate pair. */
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
  Type.Array(network(), {
    maxItems: ALLOWED_ADDRESSES_MAX,
    uniqueItems: true,
    description,
  });
const rate = (description: string) => optional(positive(description, RATE_MAX));

export const UserRateLimits = Type.Object(
  {
    orders_per_second: rate("orders a second, refilled evenly"),
    market_data_per_second: rate("market-data requests a second"),
    burst_limit: rate("orders at once"),
  },
  { additionalProperties: false, description: "where they differ from the configured ones" },
);

const firstDeposit = {
  cash: optional(count("first deposit, cents; default 0")),
  positions: optional(shares(0, "first deposit, `{SYMBOL_1: 100}`")),
};

export const CreateUserBody = params({
  name: Type.String({
    pattern: `^(?!\\s)${PRINTABLE}{1,${NAME_CHARACTERS_MAX}}(?<!\\s)$`,
    expected: NAME_FORM,
    description: `for people; ${NAME_FORM}`,
  }),
  permissions: optional(permissions("of the first key; default trade and market_data")),
  ...firstDeposit,
  rate_limits: optional(UserRateLimits),
});
export const CreateUserReply = Type.Object({
  user_id: text("`usr_<n>`", NAME_CHARACTERS_MAX),
  account_id: text("`acc_<n>`", NAME_CHARACTERS_MAX),
  api_key: Type.String({ description: "the key" }),
  api_secret: Type.String({ description: "its secret, shown this once" }),
});
export const OpenAccountBody = params(firstDeposit);
export const OpenAccountReply = Type.Object({
  user_id: text("`usr_<n>`", NAME_CHARACTERS_MAX),
  account_id: accountId("the new one"),
});
export const ListedKey = Type.Object({
  api_key: Type.String({ description: "the key" }),
  user_id: text("`usr_<n>`", NAME_CHARACTERS_MAX),
  permissions: Type.Array(choice(PERMISSIONS, "permission"), { description: "what it may do" }),
  created_at: timestamp(),
  expires_at: nullable(timestamp(), "milliseconds since 1970; null: never"),
  revoked_at: nullable(timestamp(), "milliseconds since 1970; null: it was not"),
  allowed_addresses: allowedAddresses("where it may be used from; none: anywhere"),
  account_id: nullable(accountId("the only account that it may use"), "null: all of the user's"),
});
export const ListedUser = Type.Object({
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
  expires_at: optional(dateTime("milliseconds since 1970; absent never")),
  allowed_addresses: optional(allowedAddresses("where it may be used from; absent: anywhere")),
  account_id: optional(
    accountId("the only account that it may use, one of the user's; absent: all, also later ones"),
  ),
});
export const ChangeKeyBody = params({
  expires_at: nullable(dateTime(), "when it ends, at once where that is past; null: never"),
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
    Type.Object(
      {
        maker_bps: Type.Integer({
          minimum: -FEE_BPS_MAX,
          maximum: FEE_BPS_MAX,
          description: "basis points; negative is a rebate",
        }),
        taker_bps: count("basis points", FEE_BPS_MAX),
      },
      { additionalProperties: false, description: "its own; absent: those of all accounts" },
    ),
  ),
  may_short: optional(flag("whether it may sell what it does not have; default false")),
});

export type CreateUserBody = Static<typeof CreateUserBody>;
export type FirstDeposit = Static<typeof OpenAccountBody>;
export type OpenAccountReply = Static<typeof OpenAccountReply>;
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
