/**
 * `bun run bench:rest [--short] [--dir DIR]`: durable orders a second over REST. The baselines are a bare `Bun.serve`
 * route that parses the same bodies, and JSON orders over WebSockets. Connections stay open and have one request in
 * flight. Exchange, bare server and client are separate processes.
 */
import { join } from "node:path";
import { readBenchOptions } from "../bench-options.ts";
import { runClient } from "../load/client-process.ts";
import { cancelAll } from "../load/exchange-admin.ts";
import { measureLoad } from "../load/measure.ts";
import type { LoadTarget } from "../load/plan.ts";
import { coreShare, processUsage } from "../load/process-usage.ts";
import { type ServerProcess, startBareServer, startExchange } from "../load/server-process.ts";
import { exchangeTarget } from "../load/target.ts";
import { compare, cpuRatio, type Round } from "../report/compare.ts";
import { type BenchReport, printReport } from "../report/report.ts";
import type { RestFigures, RestPlan } from "./plan.ts";

const LOAD = { users: 16, symbols: 50 };
const SOCKETS = { connections: 16, in_flight: 256 };

/** How many orders a request has, and on how many connections. Their product is the number of orders in flight. */
interface Size {
  name: string;
  orders: number;
  connections: number;
}
const SINGLE: Size = { name: "durable REST orders", orders: 1, connections: 256 };
const BATCHES: Size = { name: "durable REST orders, 100 a request", orders: 100, connections: 64 };

interface Timing {
  rounds: number;
  warmupSeconds: number;
  seconds: number;
}

interface Sample {
  figure: number;
  serverCpu: number | null;
  clientCpu: number;
}

async function benchRest(parentDir: string, timing: Timing): Promise<BenchReport> {
  const { rounds: count, seconds, warmupSeconds } = timing;
  const connections = SINGLE.connections + SOCKETS.connections;
  await using exchange = await startExchange({ parentDir, durability: "fsync", connections });
  await using bare = await startBareServer(join(import.meta.dir, "bare-server.ts"));
  const target = await exchangeTarget(exchange, { connections: LOAD.users, symbols: LOAD.symbols });

  const rounds: Record<"single" | "batches" | "sockets", Round[]> = {
    single: [],
    batches: [],
    sockets: [],
  };
  const turn = async (size: Size): Promise<Round> => {
    const ours = await measure(exchange, target, size, timing);
    await cancelAll(exchange.port, target.users);
    return roundOf(ours, await measure(bare, target, size, timing));
  };
  for (let i = 0; i < count; i++) {
    const single = await turn(SINGLE);
    rounds.single.push(single);
    rounds.batches.push(await turn(BATCHES));
    const load = { encoding: "json", flow: "balanced", in_flight: SOCKETS.in_flight } as const;
    const times = { warmup_s: warmupSeconds, seconds };
    const { perSecond } = await measureLoad(exchange, { ...target, ...load, ...times });
    await cancelAll(exchange.port, target.users);
    rounds.sockets.push({ figure: single.figure, baseline: perSecond });
  }
  const more = { unit: "orders/s", better: "more" } as const;
  const route = "bare route that parses";
  const sockets = { name: "REST orders by socket orders", against: "JSON over WebSockets" };
  return {
    bench: "rest",
    settings: { ...LOAD, durability: "fsync", rounds: count, seconds },
    comparisons: [
      compare({ name: SINGLE.name, against: route, ...more }, rounds.single),
      compare({ name: BATCHES.name, against: route, ...more }, rounds.batches),
      compare({ ...sockets, ...more }, rounds.sockets),
    ],
  };
}

/** One run of the load against the exchange or the bare server. */
async function measure(
  server: ServerProcess,
  { users, symbols }: LoadTarget,
  { orders, connections }: Size,
  { warmupSeconds, seconds }: Timing,
): Promise<Sample> {
  const plan = { port: server.port, users, symbols, connections, orders };
  let before = await processUsage(server.pid);
  let after = before;
  const figures = await runClient<RestPlan, RestFigures>(
    { ...plan, warmup_s: warmupSeconds, seconds },
    {
      onMeasuring: async () => {
        before = await processUsage(server.pid);
      },
      onDone: async () => {
        after = await processUsage(server.pid);
      },
    },
    join(import.meta.dir, "client.ts"),
  );
  return {
    figure: figures.acked / figures.seconds,
    serverCpu: coreShare(before, after),
    clientCpu: figures.client_cpu,
  };
}

function roundOf(ours: Sample, bare: Sample): Round {
  return {
    figure: ours.figure,
    baseline: bare.figure,
    details: {
      server_cpu: ours.serverCpu,
      client_cpu: ours.clientCpu,
      baseline_server_cpu: bare.serverCpu,
      baseline_client_cpu: bare.clientCpu,
      cpu_ratio: cpuRatio(ours, bare),
    },
  };
}

const { short, parentDir } = readBenchOptions();
const timing = short
  ? { rounds: 1, warmupSeconds: 0.1, seconds: 0.1 }
  : { rounds: 5, warmupSeconds: 1, seconds: 2 };
printReport(await benchRest(parentDir, timing));
