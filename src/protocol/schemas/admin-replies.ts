/** Bodies and replies of the admin API about the exchange's state, accounts' settings, symbols and files. */
import { type Static, Type } from "@sinclair/typebox";
import { WHOLE_BPS } from "../../lib/basis-points.ts";
import {
  accountId,
  amount,
  choice,
  count,
  flag,
  NAME_CHARACTERS_MAX,
  nullable,
  optional,
  PRICE_MAX,
  params,
  positive,
  symbol,
  text,
  tick,
  timestamp,
} from "./fields.ts";
import { SYMBOL_STATES, SymbolResult } from "./market-data.ts";
import { OrderStateResult } from "./orders.ts";

const DAY_MS = 86_400_000;
const HEALTH = ["ok", "degraded", "failed"] as const;

const byName = <T extends Parameters<typeof Type.Record>[1]>(schema: T, description: string) =>
  Type.Record(Type.String(), schema, { description });

const stateHash = () => Type.String({ description: "64 bits, hexadecimal" });

export const Component = Type.Object({
  status: choice(HEALTH, "how it is"),
  reason: optional(Type.String({ description: "why, when it is not ok" })),
  since: timestamp("of the last change of status, milliseconds since 1970"),
});
export const PasswordReset = Type.Object({
  user_id: text("`usr_<n>`", NAME_CHARACTERS_MAX),
  name: Type.String({ description: "that he logs in with" }),
  password: Type.String({ description: "the new one, shown this once; all sessions have ended" }),
});
const bestPrice = (side: string) => nullable(positive("cents"), `of the ${side}; null: none`);
export const StateReply = Type.Object({
  tick: tick(),
  seq: count("number of the last command"),
  state_hash: optional(stateHash()),
  trades: count("how many there were"),
  accounts: count("how many there are, the exchange's own not counted"),
  open_orders: count("of all accounts"),
  cash_total: amount("of all accounts together, cents"),
  connections: byName(count("open WebSocket connections"), "by endpoint"),
  status: choice(HEALTH, "the worst of the components'"),
  components: byName(Component, "by name"),
  symbol_states: byName(count("listed symbols"), "by trading state"),
  symbols: optional(
    Type.Array(
      Type.Object({
        symbol: symbol(),
        state: choice(SYMBOL_STATES, "its trading state"),
        best_bid: bestPrice("bids"),
        best_ask: bestPrice("offers"),
        last_price: bestPrice("last trade"),
        shares_total: amount("of all accounts together"),
      }),
      { description: "listed symbols" },
    ),
  ),
});
export const StateQuery = params({
  symbols: optional(flag("whether the symbols are listed; default true")),
  hash: optional(
    flag("whether the state is hashed, milliseconds of the exchange's time; default true"),
  ),
});

export const OwnedOrder = Type.Composite([
  OrderStateResult,
  Type.Object({
    account_id: accountId("its owner"),
    user_id: nullable(text("`usr_<n>`", NAME_CHARACTERS_MAX), "null: the exchange's own account"),
    name: nullable(text("the user's", NAME_CHARACTERS_MAX), "for people"),
  }),
]);
export const SyncBody = params({
  accept: optional(
    flag("whether they are taken also when far more have come or gone than a day explains"),
  ),
});
export const CancelAllBody = params({
  symbol: optional(symbol("only this one, `SYMBOL_<n>` or a ticker")),
});
export const CancelAllReply = Type.Object({
  account_id: accountId(),
  cancelled: count("how many orders"),
  tick: tick(),
});

const share = (description: string) => count(`${description}; 0: as all accounts`);
export const AccountSettings = Type.Object({
  may_short: flag("whether it may sell what it does not have"),
  own_fees: flag("whether its fees are its own, not those of all accounts"),
  maker_bps: Type.Integer({ description: "of an order that comes in now, basis points" }),
  taker_bps: count("of an order that comes in now, basis points"),
  limits: Type.Object({
    open_orders: share("open orders of all symbols"),
    ladder_pages: share("ranges of 256 prices that its orders hold open"),
    positions: share("symbols in which its orders may give it a position"),
    client_order_ids: share("client order ids of done orders that are remembered"),
  }),
});
export const AccountChanged = Type.Object({ account_id: accountId(), tick: tick() });

export const SymbolChanged = Type.Object({
  symbol: symbol(),
  state: choice(SYMBOL_STATES, "its new one"),
  tick: tick(),
});
/** Selects symbols: by `symbol` alone, by `all` alone, or by `team`, `position` or both. */
const selection = {
  symbol: optional(symbol("this one, `SYMBOL_<n>` or a ticker")),
  team: optional(text("those of this team, such as KC", NAME_CHARACTERS_MAX)),
  position: optional(text("those of this position, such as QB", NAME_CHARACTERS_MAX)),
  all: optional(flag("true: every listed symbol; only where none of the others is given")),
};
const symbols = Type.Array(symbol(), { description: "those that were meant" });
export const SetStatesBody = params({ ...selection, state: choice(SYMBOL_STATES, "the new one") });
export const SetStatesReply = Type.Object({
  symbols,
  state: choice(SYMBOL_STATES, "their new one"),
  tick: tick(),
});
export const SetBandsBody = params({
  ...selection,
  price_band_bps: count("width to either side of the reference, basis points; 0: none", WHOLE_BPS),
  price_band_window_ms: optional(
    count(
      "how long the reference stands still, milliseconds; absent: as it is, or as configured where there was no band",
      DAY_MS,
    ),
  ),
  reference_price: optional(positive("cents; absent: as it is", PRICE_MAX)),
});
export const SetBandsReply = Type.Object({
  symbols,
  price_band_bps: count("basis points; 0: none"),
  tick: tick(),
});
export const SymbolRulesReply = Type.Composite([
  SymbolResult,
  Type.Object({
    max_order_quantity: count("shares; 0: no limit"),
    price_band_bps: count("basis points; 0: none"),
    price_band_window_ms: count("how long the reference stands still; 0: it is the last trade"),
    shares_total: amount("of all accounts together"),
  }),
]);

export const SnapshotReply = Type.Object({
  file: Type.String({ description: "its name" }),
  tick: tick(),
  seq: count("number of the last command that is in it"),
  state_hash: stateHash(),
  bytes: count("of the file"),
  milliseconds: Type.Number({ description: "how long it took" }),
});
export const ArchiveReply = Type.Object({
  state: choice(["ok", "degraded"], "whether all went well"),
  reason: nullable(Type.String(), "why not; null: it did"),
  url: Type.String({ description: "where the archive is" }),
  last_upload_at: nullable(timestamp(), "milliseconds since 1970; null: none since the start"),
  behind_segments: count("sealed segments that it does not have"),
  behind_bytes: count("of them"),
  confirmed_segment: count("the last that it has; 0: none, or not known yet"),
  confirmed_snapshot: count("tick of the last that it has; 0 likewise"),
  uploads: count("objects, since the start"),
  bytes: count("uploaded since the start"),
  failures: count("attempts that failed, since the start"),
  retention: choice(
    ["on", "off", "unsupported"],
    "whether objects are kept from being removed: as configured, and whether the bucket can",
  ),
});
export const PlayersReply = Type.Object({
  status: choice(["ok", "degraded"], "how the last fetch went"),
  reason: optional(Type.String({ description: "why it is degraded" })),
  since: timestamp("of the last change of status, milliseconds since 1970"),
  players: count("with a symbol"),
});
export const ConfigSetting = Type.Object({
  key: Type.String({ description: "with its sections, as `gateway.port`" }),
  value: Type.Unknown({ description: "as the configuration has it; null: it has none" }),
  source: Type.String({
    description: "`default`, a file, a variable of the environment or an option",
  }),
});
export const ConfigReply = Type.Object({
  settings: Type.Array(ConfigSetting, {
    description: "what the exchange started with, without secrets",
  }),
});
export const WebhookDeleted = Type.Object({
  webhook_id: text("`whk_<n>`", NAME_CHARACTERS_MAX),
  deleted: flag("true"),
});

export type PasswordReset = Static<typeof PasswordReset>;
export type SetStatesBody = Static<typeof SetStatesBody>;
export type SetBandsBody = Static<typeof SetBandsBody>;
export type SetBandsReply = Static<typeof SetBandsReply>;
export type SetStatesReply = Static<typeof SetStatesReply>;
export type SymbolChanged = Static<typeof SymbolChanged>;
export type SymbolRulesReply = Static<typeof SymbolRulesReply>;
export type OwnedOrder = Static<typeof OwnedOrder>;
export type Component = Static<typeof Component>;
export type StateReply = Static<typeof StateReply>;
export type AccountSettings = Static<typeof AccountSettings>;
export type CancelAllReply = Static<typeof CancelAllReply>;
export type PlayersReply = Static<typeof PlayersReply>;
