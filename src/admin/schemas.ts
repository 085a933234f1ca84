/** The bodies and queries of the admin API, checked before anything is done. */

import * as v from "valibot";
import { QUANTITY_MAX } from "../core/command.ts";
import { DEFAULT_PERMISSIONS, USER_NAME_CHARACTERS_MAX } from "../identity/user.ts";
import { AUDIT_ENTRIES_DEFAULT, AUDIT_ENTRIES_MAX } from "../protocol/schemas/audit.ts";
import { PERMISSIONS } from "../protocol/schemas/auth.ts";

const FEE_BPS_MAX = 1000;
const NUMBER_MAX = 0x7fff_ffff;

const SymbolName = v.pipe(
  v.string(),
  v.regex(/^SYMBOL_(0|[1-9]\d{0,8})$/, "Must be SYMBOL_<number>"),
);

const Permissions = v.pipe(
  v.array(v.picklist(PERMISSIONS, `Must be one of ${PERMISSIONS.join(", ")}`), "Must be a list"),
  v.minLength(1, "Must name at least one permission"),
  v.check((list) => new Set(list).size === list.length, "Must not repeat a permission"),
);

function integerBetween(minimum: number, maximum: number) {
  const message = `Must be an integer from ${minimum} to ${maximum}`;
  return v.pipe(
    v.number(message),
    v.safeInteger(message),
    v.minValue(minimum, message),
    v.maxValue(maximum, message),
  );
}

const Positions = (minimum: number) =>
  v.pipe(
    // A list without items would pass for an object without members.
    v.custom<Record<string, unknown>>((shares) => !Array.isArray(shares), "Must be an object"),
    v.record(SymbolName, integerBetween(minimum, QUANTITY_MAX), "Must be an object"),
  );

export const NewUserBody = v.strictObject({
  name: v.pipe(
    v.string("Must be a string"),
    v.regex(/^[^\p{Cc}\p{Cs}]+$/u, "Must be printable text"),
    v.check((name) => name === name.trim(), "Must not begin or end with a space"),
    v.check(
      (name) => [...name].length <= USER_NAME_CHARACTERS_MAX,
      `Must have at most ${USER_NAME_CHARACTERS_MAX} characters`,
    ),
  ),
  permissions: v.optional(Permissions, [...DEFAULT_PERMISSIONS]),
  /** Cents. */
  cash: v.optional(integerBetween(0, Number.MAX_SAFE_INTEGER), 0),
  /** Shares by symbol. */
  positions: v.optional(Positions(0), {}),
  /** Any of the three; the configuration says the others. */
  rate_limits: v.optional(
    v.strictObject({
      orders_per_second: v.exactOptional(integerBetween(1, NUMBER_MAX)),
      market_data_per_second: v.exactOptional(integerBetween(1, NUMBER_MAX)),
      burst_limit: v.exactOptional(integerBetween(1, NUMBER_MAX)),
    }),
    {},
  ),
});
export type NewUserBody = v.InferOutput<typeof NewUserBody>;

export const NewKeyBody = v.strictObject({
  permissions: v.exactOptional(Permissions),
  /** Milliseconds since 1970. */
  expires_at: v.exactOptional(integerBetween(1, Number.MAX_SAFE_INTEGER)),
});
export type NewKeyBody = v.InferOutput<typeof NewKeyBody>;

/** What an account may do and pays; what is left out is as with everybody. */
export const AccountBody = v.strictObject({
  /** Instead of what everybody pays, basis points; a maker's may be negative, a rebate. */
  fees: v.exactOptional(
    v.strictObject({
      maker_bps: integerBetween(-FEE_BPS_MAX, FEE_BPS_MAX),
      taker_bps: integerBetween(0, FEE_BPS_MAX),
    }),
  ),
  may_short: v.optional(v.boolean("Must be true or false"), false),
});
export type AccountBody = v.InferOutput<typeof AccountBody>;

/** Negative amounts withdraw. */
export const DepositBody = v.strictObject({
  /** Cents. */
  cash: v.exactOptional(integerBetween(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)),
  /** Shares by symbol. */
  positions: v.optional(Positions(-QUANTITY_MAX), {}),
});
export type DepositBody = v.InferOutput<typeof DepositBody>;

/** A whole number in an address. */
function digitsBetween(minimum: number, maximum: number) {
  const message = `Must be an integer from ${minimum} to ${maximum}`;
  return v.pipe(
    v.string(),
    v.regex(/^\d+$/, message),
    v.transform(Number),
    integerBetween(minimum, maximum),
  );
}

export const AuditQuery = v.strictObject({
  /** The sequence number of the first entry. */
  from_seq: v.optional(digitsBetween(1, Number.MAX_SAFE_INTEGER), "1"),
  limit: v.optional(digitsBetween(1, AUDIT_ENTRIES_MAX), String(AUDIT_ENTRIES_DEFAULT)),
});
