/** What is served beside trading: people's own affairs, webhooks, maintenance, and the admin API. */

import { AdminTokens } from "../admin/admin-tokens.ts";
import { AuditPages } from "../admin/audit/audit-pages.ts";
import { Backups } from "../admin/backups.ts";
import { ExchangeView } from "../admin/exchange-view.ts";
import { AdminOperations } from "../admin/operations.ts";
import { createAdminRoutes } from "../admin/routes.ts";
import { adminToken } from "../admin/token.ts";
import { Notices } from "../gateway/websocket/notices.ts";
import type { Publisher } from "../gateway/websocket/publisher.ts";
import { ownProgram } from "../host/own-program.ts";
import { Maintenance } from "../maintenance/maintenance.ts";
import { NewUsers } from "../people/new-users.ts";
import { People } from "../people/people.ts";
import type { Trading } from "../trading/create-trading.ts";
import { webhookStanding } from "../webhooks/webhook-standing.ts";
import { Webhooks } from "../webhooks/webhooks.ts";
import type { Common } from "./common.ts";
import type { Engine } from "./engine.ts";
import type { Market } from "./market.ts";
import type { State } from "./state.ts";

interface Parts {
  common: Common;
  state: State;
  engine: Engine;
  market: Market;
  publisher: Publisher;
  trading: Trading;
  /** Open connections, by endpoint. */
  connections(): Record<string, number>;
}

export type Services = Awaited<ReturnType<typeof openServices>>;

/** Opens the services. Webhooks are posted only after `webhooks.start`. */
export async function openServices(parts: Parts) {
  const { common, state, engine, market, publisher, trading, connections } = parts;
  const { config, log, health, now } = common;
  const { view, identity } = state;
  const { control, housekeeping } = engine;
  const readiness = () => health.readiness();
  const exchangeView = new ExchangeView(
    state.core,
    control,
    trading.symbols,
    { connections, readiness },
    trading.queries,
  );
  const newUsers = new NewUsers(control, identity, exchangeView);
  const { priceBandWindowMs } = config.market;
  const operations = new AdminOperations(
    control,
    identity,
    exchangeView,
    priceBandWindowMs,
    newUsers,
  );
  const people = new People(
    { ...common, ...trading, control, identity, newUsers, view: exchangeView },
    { signUp: config.auth.signUp, market: config.market },
  );
  const command = ownProgram();
  const backups = new Backups({ config, housekeeping, command });
  const audit = new AuditPages({
    command,
    dataDir: config.dataDir,
    source: { ...config.persistence, symbolsMax: config.players.symbolsMax },
    durableTick: () => control.read(view.tick),
  });
  const notices = new Notices({ view, now }, publisher.publish);
  const maintenance = new Maintenance({
    ...common,
    ...{ view, control, gate: trading.maintenance },
    config: config.maintenance,
    dataDir: config.dataDir,
    hasLeft: (symbol) => market.players.registry.get(symbol)?.present === false,
    notify: ({ id, ...window }) => notices.maintenance({ window: id, ...window }),
    now: () => state.sequencer.now(),
  });
  await maintenance.start();
  const webhooks = new Webhooks({
    ...common,
    streams: state.streams,
    dataDir: config.dataDir,
    exchange: state.backend.exchangeId(),
    allowedNetworks: config.webhooks.allowedNetworks,
    standing: (hook) => webhookStanding(identity, now(), hook),
  });
  health.addReason("webhooks", () => webhooks.trouble(), now);
  identity.onKeyChanged(() => webhooks.endOver());
  const root = await adminToken(config.dataDir, config.adminToken ?? undefined);
  const adminRoutes = createAdminRoutes({
    tokens: new AdminTokens(config.dataDir, root),
    ...{ operations, housekeeping, audit, maintenance, webhooks, backups, log },
    players: market.players,
    settings: config.settings,
    traces: engine.traces,
  });
  return { operations, people, backups, audit, notices, maintenance, webhooks, adminRoutes };
}
