/**
 * The composition root: every stage of the exchange, and how they are wired. Read it as the map.
 *
 * ```
 *  sockets ─► gateway ─► router (ring, sequencer) ─► execution (tick loop) ─┬─► persistence (journal)
 *     ▲                                                                     └─► core (match, settle)
 *     │                                                                             │ events
 *     └── replies ◄──── user stream ◄──── market data ◄──── the tick is durable ◄───┘
 * ```
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { AuditPages } from "./admin/audit/audit-pages.ts";
import { ExchangeView } from "./admin/exchange-view.ts";
import { AdminOperations } from "./admin/operations.ts";
import { handleAdminRequest } from "./admin/routes.ts";
import { adminToken } from "./admin/token.ts";
import { Metrics } from "./analytics/metrics.ts";
import type { Config } from "./config/config.ts";
import { CommandKind } from "./core/command.ts";
import type { Core } from "./core/core.ts";
import { Control } from "./execution/control.ts";
import { DueClock } from "./execution/due-clock.ts";
import { ExchangeState } from "./execution/exchange-state.ts";
import { applyMarketRules } from "./execution/market-rules.ts";
import { replay } from "./execution/replay.ts";
import { type TickListener, TickLoop } from "./execution/tick-loop.ts";
import { Upkeep } from "./execution/upkeep.ts";
import { warmUp } from "./execution/warm-up.ts";
import { Admission } from "./gateway/admission.ts";
import { DeadMansSwitches } from "./gateway/dead-mans-switches.ts";
import { Dispatcher } from "./gateway/dispatcher.ts";
import { registerMetrics } from "./gateway/exchange-metrics.ts";
import type { Gateway } from "./gateway/gateway.ts";
import { Health, HealthState } from "./gateway/health.ts";
import { createHttp } from "./gateway/http.ts";
import { Notices } from "./gateway/notices.ts";
import { Replies } from "./gateway/replies.ts";
import { startServer } from "./gateway/server.ts";
import { CloseCode, countByEndpoint, type Session } from "./gateway/session.ts";
import { addUpkeepHealth, StorageHealth } from "./gateway/storage-health.ts";
import { UserLimitsTable } from "./gateway/user-limits.ts";
import { UserStream } from "./gateway/user-stream.ts";
import { IDENTITY_FILE, IdentityStore } from "./identity/identity-store.ts";
import type { Log } from "./lib/log.ts";
import { S3ObjectStore } from "./persistence/archive/s3-object-store.ts";
import type { RecoveryProgress } from "./persistence/backend.ts";
import { CloudPersistence } from "./persistence/cloud.ts";
import { DiskSpace } from "./persistence/disk-space.ts";
import { LocalPersistence } from "./persistence/local.ts";
import { diskFileSystem } from "./persistence/wal/file-system.ts";
import { SEGMENT_HEADER_BYTES } from "./persistence/wal/layout.ts";
import { PlayerService } from "./players/service.ts";
import { ErrorCode } from "./protocol/errors.ts";
import { UnavailableError } from "./router/control.ts";
import { InboundRing } from "./router/inbound-ring.ts";
import { Sequencer } from "./router/sequencer.ts";

export interface Exchange {
  readonly port: number;
  readonly operations: AdminOperations;
  /** Names of the listed symbols. */
  symbols(): string[];
  /**
   * Drains and stops: notice to the clients, no more orders, the tick in flight and the gathered one to
   * their end, the journal sealed, connections closed with 1012.
   */
  close(): Promise<void>;
}

/**
 * Opens the exchange on its data directory; resolves when it takes orders. `onProgress` hears how the
 * recovery gets on: nothing else runs meanwhile.
 */
export async function openExchange(
  config: Config,
  log: Log,
  onProgress?: (progress: RecoveryProgress) => void,
): Promise<Exchange> {
  const now = Date.now;
  const onBug = (error: unknown): void =>
    log.error({ error: String(error), stack: stackOf(error) }, "internal error");
  // Keys, positions, everybody's orders: nobody else's business.
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const metrics = new Metrics();
  const health = new Health();

  // The state: the core, and what is made from its events.
  const state = new ExchangeState(config.players.symbolsMax);
  const { core, history, accountTrades, accountEvents, feed } = state;
  const userStream = new UserStream(core);
  const { records } = state;
  const listeners: TickListener[] = [...state.listeners];
  warmUp(core);

  // The journal gives it all back.
  const backend = createBackend(config.persistence, log);
  const space = new DiskSpace({
    directory: config.persistence.walDir,
    lowSpaceBytes: config.persistence.lowSpaceBytes,
    freeBytes: diskFileSystem.freeBytes,
    onChecked: () => health.readiness(),
  });
  const storageHealth = new StorageHealth({ journal: backend, space, log, now });
  const sequencer = new Sequencer(now);
  const { unusable } = replay({
    ...state,
    listeners: [...records, ...listeners],
    backend,
    sequencer,
    snapshots: state,
    onProgress,
    log,
  });
  history.index();

  // The way in and the tick.
  const ring = new InboundRing(config.market.ringCommands);
  assertFits(ring, config);
  const loop = new TickLoop({
    core,
    ring,
    sequencer,
    check: state.check,
    backend,
    records,
    listeners,
    metrics,
    onFailure(error) {
      storageHealth.read();
      upkeep.storageFailed(error);
    },
    onBug,
  });
  const control = new Control(core, ring, loop);
  const upkeep = new Upkeep({
    config: config.persistence,
    core,
    control,
    backend,
    snapshotProgram: join(import.meta.dir, "snapshot-worker.ts"),
    last: state.loaded,
    refused: new Set(unusable.map(({ tick }) => tick)),
    log,
  });
  listeners.push(upkeep.snapshots);

  // Who trades, and what is traded.
  const identity = await IdentityStore.open(join(config.dataDir, IDENTITY_FILE));
  if (config.persistence.durability === "fsync") {
    assertSameExchange(identity, core, config.persistence.walDir);
  } else {
    await reopenLostAccounts(identity, core, control, log);
  }
  const clock = new DueClock(core, control, now, log);
  listeners.push(clock);
  await applyMarketRules(control, core, config.market);
  const players = new PlayerService({
    config: config.players,
    dataDir: config.dataDir,
    priceIncrement: config.market.priceIncrement,
    port: control,
    stateOf: (symbol) => core.symbols.state(symbol),
    listed: listedSymbols(core),
    log,
  });
  await players.start();

  // The edge.
  const cancelOf = (account: number, actor: number): void =>
    cancelOrders(control, loop, log, account, actor);
  const gateway: Gateway = {
    core,
    ring,
    loop,
    history,
    accountTrades,
    feed,
    players: players.registry,
    identity,
    limits: new UserLimitsTable({
      orders_per_second: config.rateLimits.ordersPerSecond,
      market_data_per_second: config.rateLimits.marketDataPerSecond,
      burst_limit: config.rateLimits.burstLimit,
    }),
    admission: new Admission(
      config.gateway.connectionsMax,
      config.gateway.connectionsPerAddressMax,
    ),
    userStream,
    counters: { requests: 0, orders: 0, logins: 0, slowConsumers: 0, pushes: 0, errors: new Map() },
    anonymousMarketData: config.gateway.anonymousMarketData,
    closing: false,
    cancelOrders: cancelOf,
    deadMansSwitches: new DeadMansSwitches(cancelOf),
    now,
    onBug,
  };
  const sessions = new Set<Session>();
  const view = new ExchangeView(core, control, {
    connections: () => countByEndpoint(sessions),
    readiness: () => health.readiness(),
  });
  const operations = new AdminOperations(control, identity, view);
  const { walDir, snapshotDir } = config.persistence;
  const audit = new AuditPages({
    command: [process.execPath, join(import.meta.dir, "main.ts")],
    source: { walDir, snapshotDir, symbolsMax: config.players.symbolsMax },
    durableTick: () => control.read(() => core.tick()),
  });
  const token = adminToken(config.dataDir, config.adminToken ?? undefined);
  const server = startServer({
    ...config.gateway,
    gateway,
    dispatcher: new Dispatcher(gateway),
    replies: new Replies(gateway),
    sessions,
    http: createHttp({
      health,
      metrics,
      admin: (request) =>
        handleAdminRequest(request, {
          token,
          operations,
          upkeep,
          audit,
          onInternalError: gateway.onBug,
        }),
    }),
  });
  const notices = new Notices(core, server.publish, now);
  accountEvents.connect(userStream);
  userStream.connect(server.publish);
  feed.connect(server.publish);
  identity.onRevoked((key) => {
    for (const session of sessions) {
      if (session.login?.key.apiKey !== key.apiKey) continue;
      session.close(CloseCode.KEY_REVOKED, "API key revoked");
    }
  });

  const gatewayHealth = new HealthState(now);
  health.add("gateway", gatewayHealth.read);
  health.add("persistence", storageHealth.read);
  addUpkeepHealth(health, upkeep, now);
  health.add("players", () => players.health());
  registerMetrics(metrics, {
    core,
    counters: gateway.counters,
    journal: backend.counters,
    space,
    upkeep,
    ring,
    sessions,
    health,
  });

  await space.start();
  upkeep.start();

  return {
    port: server.port,
    operations,
    symbols: () => [...listedSymbols(core)].map(({ symbol }) => `SYMBOL_${symbol}`),
    async close() {
      gatewayHealth.set("failed", "shutting down");
      gateway.closing = true;
      notices.shutdown();
      for (const { login } of sessions) {
        if (login?.cancelOnDisconnect) {
          gateway.cancelOrders(login.account, login.user.number);
        }
      }
      gateway.deadMansSwitches.letGo();
      clock.stop();
      space.stop();
      audit.close();
      try {
        await players.close();
        // Once with the door to the house still open: those cancels may have to wait for a tick.
        await loop.drained();
        control.closing = true;
        await loop.drained();
        upkeep.end();
        await backend.close();
        await upkeep.close();
      } finally {
        for (const session of sessions) session.close(CloseCode.RESTART, "shutting down");
        await server.stop();
        await identity.close();
      }
    },
  };
}

/** The journal on the local disk, with an archive on S3 where one is configured. */
function createBackend(config: Config["persistence"], log: Log): LocalPersistence {
  const { archive } = config;
  const journal = {
    directory: config.walDir,
    snapshotDirectory: config.snapshotDir,
    segmentBytes: config.segmentBytes,
    durability: config.durability,
    flushIntervalMs: config.flushIntervalMs,
  };
  if (config.backend === "local") return new LocalPersistence(journal);
  return new CloudPersistence({
    ...journal,
    store: new S3ObjectStore(archive),
    uploadIntervalMs: archive.uploadIntervalMs,
    retentionDays: archive.retentionDays,
    log,
  });
}

/** Cancels what a client wanted cancelled when it is gone; when the ring is full, after the next tick. */
function cancelOrders(
  control: Control,
  loop: TickLoop,
  log: Log,
  account: number,
  actor: number,
): void {
  control.submit({ kind: CommandKind.CANCEL_ALL, account, actor }).catch((error: unknown) => {
    const isFull = error instanceof UnavailableError && error.code === ErrorCode.OVERLOADED;
    const isTaken = isFull && loop.read(() => cancelOrders(control, loop, log, account, actor));
    if (!isTaken) log.warn({ account, error: String(error) }, "cancel on disconnect failed");
  });
}

/** Accounts are opened in the journal before their users are created: one without the other is no pair. */
function assertSameExchange(identity: IdentityStore, core: Core, walDir: string): void {
  for (const user of identity.users()) {
    for (const account of user.accounts) {
      if (core.accounts.exists(account)) continue;
      throw new Error(
        `${walDir}: the journal knows no account ${account}, which usr_${user.number} of ${IDENTITY_FILE} ` +
          "owns. The journal is missing or another exchange's: put back the one that belongs to this data " +
          "directory, or start on an empty directory. After a restore to an earlier moment, start once with " +
          'persistence.local.durability = "interval": that opens such accounts again, empty',
      );
    }
  }
}

/**
 * Without fsync a power failure may take the last accounts from the journal, while their users stay:
 * they are opened again, empty.
 */
async function reopenLostAccounts(
  identity: IdentityStore,
  core: Core,
  control: Control,
  log: Log,
): Promise<void> {
  for (const user of identity.users()) {
    for (const account of user.accounts) {
      if (core.accounts.exists(account)) continue;
      log.warn(
        { account, user: user.number },
        "account lost with unflushed ticks: opened again, empty",
      );
      await control.submit({ kind: CommandKind.OPEN_ACCOUNT, account, actor: user.number });
    }
  }
}

/** The largest tick has to fit into a segment of the journal. */
function assertFits(ring: InboundRing, { persistence, market }: Config): void {
  const tickBytes = ring.gathering.bytes.length + SEGMENT_HEADER_BYTES;
  if (tickBytes <= persistence.segmentBytes) return;
  throw new Error(
    `market.ring_commands = ${market.ringCommands} makes ticks of ${tickBytes} bytes: expected at ` +
      `most persistence.local.segment_bytes = ${persistence.segmentBytes}`,
  );
}

function* listedSymbols(core: Core) {
  for (let symbol = 0; symbol < core.symbols.count; symbol++) {
    if (core.symbols.exists(symbol)) yield { symbol, playerId: core.symbols.text(symbol) };
  }
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}
