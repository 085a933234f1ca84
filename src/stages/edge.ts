/** The last stage: the listeners, and what answers behind them. From now on clients can reach the exchange. */

import type { Certificate } from "../config/certificates.ts";
import { type Config, isLoopback } from "../config/config.ts";
import { CertificateWatch } from "../gateway/certificate-watch.ts";
import { ClientAddresses } from "../gateway/client-addresses.ts";
import { Counters } from "../gateway/counters.ts";
import { docsRoutes } from "../gateway/docs/docs-routes.ts";
import { registerMetrics } from "../gateway/exchange-metrics.ts";
import { addGatewayHealth } from "../gateway/gateway-health.ts";
import { Cors } from "../gateway/http/cors.ts";
import { HttpLogins } from "../gateway/http/http-logins.ts";
import { Refusals } from "../gateway/http/refusals.ts";
import { RequestGate } from "../gateway/http/request-gate.ts";
import type { RouteGroup } from "../gateway/http/routes.ts";
import { SessionAnswers } from "../gateway/http/session-answers.ts";
import { sessionRoutes } from "../gateway/http/session-routes.ts";
import { statusRoutes } from "../gateway/http/status-routes.ts";
import { serveLocally } from "../gateway/local-socket.ts";
import { pageRoutes } from "../gateway/page/page-routes.ts";
import { summariseRefusals } from "../gateway/refusal-summary.ts";
import { createRestRoutes } from "../gateway/rest/create-rest-routes.ts";
import { startServer } from "../gateway/server.ts";
import { TableHealth } from "../gateway/table-health.ts";
import { createConnections } from "../gateway/websocket/create-connections.ts";
import type { Publisher } from "../gateway/websocket/publisher.ts";
import { descriptorLimit, fitConnections } from "../host/descriptor-limit.ts";
import { watchEventLoop } from "../host/event-loop-delay.ts";
import type { IssuerTokens } from "../identity/issuer-tokens.ts";
import { oncePerTurn } from "../lib/once-per-turn.ts";
import { maintenanceRoutes } from "../maintenance/maintenance-routes.ts";
import { peopleRoutes } from "../people/people-routes.ts";
import { createTrading, type Trading } from "../trading/create-trading.ts";
import { webhookRoutes } from "../webhooks/webhook-routes.ts";
import type { Common } from "./common.ts";
import type { Engine } from "./engine.ts";
import type { Market } from "./market.ts";
import { pageFiles } from "./page-files.ts";
import { openServices, type Services } from "./services.ts";
import type { State } from "./state.ts";

/** How long it may take to make the files of the trading page. */
const PAGE_TIME_MAX_MS = 60_000;

/** Opens the listeners. Rejects with the reason when it cannot. */
export async function openEdge(
  common: Common,
  state: State,
  engine: Engine,
  market: Market,
  publisher: Publisher,
) {
  const { config, log, health, metrics, lifecycle, now, onBug } = common;
  const { warning, ...fitted } = fitConnections(config.gateway, descriptorLimit());
  if (warning !== null) log.warn({ connectionsMax: fitted.connectionsMax }, warning);
  const gateway = { ...config.gateway, ...fitted };
  const { identity, backend, space } = state;
  const { ring, loop, housekeeping } = engine;
  const { players } = market;
  const trading = await openTrading(common, state, engine, market);
  await trading.cancels.carryOutLeft();
  const addresses = new ClientAddresses(gateway.trustedProxies);
  const refusals = new Refusals(common.monotonic);
  const perSecond = gateway.httpRequestsPerSecond;
  const gate = new RequestGate({ ...common, addresses, refusals, perSecond });
  const httpLogins = new HttpLogins({ ...trading, gate, isTls: gateway.isTls });
  const counters = new Counters();
  const httpParts = { gateway, trading, counters, addresses, gate, httpLogins };
  const connections = createConnections({
    ...common,
    ...state,
    ...engine,
    ...httpParts,
    ...{ refusals, limits: gateway, players: players.registry },
  });
  identity.onKeyChanged((key) => connections.onKeyChanged(key));
  identity.onUserChanged((user) => connections.onUserChanged(user));
  identity.sessions.onEnded((session) => connections.onSessionEnded(session));

  const services = await openServices({
    ...{ common, state, engine, market, publisher, trading },
    connections: () => connections.counts(),
  });
  const { operations, people, maintenance, webhooks, adminRoutes } = services;
  addGatewayHealth(health, { lifecycle, connections, now });
  addOtherHealth(common, state, trading);
  const summary = summariseRefusals(counters, log);
  const eventLoop = watchEventLoop({
    observe: (seconds) => metrics.eventLoopDelaySeconds.observe(seconds),
  });
  registerMetrics(metrics, {
    ...trading,
    ...{ counters, publisher, space, housekeeping, ring, connections, health, now },
    core: state.core,
    journal: backend.counters,
    output: common.output,
  });
  await space.start();
  housekeeping.start();

  const server = startServer({
    options: gateway,
    connections,
    publisher,
    refusals,
    http: routeGroups(common, engine, { ...httpParts, connections }, services),
    gate,
    counters,
    onBug,
  });
  const { adminSocket: path } = gateway;
  const socket =
    path === null
      ? null
      : await serveLocally({ path, groups: [adminRoutes], refusals, counters, onBug });
  webhooks.start();
  const watch = new CertificateWatch(gateway.certificates, now);
  if (watch.isTls) health.addReason("tls", () => watch.reason(), now);
  else if (!isLoopback(gateway.host)) {
    log.warn({ host: gateway.host }, "listens without TLS: keys and orders can be read on the way");
  }
  return {
    port: server.port,
    operations,
    people,
    async renewCertificates(certificates: readonly Certificate[]) {
      if (certificates.length > 0 !== watch.isTls) {
        throw new Error("gateway.tls: switching TLS on or off needs a restart");
      }
      if (!watch.isTls) return;
      watch.expectUsable(certificates);
      await server.handOver(certificates);
      watch.renewed(certificates);
    },
    /** Takes in nothing more, and finishes what was taken in. */
    async [Symbol.asyncDispose]() {
      eventLoop[Symbol.dispose]();
      summary[Symbol.dispose]();
      lifecycle.drain();
      // First: what follows may wait for the disk, and clients should know by then.
      services.notices.shutdown();
      maintenance.stop();
      connections.cancelOrders();
      trading.switches.letGo();
      services.audit.close();
      services.backups.close();
      await loop.drained();
      await webhooks.stop();
      await socket?.[Symbol.asyncDispose]();
    },
  };
}

function addOtherHealth(
  { health, log, now, output }: Common,
  { view }: State,
  { maintenance }: Trading,
): void {
  health.addReason("logs", () => output.reason(), now);
  const closed = (): string | null => maintenance.refusal()?.message ?? null;
  health.addReason("maintenance", closed, now, () => "failed");
  health.add("tables", new TableHealth({ view, log, now }).read);
}

/** What all HTTP routes share. */
interface HttpParts {
  readonly gateway: Config["gateway"];
  readonly trading: Trading;
  readonly counters: Counters;
  readonly addresses: ClientAddresses;
  readonly gate: RequestGate;
  readonly httpLogins: HttpLogins;
  readonly connections: ReturnType<typeof createConnections>;
}

/** Everything that is served over HTTP. */
function routeGroups(
  common: Common,
  engine: Engine,
  { gateway, trading, ...httpParts }: HttpParts,
  { people, maintenance, webhooks, adminRoutes }: Services,
): RouteGroup[] {
  const { log } = common;
  return [
    ...statusRoutes({ ...common, ...httpParts, tickWatch: engine.tickWatch }),
    ...docsRoutes(),
    pageRoutes({
      load: () => pageFiles(AbortSignal.timeout(PAGE_TIME_MAX_MS)),
      onFailure: (error) => log.error({ error: String(error) }, "the page cannot be made"),
    }),
    ...readableBy(gateway.allowedOrigins, [
      ...createRestRoutes(
        { ...common, ...engine, ...trading, ...httpParts },
        gateway.bufferBytesTotal,
      ),
      sessionRoutes({ ...common, ...trading, ...httpParts }, gateway.isTls),
      peopleRoutes({
        ...{ ...common, ...trading, ...people, ...httpParts },
        answers: new SessionAnswers({ ...common, ...trading }, gateway.isTls),
      }),
      maintenanceRoutes(maintenance, { ...common, ...httpParts }),
      webhookRoutes({ ...common, ...httpParts, webhooks }),
    ]),
    adminRoutes,
  ];
}

/** The groups, with CORS headers: pages of these origins may read the answers, as the exchange's own pages may. */
function readableBy(origins: readonly string[], groups: readonly RouteGroup[]): RouteGroup[] {
  const cors = origins.length > 0 && { cors: new Cors(origins) };
  return groups.map((group) => ({ ...group, ...cors }));
}

/** Opens trading, which takes the orders and queries of every way in. */
async function openTrading(common: Common, state: State, engine: Engine, market: Market) {
  const { config, monotonic } = common;
  const { ring, loop, tickWatch, control, traces } = engine;
  return createTrading({
    ...common,
    ...state,
    trades: state.recentTrades,
    monotonic: oncePerTurn(monotonic),
    stopwatch: monotonic,
    market: engine.broadcaster,
    ...{ ring, loop, tickWatch, control, players: market.players.registry },
    rateLimits: {
      orders_per_second: config.rateLimits.ordersPerSecond,
      market_data_per_second: config.rateLimits.marketDataPerSecond,
      burst_limit: config.rateLimits.burstLimit,
    },
    anonymousMarketData: config.gateway.anonymousMarketData,
    issuer: await openIssuer(common),
    sessionLifetimeMs: config.auth.sessionLifetimeMs,
    onRefusedInBatch: (account, order, error) => traces.onRefused(account, { order }, error),
  });
}

/** The issuer whose tokens log in; null where none is configured. Its code is loaded only here. */
async function openIssuer({ config, log }: Common): Promise<IssuerTokens | null> {
  const { issuer } = config.auth;
  if (issuer === null) return null;
  const { IssuerTokens } = await import("../identity/issuer-tokens.ts");
  return new IssuerTokens({ ...issuer, log });
}
