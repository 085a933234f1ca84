/**
 * Very many connections at once. Readers check every message of their books; some of them are cut off and resume. Other
 * connections are slow or hostile. Orders come at planned times.
 */
import { join } from "node:path";
import { createPublicClient } from "@waiver/client";
import { createLoadUser } from "../load/exchange-admin.ts";
import { LineProcess } from "../load/line-process.ts";
import { measureLoad } from "../load/measure.ts";
import type { Percentiles } from "../load/plan.ts";
import { processUsage } from "../load/process-usage.ts";
import { type ServerProcess, startExchange } from "../load/server-process.ts";
import { exchangeTarget } from "../load/target.ts";
import type { ScaleCount, ScalePlan, ScaleRequest } from "./plan.ts";

const PROCESSES = 4;
/** As many as one firm may have. */
const CONNECTIONS_A_USER = 100;
const TRADERS = 16;
const IN_FLIGHT_MAX = 8192;
const SHARE_SLOW = 0.01;
const SHARE_HOSTILE = 0.01;
const SETTLE_MS = 3000;

export interface ScaleOptions {
  parentDir: string;
  connections: number;
  symbols: number;
  symbolsEach: number;
  ordersPerSecond: number;
  churnPerSecond: number;
  seconds: number;
  seed: number;
}

export interface ScaleReport {
  connections: number;
  slow: number;
  hostile: number;
  orders_per_s: number;
  deliveries_per_s: number;
  /** From the planned time of sending to the acknowledgement, in microseconds. */
  latency_us: Percentiles;
  /** Memory of an open and subscribed connection, before any order. */
  bytes_a_connection: number | null;
  /** Shares of a core that server, readers and the client that sends orders use. */
  server_cpu: number | null;
  readers_cpu: number;
  client_cpu: number;
  rejected: number;
  messages: number;
  cut: number;
  resumed: number;
  begun_anew: number;
  closed_slow: number;
  closed_hostile: number;
  /** Must be 0: gaps, books that lack the last change, and readers that the server closed. See `ScaleCount`. */
  gaps: number;
  behind: number;
  closed_readers: number;
}

export async function runScale(options: ScaleOptions): Promise<ScaleReport> {
  const { parentDir, connections, seconds } = options;
  const most = connections + TRADERS + 64;
  await using exchange = await startExchange({ parentDir, durability: "fsync", connections: most });
  const target = await exchangeTarget(exchange, { connections: TRADERS, symbols: options.symbols });
  const users: ScalePlan["users"] = [];
  const count = Math.ceil(connections / CONNECTIONS_A_USER);
  for (let n = 0; n < count; n++) users.push(await createLoadUser(exchange, `reader-${n}`, []));

  const before = await processUsage(exchange.pid);
  const part = (share: number) => Math.ceil((connections * share) / PROCESSES);
  const [slow, hostile] = [part(SHARE_SLOW), part(SHARE_HOSTILE)];
  const readers = Math.ceil(connections / PROCESSES) - slow - hostile;
  await using clients = new Clients();
  await clients.start((n) => ({
    ...{ port: exchange.port, readers, slow, hostile, users, symbols: target.symbols },
    symbolsEach: options.symbolsEach,
    slowParams: { channels: ["depth", "trades", "book"], symbols: ["*"] },
    churnPerSecond: options.churnPerSecond / PROCESSES,
    seed: options.seed + n,
  }));
  const opened = await processUsage(exchange.pid);
  progress(`${connections} connections are open and subscribed`);

  const load = measureLoad(exchange, {
    ...target,
    ...{ encoding: "msgpack", flow: "balanced", in_flight: IN_FLIGHT_MAX, latency_every: 1 },
    ...{ orders_per_s: options.ordersPerSecond, warmup_s: 2, seconds },
  });
  await Bun.sleep(2000);
  const start = await clients.ask({ ask: "count" });
  await Bun.sleep(seconds * 1000 - 500);
  const end = await clients.ask({ ask: "count" });
  const { client, perSecond, serverCpu } = await load;
  progress("the orders are over");
  await clients.ask({ ask: "settle" });
  await Bun.sleep(SETTLE_MS);
  const seqs = await lastChanges(exchange, target.symbols);
  const last = await clients.ask({ ask: "verify", seqs });
  progress("every reader has told how far it has come");

  const sum = (of: readonly ScaleCount[], key: keyof ScaleCount) =>
    of.reduce((total, count) => total + count[key], 0);
  const elapsed = (end[0].nowNs - start[0].nowNs) / 1e9;
  const perReader = before && opened && ((opened.rssMib - before.rssMib) * 2 ** 20) / connections;
  return {
    connections,
    slow: slow * PROCESSES,
    hostile: hostile * PROCESSES,
    orders_per_s: Math.round(perSecond),
    deliveries_per_s: Math.round((sum(end, "messages") - sum(start, "messages")) / elapsed),
    latency_us: client.latency_us,
    bytes_a_connection: perReader === undefined ? null : Math.round(perReader),
    server_cpu: serverCpu,
    readers_cpu: (sum(end, "cpuSeconds") - sum(start, "cpuSeconds")) / elapsed,
    client_cpu: client.client_cpu,
    rejected: client.rejected,
    messages: sum(last, "messages"),
    cut: sum(last, "cut"),
    resumed: sum(last, "resumed"),
    begun_anew: sum(last, "begunAnew"),
    closed_slow: sum(last, "closedSlow"),
    closed_hostile: sum(last, "closedHostile"),
    gaps: sum(last, "gaps"),
    behind: sum(last, "behind"),
    closed_readers: sum(last, "closedReaders"),
  };
}

/** Tells on standard error how far the run is, because it takes minutes. */
function progress(text: string): void {
  console.error(`${(performance.now() / 1000).toFixed(0)} s: ${text}`);
}

/** The number of the last change, by symbol. */
async function lastChanges(
  { port }: ServerProcess,
  symbols: readonly string[],
): Promise<Record<string, number>> {
  const url = `ws://127.0.0.1:${port}`;
  const client = createPublicClient({ url });
  const seqs: Record<string, number> = {};
  for (const symbol of symbols) {
    seqs[symbol] = (await client.bookSnapshot({ symbol })).seq;
    // All requests at once would exceed the rate limit of an anonymous client.
    await Bun.sleep(5);
  }
  client.close();
  return seqs;
}

class Clients implements AsyncDisposable {
  readonly #clients = Array.from(
    { length: PROCESSES },
    () => new LineProcess<ScaleCount>(join(import.meta.dir, "client.ts")),
  );

  /** Resolves when all connections are open and subscribed. */
  async start(plan: (process: number) => ScalePlan): Promise<void> {
    await Promise.all(this.#clients.map((client, n) => client.ask(plan(n))));
  }

  ask(request: ScaleRequest): Promise<ScaleCount[]> {
    return Promise.all(this.#clients.map((client) => client.ask(request)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client[Symbol.asyncDispose]()));
  }
}
