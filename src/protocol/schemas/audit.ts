/** The audit: for each command what it asked for, and what came of it. */
import { type Static, Type } from "@sinclair/typebox";
import { ORDER_STATUSES, SIDES } from "../names.ts";
import {
  accountId,
  amount,
  choice,
  count,
  flag,
  NAME_CHARACTERS_MAX,
  nullable,
  optional,
  orderId,
  params,
  positive,
  price,
  quantity,
  symbol,
  symbolParam,
  text,
  tick,
  timestamp,
} from "./fields.ts";
import { SYMBOL_STATES } from "./market-data.ts";
import { OrderStateResult } from "./orders.ts";

export const AUDIT_ENTRIES_MAX = 1000;
export const AUDIT_ENTRIES_DEFAULT = 100;

/** An order right after the command. When the command repeated an order that is done, only its number is there. */
const AuditOrder = Type.Composite([
  Type.Object({ account: accountId("its owner, `acc_<n>`"), order_id: orderId() }),
  Type.Partial(Type.Omit(OrderStateResult, ["order_id", "created_at", "timestamp", "tick"])),
]);
const AuditSide = Type.Object({
  account: accountId(),
  order_id: orderId(),
  side: choice(SIDES, "side"),
  quantity: quantity("total ordered"),
  filled_quantity: count("traded so far, shares"),
  status: choice(ORDER_STATUSES, "right after the fill"),
  fee: amount("cents; negative is a rebate"),
});
const AuditTrade = Type.Object({
  trade_id: positive("consecutive"),
  symbol: symbol(),
  price: price("of the fill"),
  quantity: quantity("of the fill"),
  taker: AuditSide,
  maker: AuditSide,
});
const AuditSymbol = Type.Object({ symbol: symbol(), state: choice(SYMBOL_STATES, "its new one") });

/** Has exactly one of the three members. */
const AuditEvent = Type.Object({
  order: optional(AuditOrder),
  trade: optional(AuditTrade),
  symbol: optional(AuditSymbol),
});
const AuditResult = Type.Object(
  {
    order: optional(AuditOrder),
    cancelled: optional(count("of a CANCEL_ALL: how many orders")),
    cash: optional(amount("of a deposit: the account's cash after it, cents")),
    shares: optional(amount("of a deposit: the account's shares after it")),
  },
  { description: "it was done" },
);
const AuditError = Type.Object(
  {
    code: count("error code"),
    name: text("its name", NAME_CHARACTERS_MAX),
    field: optional(text("of INVALID_PARAMETER: what was wrong", NAME_CHARACTERS_MAX)),
    limit: optional(text("of CAPACITY: which limit", NAME_CHARACTERS_MAX)),
    low: optional(count("of OUTSIDE_BAND: the lowest price, cents")),
    high: optional(count("of OUTSIDE_BAND: the highest price, cents")),
    price_increment: optional(price("of OFF_INCREMENT: every price is a multiple of it")),
    needed: optional(count("of INSUFFICIENT_FUNDS (cents) and INSUFFICIENT_SHARES")),
    available: optional(amount("likewise")),
    order_id: optional(orderId()),
  },
  { description: "it was refused" },
);
export const AuditEntry = Type.Object({
  sequence: positive("number of the command"),
  tick: tick(),
  timestamp: timestamp(),
  kind: text("of the command; its further members are in [journal.md](journal.md)", 64),
  actor: text("`usr_<n>`; `exchange` is itself or an operator", NAME_CHARACTERS_MAX),
  by: optional(
    text("name of the operator's token, when an operator asked for it", NAME_CHARACTERS_MAX),
  ),
  account: optional(accountId()),
  symbol: optional(symbol()),
  ticker: optional(text("of the symbol's player", NAME_CHARACTERS_MAX)),
  player_name: optional(Type.String({ description: "of the symbol's player" })),
  result: optional(AuditResult),
  error: optional(AuditError),
  events: Type.Array(AuditEvent, { description: "what happened beside the result, in its order" }),
});

/** A tick or a time, as for `waiver audit`. */
const PLACE_PATTERN = String.raw`^(tick:\d{1,15}|\d{4}-\d\d-\d\d(T[\d:.]{5,12}(Z|[+-]\d\d:\d\d)?)?)$`;

export const AuditQuery = params({
  from_seq: optional(count("number of the first command; default 1, 0 as 1")),
  from: optional(
    Type.String({
      pattern: PLACE_PATTERN,
      description: "in place of `from_seq`: `tick:<n>`, or a date such as 2027-01-31T18:00:00Z",
    }),
  ),
  newest: optional(flag("true: the last `limit`, in place of those from a place on")),
  account: optional(
    Type.String({
      pattern: String.raw`^acc_(0|[1-9]\d{0,8})$`,
      description: "only what it did and what happened to it",
    }),
  ),
  user: optional(
    Type.String({
      pattern: String.raw`^usr_[1-9]\d{0,8}$`,
      description: "only what this user did",
    }),
  ),
  by: optional(text("only what the operator with the token of this name did", 28)),
  symbol: optional(symbolParam("only what was done and happened on it; or a ticker")),
  limit: optional(positive(`how many; default ${AUDIT_ENTRIES_DEFAULT}`, AUDIT_ENTRIES_MAX)),
});
export const AuditPage = Type.Object({
  entries: Type.Array(AuditEntry, {
    description: "the commands from number `from_seq` on, at most `limit`",
  }),
  next_seq: nullable(positive("`from_seq` of the next page"), "null: there is no more yet"),
});

export type AuditOrder = Static<typeof AuditOrder>;
export type AuditEvent = Static<typeof AuditEvent>;
export type AuditResult = Static<typeof AuditResult>;
export type AuditError = Static<typeof AuditError>;
