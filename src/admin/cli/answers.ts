/**
 * What each command prints with `--json`, published by `waiver schema` and in `docs/cli-schema.json`. Members may be
 * added; those that are named stay.
 */
import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { adminRoutes } from "../../protocol/schemas/admin.ts";
import {
  AccountSettings,
  Component,
  ConfigSetting,
  PlayersReply,
  SetBandsReply,
  SetStatesReply,
  SymbolChanged,
} from "../../protocol/schemas/admin-replies.ts";
import { AuditEntry } from "../../protocol/schemas/audit.ts";
import {
  accountId,
  count,
  flag,
  NAME_CHARACTERS_MAX,
  nullable,
  optional,
  positive,
  text,
  tick,
  timestamp,
} from "../../protocol/schemas/fields.ts";

const word = (description: string) => Type.String({ description });
const reply = <Name extends keyof typeof adminRoutes>(name: Name) =>
  adminRoutes[name].reply as (typeof adminRoutes)[Name]["reply"];

/** Members that stand beside every member `symbol`. */
const player = {
  ticker: optional(word("of the symbol's player")),
  player_name: optional(word("of the symbol's player")),
};
const named = <Name extends keyof typeof adminRoutes>(name: Name) =>
  Type.Composite([reply(name), Type.Object({ symbol: word("`SYMBOL_<n>`"), ...player })]);

const user = reply("POST /admin/v1/users/:id/disable");
const userSettings = Type.Object({
  user_id: word("`usr_<n>`"),
  account_id: accountId("the default one"),
  rate_limits: user.properties.rate_limits,
  settings: AccountSettings,
});
const newStates = Type.Union([SymbolChanged, SetStatesReply], {
  description: "of one symbol, or of those of a team or position, or of all",
});

const End = Type.Object({
  tick: tick(),
  sequence: count("of the command"),
  timestamp: timestamp(),
});
const Verification = Type.Object({
  directory: word("that was read"),
  sound: flag("whether nothing is damaged and no snapshot contradicts the journal"),
  damage: nullable(
    Type.Object({
      file: word("where it is"),
      offset: count("in the file"),
      kind: word("of damage"),
      reason: word("what is wrong"),
      advice: word("what to do"),
    }),
    "null: none",
  ),
  torn: nullable(
    Type.Object({
      file: word("where it is"),
      offset: count("in the file"),
      bytes: count("of them"),
      reason: word("what is missing"),
    }),
    "what stands after the last whole batch: being written just now, or cut off by a crash",
  ),
  first_segment: count("number of the oldest"),
  segments: count("files, prepared ones included"),
  batches: count("that were read"),
  records: count("that were read"),
  bytes: count("of the batches"),
  first: nullable(End, "where the journal begins; null: it is empty"),
  last: nullable(End, "where it ends; null: it is empty"),
  snapshots: Type.Array(
    Type.Object({
      file: word("its path"),
      tick: tick(),
      matches: nullable(flag("whether it fits the journal"), "null: the journal does not reach it"),
      unusable: nullable(word("why it cannot be used"), "null: it can"),
    }),
    { description: "newest first" },
  ),
  milliseconds: count("that it took"),
});
const Replay = Type.Object({
  tick: tick(),
  sequence: count("of the last command"),
  state_hash: word("64 bits, hexadecimal"),
  open_orders: count("of all accounts"),
  accounts: count("the exchange's own not counted"),
  trades: count("of all time"),
  commands: count("that were replayed"),
  seconds: Type.Number({ description: "that it took" }),
  commands_per_second: count("of the replay"),
});
const JournalRecord = Type.Object(
  {
    sequence: positive("of the command"),
    tick: tick(),
    timestamp: timestamp(),
    kind: word("of command; its further members are in proto/journal.md"),
    actor: word("`usr_<n>` or `exchange`"),
    by: optional(word("name of the operator's token")),
    account: optional(accountId()),
    symbol: optional(word("`SYMBOL_<n>`")),
    ...player,
  },
  { description: "one a line" },
);
const ArchiveStatus = Type.Object({
  archive: word("where it is"),
  exchange_id: word("whose it is, or `none yet`"),
  segments: count("that it has"),
  last_segment: count("number; 0: none"),
  last_tick: tick(),
  last_time: word("a date, or `never`"),
  snapshots: count("that it has"),
  last_snapshot_tick: count("0: none"),
  compressed_bytes: count("of all"),
  local_segments: count("on this disk"),
  local_snapshots: count("on this disk"),
  sealed_and_not_archived: count("segments"),
});
const ArchiveVerification = Type.Object({
  exchange_id: word("whose it is"),
  segments: count("that were read"),
  snapshots: count("that were read"),
  first_tick: count("0: none"),
  last_tick: count("0: none"),
  compressed_bytes: count("of all"),
  faults: Type.Array(Type.String(), { description: "what is wrong" }),
  unnamed: Type.Array(Type.String(), { description: "objects of uploads that were not finished" }),
});
const Restored = Type.Object({
  exchange_id: word("whose it is"),
  snapshot: nullable(tick(), "of the snapshot; null: none, the journal is there from its start"),
  refused_snapshots: Type.Array(Type.String(), { description: "newer ones, and why" }),
  segments: count("of the journal"),
  identity: word("what became of users and keys"),
  last_tick: count("where the restored exchange stands"),
  last_timestamp: timestamp(),
  archived_tick: count("where the archive ends"),
  archived_timestamp: timestamp(),
});
const Status = Type.Object({
  status: word("the worst of the components'"),
  components: Type.Record(Type.String(), Component),
  tick: tick(),
  seq: count("of the last command"),
  accounts: count("the exchange's own not counted"),
  open_orders: count("of all accounts"),
  trades: count("of all time"),
  connections: Type.Record(Type.String(), count("open"), { description: "by endpoint" }),
  symbols: Type.Record(Type.String(), count("symbols"), { description: "by trading state" }),
});
const ConfigDifference = Type.Object({
  key: word("with its sections"),
  value: Type.Unknown({ description: "here; null: none" }),
  source: word("where it is from"),
  other: Type.Unknown({ description: "the default's, or the running exchange's; null: none" }),
});

/** The schema of each command's answer, by the command's name. */
export const ANSWERS = {
  status: Status,
  live: Type.Object({
    status: word("ok, or failed"),
    reason: optional(word("why it failed")),
  }),
  state: reply("GET /admin/v1/state"),
  "user create": reply("POST /admin/v1/users"),
  "user list": reply("GET /admin/v1/users"),
  "user disable": user,
  "user password": reply("POST /admin/v1/users/:id/password"),
  "user enable": user,
  "user limits": userSettings,
  "user fees": userSettings,
  "user short": userSettings,
  "key create": reply("POST /admin/v1/users/:id/keys"),
  "key list": reply("GET /admin/v1/users/:id/keys"),
  "key expire": reply("PATCH /admin/v1/keys/:key"),
  "key revoke": reply("DELETE /admin/v1/keys/:key"),
  "account show": reply("GET /admin/v1/accounts/:id"),
  "account open": reply("POST /admin/v1/users/:id/accounts"),
  "account trace": reply("POST /admin/v1/accounts/:id/trace"),
  "account deposit": reply("POST /admin/v1/accounts/:id/deposit"),
  "account withdraw": reply("POST /admin/v1/accounts/:id/deposit"),
  "account orders": reply("GET /admin/v1/accounts/:id/orders/history"),
  "account trades": reply("GET /admin/v1/accounts/:id/trades"),
  deposit: reply("POST /admin/v1/accounts/:id/deposit"),
  "players search": reply("GET /admin/v1/symbols"),
  "players sync": PlayersReply,
  book: named("GET /admin/v1/symbols/:symbol/book"),
  trades: named("GET /admin/v1/symbols/:symbol/trades"),
  candles: named("GET /admin/v1/symbols/:symbol/candles"),
  "symbol list": reply("GET /admin/v1/symbols"),
  "symbol show": reply("GET /admin/v1/symbols/:symbol"),
  "symbol halt": newStates,
  "symbol resume": newStates,
  "symbol pre-open": newStates,
  "symbol auction": newStates,
  "symbol cancel-only": newStates,
  "symbol bands": SetBandsReply,
  "order show": reply("GET /admin/v1/orders/:id"),
  "order cancel": reply("POST /admin/v1/orders/:id/cancel"),
  "order cancel-all": reply("POST /admin/v1/accounts/:id/orders/cancel"),
  "maintenance schedule": reply("POST /admin/v1/maintenance"),
  "maintenance cancel": reply("DELETE /admin/v1/maintenance/:id"),
  "maintenance list": reply("GET /admin/v1/maintenance"),
  snapshot: reply("POST /admin/v1/snapshot"),
  backup: reply("POST /admin/v1/backup"),
  "admin-token create": reply("POST /admin/v1/admin-tokens"),
  "admin-token list": reply("GET /admin/v1/admin-tokens"),
  "admin-token revoke": reply("DELETE /admin/v1/admin-tokens/:name"),
  "wal verify": Verification,
  "wal dump": JournalRecord,
  "wal replay": Replay,
  "webhook list": reply("GET /admin/v1/webhooks"),
  "webhook delete": reply("DELETE /admin/v1/webhooks/:id"),
  "webhook dead-letters": reply("GET /admin/v1/webhooks/:id/dead-letters"),
  "webhook resend": reply("POST /admin/v1/webhooks/:id/dead-letters/resend"),
  audit: AuditEntry,
  "archive status": ArchiveStatus,
  "archive push": Type.Union([ArchiveStatus, reply("POST /admin/v1/archive/push")], {
    description: "from the disk, or by the running exchange",
  }),
  "archive verify": ArchiveVerification,
  restore: Restored,
  "config check": Type.Object({ keys: count("that file, environment or options set") }),
  "config print": Type.Object({ settings: Type.Array(ConfigSetting) }),
  "config diff": Type.Object({ differences: Type.Array(ConfigDifference) }),
  version: Type.Object({
    version: text("of this program", NAME_CHARACTERS_MAX),
    bun: text("that it runs on", NAME_CHARACTERS_MAX),
  }),
} as const satisfies Record<string, TSchema>;

/** Commands that print one object a line with `--json`. */
export const LINE_ANSWERS: ReadonlySet<string> = new Set(["audit", "wal dump"]);

/** Commands that have no answer to print as JSON, and what they do instead. */
export const WITHOUT_ANSWER: Readonly<Record<string, string>> = {
  serve: "runs until it is told to stop, and writes its log",
  dashboard: "draws on a terminal",
  "completion bash": "prints a script",
  "completion zsh": "prints a script",
  "completion fish": "prints a script",
  "completion symbols": "prints words, one a line",
  schema: "prints JSON Schema in any case",
};

export type AnswerName = keyof typeof ANSWERS;
export type Answer<Name extends AnswerName> = Static<(typeof ANSWERS)[Name]>;
