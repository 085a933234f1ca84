/**
 * The wiring diagram: the stages of the exchange, opened from the inside out and closed in reverse. Each owns
 * its end. What a stage is made of stands in `stages/`.
 *
 * ```
 *  openState    core, records, journal: everything as it was
 *  openEngine   ring ─► command log ─► execution manager ─► history ─► replies ─► records ─► account streams, market data
 *  openMarket   who trades (identity), what is traded (players), by which rules
 *  openEdge     sockets ─► trading ─► ring; admin API, metrics, health
 *
 *  sockets ─► gateway ─► trading ─► router (ring) ─► execution ─┬─► persistence (journal)
 *     ▲                                                         └─► core (match, settle)
 *     └── replies, account streams, market data ◄── TickOutput ◄──────── the tick is durable
 * ```
 */
import type { AdminOperations } from "./admin/operations.ts";
import { Metrics } from "./analytics/metrics.ts";
import type { Certificate } from "./config/certificates.ts";
import type { Config } from "./config/config.ts";
import { Health } from "./gateway/health.ts";
import { Publisher } from "./gateway/websocket/publisher.ts";
import { elapsed } from "./lib/elapsed.ts";
import { Lifecycle } from "./lib/lifecycle.ts";
import type { Log } from "./lib/log.ts";
import type { People } from "./people/people.ts";
import type { RecoveryProgress } from "./persistence/backend.ts";
import type { ControlPort } from "./router/control.ts";
import type { Common, LogTrouble } from "./stages/common.ts";
import { openEdge } from "./stages/edge.ts";
import { openEngine } from "./stages/engine.ts";
import { type ListedPlayer, openMarket } from "./stages/market.ts";
import { openState } from "./stages/state.ts";
import { openTracing } from "./stages/tracing.ts";

export interface Exchange {
  readonly port: number;
  readonly operations: AdminOperations;
  readonly people: People;
  readonly control: ControlPort;
  readonly health: Health;
  readonly metrics: Metrics;
  /** Names of the listed symbols. */
  symbols(): string[];
  /** The listed symbols with their players. */
  listed(): ListedPlayer[];
  /**
   * New connections get these certificates; those that there are stay. Rejects why not: then all is as it was. Without
   * TLS before and now, nothing is done.
   */
  renewCertificates(certificates: readonly Certificate[]): Promise<void>;
  /**
   * Drains and stops: notice to the clients, no more orders, the tick in flight and the gathered one to
   * their end, the journal sealed, connections closed with 1012.
   */
  close(): Promise<void>;
}

const NEVER = new AbortController().signal;
const SOUND: LogTrouble = { dropped: 0, reason: () => null };

export interface Surroundings {
  /** Called with the progress of the recovery. */
  onProgress?: (progress: RecoveryProgress) => void;
  /** Ends a start that is not over yet: it then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Where the log goes, as far as it can fail. */
  output?: LogTrouble;
  /** What ticks are stamped with, milliseconds since 1970; the time of day unless it says. */
  stamp?: () => number;
  /** Called when all is there but the ways in. */
  beforeEdge?: () => void;
}

/** Opens the exchange on its data directory; resolves when it takes orders. */
export async function openExchange(
  config: Config,
  log: Log,
  {
    onProgress,
    signal = NEVER,
    output = SOUND,
    stamp = Date.now,
    beforeEdge = () => undefined,
  }: Surroundings = {},
): Promise<Exchange> {
  const onBug = (error: unknown): void =>
    log.error({ error: String(error), stack: stackOf(error) }, "internal error");
  const common: Common = {
    config,
    log,
    onBug,
    health: new Health(),
    metrics: new Metrics(),
    lifecycle: new Lifecycle(),
    now: Date.now,
    stamp,
    monotonic: elapsed,
    output,
    signal,
  };

  await using stages = new AsyncDisposableStack();
  stages.use(common.health.watch());
  const state = stages.use(await openState(common, onProgress));
  // Connections are closed when all that they were told is in the journal and the last snapshot taken.
  const publisher = stages.use(new Publisher(config.gateway.compression));
  const engine = stages.use(openEngine(common, state, publisher, await openTracing(common)));
  const market = stages.use(await openMarket(common, state, engine));
  signal.throwIfAborted();
  beforeEdge();
  const edge = stages.use(await openEdge(common, state, engine, market, publisher));

  const opened = stages.move();
  return {
    port: edge.port,
    operations: edge.operations,
    people: edge.people,
    control: engine.control,
    health: common.health,
    metrics: common.metrics,
    symbols: market.symbols,
    listed: market.listed,
    renewCertificates: edge.renewCertificates,
    close: () => opened.disposeAsync(),
  };
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}
