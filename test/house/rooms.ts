/**
 * Who may import what: the one table of the rooms of `src/`. `ARCHITECTURE.md` says what is in each.
 * `imports.test.ts` holds the tree to it, and so does `.dependency-cruiser.ts`.
 */

/**
 * The floors from the roof down, each with its rooms. A room imports itself and the floors below, not its
 * neighbours; and of another room only its doors, the files listed here. A room that is one file is its door.
 */
const FLOORS = [
  { "main.ts": [] },
  { "serve.ts": [] },
  {
    "recovery-progress.ts": [],
    "snapshot-worker.ts": [],
    "journal-check-worker.ts": [],
    "page-builder.ts": [],
    "read-ahead.ts": [],
  },
  { "exchange.ts": [] },
  { stages: ["common.ts", "edge.ts", "engine.ts", "market.ts", "state.ts", "tracing.ts"] },
  {
    admin: [
      "admin-tokens.ts",
      "audit/audit-pages.ts",
      "backups.ts",
      "cli/commands/serve.ts",
      "cli/program.ts",
      "cli/root-command.ts",
      "cli/run-cli.ts",
      "cli/serve-program.ts",
      "exchange-view.ts",
      "operations.ts",
      "routes.ts",
      "token.ts",
    ],
    demo: ["launch.ts", "main.ts", "past.ts"],
    web: ["index.html"],
  },
  {
    people: [
      "core-reject.ts",
      "deposits.ts",
      "new-users.ts",
      "people-routes.ts",
      "people.ts",
      "taken-away.ts",
      "user-keys.ts",
    ],
    maintenance: ["maintenance.ts", "maintenance-routes.ts"],
    webhooks: ["webhook-routes.ts", "webhook-standing.ts", "webhooks.ts"],
  },
  {
    gateway: [
      "certificate-watch.ts",
      "account-traces.ts",
      "address-buckets.ts",
      "client-addresses.ts",
      "counters.ts",
      "docs/docs-routes.ts",
      "exchange-metrics.ts",
      "free-port.ts",
      "gateway-health.ts",
      "health.ts",
      // What the admin API is served with.
      "http/bearer-token.ts",
      "http/cors.ts",
      "http/http-logins.ts",
      "http/origin.ts",
      "http/rate-headers.ts",
      "http/serve-paying.ts",
      "http/request-body.ts",
      "http/refusals.ts",
      "http/request-gate.ts",
      "http/request-query.ts",
      "http/request-target.ts",
      "http/responses.ts",
      "http/route.ts",
      "http/routes.ts",
      "http/session-answers.ts",
      "http/session-routes.ts",
      "http/status-routes.ts",
      "local-socket.ts",
      "page/page-file.ts",
      "page/page-routes.ts",
      "rest/create-rest-routes.ts",
      "refusal-summary.ts",
      "server.ts",
      "storage-health.ts",
      "table-health.ts",
      "websocket/create-connections.ts",
      "websocket/notices.ts",
      "websocket/publisher.ts",
      "websocket/user-data-events.ts",
      "websocket/user-data.ts",
    ],
  },
  {
    trading: [
      "account-queries.ts",
      "armed-cancels.ts",
      "automatic-cancels.ts",
      "caller.ts",
      "create-trading.ts",
      "dead-mans-switches.ts",
      "durable-reads.ts",
      "login.ts",
      "logins.ts",
      "maintenance-gate.ts",
      "order-entry.ts",
      "order-outcomes.ts",
      "order-queries.ts",
      "outcome.ts",
      "password-logins.ts",
      "queries.ts",
      "service.ts",
      "symbol-names.ts",
      "token-bucket.ts",
      "token-logins.ts",
    ],
  },
  { "market-data": ["broadcaster.ts", "topics.ts"] },
  {
    records: [
      "account-streams.ts",
      "candle-series.ts",
      "candles.ts",
      "equity-history.ts",
      "equity.ts",
      "exchange-state.ts",
      "fills.ts",
      "level-changes.ts",
      "level-log.ts",
      "order-history.ts",
      "recent-trades.ts",
      "stream-event.ts",
      "tickers.ts",
    ],
  },
  { housekeeping: ["backup.ts", "housekeeping.ts", "snapshot-request.ts"] },
  {
    execution: [
      "control.ts",
      "due-clock.ts",
      "execution-manager.ts",
      "local-command-log.ts",
      "market-rules.ts",
      "replay.ts",
      "state-check.ts",
      "tick-loop.ts",
      "tick-times.ts",
      "tick-watch.ts",
      "warm-up.ts",
      "young-collection.ts",
    ],
  },
  {
    router: [
      "clock-watch.ts",
      "command-json.ts",
      "control.ts",
      "inbound-ring.ts",
      "operator-name.ts",
      "order-command.ts",
      "sequencer.ts",
    ],
  },
  { players: ["registry.ts", "service.ts"] },
  {
    identity: [
      "api-key.ts",
      "identity-copy.ts",
      "identity-store.ts",
      "issuer-tokens.ts",
      "passwords.ts",
      "journal-users.ts",
      "token-session.ts",
      "used-signatures.ts",
      "user.ts",
    ],
  },
  { analytics: ["histogram.ts", "metrics.ts", "order-traces.ts", "otlp.ts", "trace-export.ts"] },
  {
    persistence: [
      "background-process.ts",
      "backend.ts",
      "cloud.ts",
      "disk-space.ts",
      "journal-check.ts",
      "journal-check-request.ts",
      "journal-end.ts",
      "local.ts",
      "rebuild.ts",
      "retention.ts",
      "snapshot.ts",
      "storage-advice.ts",
      "archive/archive-index.ts",
      "archive/archive-state.ts",
      "archive/archive-writer.ts",
      "archive/archiver.ts",
      "archive/local-files.ts",
      "archive/restore-archive.ts",
      "archive/s3-object-store.ts",
      "archive/verify-archive.ts",
      "snapshot/load-newest.ts",
      "snapshot/snapshot-store.ts",
      "snapshot/write-snapshot.ts",
      "wal/ahead/ahead-reader.ts",
      "wal/ahead/ahead-task.ts",
      "wal/file-system.ts",
      "wal/journal-start.ts",
      "wal/layout.ts",
      "wal/live-reader.ts",
      "wal/lock.ts",
      "wal/recovery.ts",
      "wal/segment-files.ts",
      "wal/verify.ts",
    ],
  },
  {
    core: [
      "command.ts",
      "create.ts",
      "event.ts",
      "reject.ts",
      "rules.ts",
      "state-hash.ts",
      "tick-output.ts",
      "view.ts",
    ],
  },
  {
    protocol: [
      "book-checksum.ts",
      "check.ts",
      "close-codes.ts",
      "documents/async-api.ts",
      "documents/field-list.ts",
      "documents/method-errors.ts",
      "documents/open-api.ts",
      "documents/type-script.ts",
      "encoding.ts",
      "envelope.ts",
      "errors.ts",
      "examples.ts",
      "flat-writer.ts",
      "holding-encoder.ts",
      "issue.ts",
      "json-order-decoder.ts",
      "json-schema.ts",
      "json-writer.ts",
      "market-data.ts",
      "message-pack-writer.ts",
      "message-pack.ts",
      "names.ts",
      "order-decoder.ts",
      "order-encoder.ts",
      "order-request.ts",
      "order-state.ts",
      "schemas.ts",
      "schemas/admin-replies.ts",
      "schemas/account-admin.ts",
      "schemas/admin.ts",
      "schemas/audit.ts",
      "schemas/auth.ts",
      "schemas/fields.ts",
      "schemas/market-data.ts",
      "schemas/orders.ts",
      "schemas/people.ts",
      "schemas/plain-route.ts",
      "schemas/plain-routes.ts",
      "schemas/rest.ts",
      "schemas/session.ts",
      "schemas/users.ts",
      "schemas/webhooks.ts",
      "usual-reply-json.ts",
      "usual-reply-message-pack.ts",
      "weight.ts",
    ],
  },
  // The process and the machine: descriptors, standard output, ends.
  {
    host: [
      "descriptor-limit.ts",
      "descriptor-reserve.ts",
      "event-loop-delay.ts",
      "flush-path.ts",
      "huge-pages.ts",
      "is-there.ts",
      "line-file.ts",
      "log-form.ts",
      "log-output.ts",
      "log-sink.ts",
      "own-file.ts",
      "own-program.ts",
      "pages-ahead.ts",
      "port-steering.ts",
      "receive-buffers.ts",
      "rename-durably.ts",
      "replace-file.ts",
      "run-until-stopped.ts",
      "sole-opener.ts",
      "sqlite-log.ts",
      "tables-ahead.ts",
      "tcp-receipts.ts",
      "zero-pages.ts",
    ],
  },
  { config: ["certificates.ts", "config.ts", "settings.ts"] },
  {
    lib: [
      "after-timeout.ts",
      "assert.ts",
      "basis-points.ts",
      "clocks.ts",
      "elapsed.ts",
      "find-host.ts",
      "is-damaged-database.ts",
      "json-lists.ts",
      "fair-shares.ts",
      "fee-balance.ts",
      "hash.ts",
      "in-parts.ts",
      "ip-address.ts",
      "fresh-memory.ts",
      "gathered.ts",
      "lifecycle.ts",
      "line-budget.ts",
      "lines.ts",
      "log.ts",
      "newer-version.ts",
      "once-per-turn.ts",
      "remember.ts",
      "serial.ts",
      "steps.ts",
      "store.ts",
      "text-into.ts",
      "token-text.ts",
      "turns.ts",
      "until-restart.ts",
    ],
  },
] as const;

type KeyOfEach<T> = T extends unknown ? keyof T : never;
export type Room = KeyOfEach<(typeof FLOORS)[number]>;

/** Rooms that may import less than all that is below them. */
const ONLY: { readonly [room in Room]?: { rooms: readonly Room[]; packages: boolean } } = {
  web: { rooms: ["protocol"], packages: true },
  core: { rooms: ["lib"], packages: false },
  protocol: { rooms: ["lib"], packages: true },
  lib: { rooms: [], packages: false },
};

const roomsOn = (floor: object): Room[] => Object.keys(floor) as Room[];

/** Every room, from the roof down. */
export const ROOMS: readonly Room[] = FLOORS.flatMap(roomsOn);

/** By room, the paths of the files in it that others may import, from the top of the checkout. */
const DOORS = new Map<string, readonly string[]>(
  FLOORS.flatMap((floor) => Object.entries<readonly string[]>(floor)).map(([room, doors]) => [
    room,
    room.endsWith(".ts") ? [`src/${room}`] : doors.map((door) => `src/${room}/${door}`),
  ]),
);

/** The room of a file, given its path from the top of the checkout; undefined when it is in none. */
export function roomOf(path: string): Room | undefined {
  return ROOMS.find((room) => path === `src/${room}` || path.startsWith(`src/${room}/`));
}

/** The rooms whose doors are open to a file of `room`, and `room` itself. */
export function roomsOpenTo(room: Room): readonly Room[] {
  const floor = FLOORS.findIndex((rooms) => Object.hasOwn(rooms, room));
  const below = ONLY[room]?.rooms ?? FLOORS.slice(floor + 1).flatMap(roomsOn);
  return [room, ...below];
}

/** The files of `room` that other rooms may import, as paths from the top of the checkout. */
export function doorsOf(room: Room): readonly string[] {
  return DOORS.get(room) ?? [];
}

/** Whether a file of `room` may import packages, and modules of Bun and Node. */
export function packagesOpenTo(room: Room): boolean {
  return ONLY[room]?.packages ?? true;
}
