/** Registers every metric of `/metrics`, and where its value comes from. */

import type { Metrics } from "../analytics/metrics.ts";
import type { Core } from "../core/create.ts";
import type { CoreView } from "../core/view.ts";
import type { Housekeeping } from "../housekeeping/housekeeping.ts";
import type { WallClock } from "../lib/clocks.ts";
import type { DiskSpace } from "../persistence/disk-space.ts";
import type { LocalPersistence } from "../persistence/local.ts";
import { ErrorCode } from "../protocol/errors.ts";
import type { InboundRing } from "../router/inbound-ring.ts";
import type { Logins } from "../trading/logins.ts";
import type { OrderEntry } from "../trading/order-entry.ts";
import type { Counters } from "./counters.ts";
import type { Health } from "./health.ts";
import type { Connections } from "./websocket/connections.ts";
import type { Publisher } from "./websocket/publisher.ts";

export interface MetricSources extends WallClock {
  core: Pick<Core, "view" | "stores">;
  counters: Counters;
  entry: Pick<OrderEntry, "taken">;
  logins: Pick<Logins, "made">;
  publisher: Pick<Publisher, "published">;
  journal: LocalPersistence["counters"];
  space: DiskSpace;
  housekeeping: Housekeeping;
  ring: InboundRing;
  connections: Pick<Connections, "counts" | "unreadBytes" | "halfReadBytes">;
  health: Health;
  /** Log lines that could not be written. */
  output: { readonly dropped: number };
}

const STATUS_VALUES = { ok: 2, degraded: 1, failed: 0 } as const;

/**
 * The codes that docs/ops/alerts.yml asks for. They are there from the start on: Prometheus sees no increase in a series that
 * begins with 1, and would miss the first error.
 */
const ALERTED = [ErrorCode.INTERNAL, ErrorCode.OVERLOADED, ErrorCode.WRONG_CREDENTIALS];

export function registerMetrics(metrics: Metrics, sources: MetricSources): void {
  registerGateway(metrics, sources);
  registerMarket(metrics, sources);
  registerJournal(metrics, sources);
  registerSnapshots(metrics, sources);
  registerArchive(metrics, sources);
  registerProcess(metrics, sources);
}

function registerGateway(
  metrics: Metrics,
  { counters, connections, entry, logins, publisher, output }: MetricSources,
): void {
  metrics.gauges("waiver_connections", "Open connections", "endpoint", () =>
    Object.entries(connections.counts()),
  );
  metrics.gauge(
    "waiver_http_connections",
    "Open connections that are no WebSockets, as last looked at",
    () => counters.httpConnections,
  );
  metrics.counter(
    "waiver_http_connections_ended_total",
    "Connections without a WebSocket ended because there were too many",
    () => counters.httpConnectionsEnded,
  );
  metrics.counter("waiver_requests_total", "Frames received", () => counters.requests);
  metrics.counter("waiver_orders_total", "Order requests taken in", () => entry.taken);
  metrics.counter("waiver_logins_total", "Logins", () => logins.made);
  metrics.counter(
    "waiver_pushes_total",
    "Frames published to topics, one for each 512 connections",
    () => publisher.published,
  );
  metrics.counters(
    "waiver_disconnects_total",
    "WebSockets that have ended. client: the client closed it; lost: it broke off, or the runtime ended it as the last resort",
    "reason",
    () => Object.entries(counters.ends),
  );
  metrics.counter(
    "waiver_frames_refused_total",
    "Frames and REST requests beyond the limits of their user or address, refused",
    () => counters.framesRefused,
  );
  metrics.gauge(
    "waiver_unread_bytes",
    "Bytes that clients have not read yet, as last looked at",
    () => connections.unreadBytes,
  );
  metrics.gauge(
    "waiver_half_read_bytes",
    "Bytes of messages that have come in part, estimated from below, as last looked at",
    () => connections.halfReadBytes,
  );
  metrics.gauge(
    "waiver_conflated_connections",
    "Connections moved to conflated topics, of users whose topics carry more than they may have",
    () => counters.conflated,
  );
  metrics.counters("waiver_errors_total", "Errors answered", "code", () =>
    [...new Map([...ALERTED.map((code) => [code, 0] as const), ...counters.errors])].map(
      ([code, count]): [string, number] => [String(code), count],
    ),
  );
  metrics.counter(
    "waiver_log_lines_dropped_total",
    "Log lines that could not be written",
    () => output.dropped,
  );
}

function registerMarket(metrics: Metrics, { core: { view }, ring }: MetricSources): void {
  metrics.counter("waiver_ticks_total", "Ticks since the exchange began", () => view.tick());
  metrics.counter("waiver_commands_total", "Commands since the exchange began", () =>
    view.sequence(),
  );
  metrics.counter("waiver_trades_total", "Trades since the exchange began", () => view.trades());
  metrics.gauge("waiver_open_orders", "Orders in the books", () => view.openOrderCount());
  metrics.gauge(
    "waiver_accounts",
    "Accounts, the operator's not counted",
    () => view.nextAccount() - 1,
  );
  registerTables(metrics, view);
  metrics.gauge(
    "waiver_ring_commands",
    "Commands that wait for their tick",
    () => ring.gathering.count,
  );
  metrics.gauge(
    "waiver_ring_capacity",
    "Commands that one tick can hold",
    () => ring.gathering.capacity,
  );
}

function registerJournal(metrics: Metrics, { journal, space }: MetricSources): void {
  metrics.counter("waiver_journal_batches_total", "Batches written", () => journal.batches);
  metrics.counter("waiver_journal_bytes_total", "Bytes written", () => journal.bytes);
  metrics.counter("waiver_journal_flushes_total", "Flushes to disk", () => journal.flushes);
  metrics.counter("waiver_journal_segments_total", "Segments begun", () => journal.segments);
  metrics.counter(
    "waiver_journal_segments_late_total",
    "Segments that were not ready in time, so that a tick waited",
    () => journal.segmentsLate,
  );
  metrics.counter(
    "waiver_journal_preparations_failed_total",
    "Attempts to prepare a segment that failed",
    () => journal.preparationsFailed,
  );
  metrics.gauge(
    "waiver_persistence_free_bytes",
    "Free bytes of the disk that has least, of those with the journal, the snapshots and data_dir, as last asked",
    () => space.freeBytes,
  );
}

function registerProcess(metrics: Metrics, { core, health }: MetricSources): void {
  metrics.gauges("waiver_component_status", "2 ok, 1 degraded, 0 failed", "component", () =>
    Object.entries(health.readiness().components).map(([name, { status }]): [string, number] => [
      name,
      STATUS_VALUES[status],
    ]),
  );
  metrics.gauge("waiver_resident_memory_bytes", "Memory of the process", () =>
    process.memoryUsage.rss(),
  );
  metrics.gauge(
    "waiver_heap_bytes",
    "The runtime's heap of objects, with garbage that is not collected yet and without the tables",
    // The size of the whole heap would include the tables. Most of their memory is reserved, but not in use.
    () => process.memoryUsage().heapTotal,
  );
  metrics.gauges(
    "waiver_core_bytes",
    "Memory in use by the core's tables; the books' are orders, books, trigger-books, pages and levels",
    "table",
    () => core.stores.map(({ name, used }): [string, number] => [name, used() * 4]),
  );
}

/** The tables that all accounts share. */
function registerTables(metrics: Metrics, view: CoreView): void {
  const uses = (use: "used" | "limit") => () =>
    Object.entries(view.tables()).map(([name, table]): [string, number] => [name, table[use]]);
  metrics.gauges("waiver_table_used", "Entries in use", "table", uses("used"));
  metrics.gauges("waiver_table_limit", "Most entries that there can be", "table", uses("limit"));
}

function registerSnapshots(
  metrics: Metrics,
  { core: { view }, housekeeping: { snapshots }, now }: MetricSources,
): void {
  const { counters } = snapshots;
  metrics.counter("waiver_snapshots_total", "Snapshots taken", () => counters.taken);
  metrics.counter("waiver_snapshots_failed_total", "Snapshots that failed", () => counters.failed);
  metrics.gauge(
    "waiver_snapshot_bytes",
    "Length of the newest snapshot; 0: there is none",
    () => snapshots.newest.bytes,
  );
  metrics.gauge(
    "waiver_snapshot_seconds",
    "Time that the last snapshot took, in its own process",
    () => counters.lastMilliseconds / 1000,
  );
  metrics.gauge(
    "waiver_snapshot_age_seconds",
    "Since the last tick of the newest snapshot; +Inf: there is none",
    () => {
      const { tick, timestamp } = snapshots.newest;
      return tick === 0 ? Number.POSITIVE_INFINITY : secondsSince(timestamp, now());
    },
  );
  metrics.gauge(
    "waiver_snapshot_behind_commands",
    "Commands after the newest snapshot, which the next start would replay",
    () => view.sequence() - snapshots.newest.sequence,
  );
}

function registerArchive(
  metrics: Metrics,
  { housekeeping: { archiver }, now }: MetricSources,
): void {
  if (archiver === null) return;
  const archive = metrics.oncePerPage(() => archiver.state());
  metrics.counter("waiver_archive_uploads_total", "Objects uploaded", () => archive().uploads);
  metrics.counter("waiver_archive_bytes_total", "Bytes uploaded", () => archive().bytes);
  metrics.counter(
    "waiver_archive_failures_total",
    "Attempts that failed",
    () => archive().failures,
  );
  metrics.gauge(
    "waiver_archive_behind_segments",
    "Sealed segments that the archive lacks",
    () => archive().behindSegments,
  );
  metrics.gauge(
    "waiver_archive_behind_bytes",
    "Bytes that the archive lacks",
    () => archive().behindBytes,
  );
  metrics.gauge(
    "waiver_archive_behind_seconds",
    "Since the oldest segment that the archive lacks was sealed; 0: it lacks none",
    () => {
      const { behindSince } = archive();
      return behindSince === null ? 0 : secondsSince(behindSince, now());
    },
  );
}

/** Never negative, also after the clock was set back. */
function secondsSince(then: number, now: number): number {
  return Math.max(0, now - then) / 1000;
}
