/** Settings of one account that operators change: its limits, and whether its actions are logged. */
import { type Static, Type } from "@sinclair/typebox";
import { accountId, count, flag, nullable, optional, params, timestamp } from "./fields.ts";

const share = (description: string, maximum: number) =>
  optional(count(`${description}; 0 or absent: as all accounts`, maximum));
export const LimitsBody = params({
  open_orders: share("open orders of all symbols", 2_097_151),
  ladder_pages: share("ranges of 256 prices that its orders hold open", 65_535),
  positions: share("symbols in which its orders may give it a position", 4_194_303),
  client_order_ids: share("client order ids of done orders that are remembered", 4_194_304),
});
/** How long the actions of an account are logged by default, and at most. */
export const TRACE_SECONDS_DEFAULT = 600;
const TRACE_SECONDS_MAX = 86_400;
export const TraceBody = params({
  on: flag("whether what it does goes to the log"),
  seconds: optional(
    Type.Integer({
      minimum: 1,
      maximum: TRACE_SECONDS_MAX,
      description: `for how long; default ${TRACE_SECONDS_DEFAULT}`,
    }),
  ),
});
export const TraceReply = Type.Object({
  account_id: accountId(),
  on: flag("whether it is traced"),
  until: nullable(
    timestamp(),
    "when that ends by itself, milliseconds since 1970; null: it is off",
  ),
});

export type LimitsBody = Static<typeof LimitsBody>;
export type TraceBody = Static<typeof TraceBody>;
