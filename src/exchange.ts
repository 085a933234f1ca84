/**
 * The wiring diagram: the stages of the exchange, opened from the inside out and closed in reverse. Each stage closes
 * what it opened. `stages/` has their code.
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
   * Uses these certificates for new connections; open connections keep theirs. Rejects with the reason when a
   * certificate cannot be used, or when this would switch TLS on or off: the old ones then stay in use. Does nothing
   * for an exchange without TLS.
   */
  renewCertificates(certificates: readonly Certificate[]): Promise<void>;
  /**
   * Drains and stops. Clients get a notice and no more orders are taken. The tick in flight and the one that gathers
   * are finished, the journal is sealed, and connections are closed with 1012.
   */
  close(): Promise<void>;
  /** Ends all connections with 1012, when `close` waits for what does not come. */
  cut(): Promise<void>;
}

const NEVER = new AbortController().signal;
const SOUND: LogTrouble = { dropped: 0, reason: () => null };

export interface Surroundings {
  /** Called with the progress of the recovery. */
  onProgress?: (progress: RecoveryProgress) => void;
  /** Ends a start that is not over yet: `openExchange` then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** What is wrong with the log's destination. */
  output?: LogTrouble;
  /** Gives the time that ticks are stamped with, milliseconds since 1970. By default the wall clock. */
  stamp?: () => number;
  /** Called when everything is open except the listeners. */
  beforeEdge?: () => void;
}

/** Opens the exchange on its data directory. Resolves when it takes orders; rejects with the reason when it cannot. */
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
  // Opened before the engine, so that connections close after it: when the journal is sealed and the snapshot taken.
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
    cut: () => publisher[Symbol.asyncDispose](),
  };
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}
