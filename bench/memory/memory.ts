/**
 * `bun run bench:memory [--short] [--dir DIR]`: the time until an exchange with an empty journal is ready, its memory
 * then and a second later, and the memory that each resting order and each idle connection adds. Memory means the
 * resident memory of the process, so the kernel's part of a connection is not included.
 *
 * The part of a resting order that is in the core's tables is reported as well. The rest is in the records, above all
 * in the stream of its account. Records are bounded, however many orders come, and they stay when the order is gone.
 */
import { readBenchOptions } from "../bench-options.ts";
import { coreBytes, openOrders } from "../load/exchange-admin.ts";
import { measureLoad } from "../load/measure.ts";
import { processUsage } from "../load/process-usage.ts";
import { type ServerProcess, startExchange } from "../load/server-process.ts";
import { exchangeTarget } from "../load/target.ts";
import { compare, type Round } from "../report/compare.ts";
import { type BenchReport, printReport } from "../report/report.ts";
import { Subscribers } from "../subscribers/subscribers.ts";
import { serveSleeper } from "./sleeper-stand-in.ts";

/** As many symbols as the league has active players. */
const SYMBOLS = 1017;
const LOAD = { connections: 16, in_flight: 32, symbols: 50 };
/** A wait in which the garbage of a burst is collected. */
const SETTLE_SECONDS = 1;

interface MemoryOptions {
  parentDir: string;
  rounds: number;
  idleConnections: number;
  /** Memory is read when at least the first number of orders rest, and again when the second number has been added. */
  restingOrders: readonly [number, number];
  /** Orders are placed at full speed for this long before the resting orders are counted again. */
  fillSeconds: number;
}

interface Sizes {
  readyMs: number;
  residentMb: number;
  settledMb: number;
  connectionBytes: number;
  orderBytes: number;
  orderInCoreBytes: number;
}

async function benchMemory(options: MemoryOptions): Promise<BenchReport> {
  using sleeper = serveSleeper(SYMBOLS);
  const sizes: Sizes[] = [];
  for (let i = 0; i < options.rounds; i++) sizes.push(await measureSizes(options, sleeper.url));
  const row = (name: string, unit: string, value: (sizes: Sizes) => number) =>
    compare(
      { name, unit, against: null, better: "less" },
      sizes.map((each): Round => ({ figure: value(each), baseline: null })),
    );
  const { rounds, idleConnections, restingOrders } = options;
  return {
    bench: "memory",
    settings: {
      symbols: SYMBOLS,
      rounds,
      idle: idleConnections,
      resting: restingOrders.join(" + "),
    },
    comparisons: [
      row("start to ready, empty journal", "ms", ({ readyMs }) => readyMs),
      row("resident memory when ready", "MB", ({ residentMb }) => residentMb),
      row("resident memory a second later", "MB", ({ settledMb }) => settledMb),
      row("memory of an idle connection", "B", ({ connectionBytes }) => connectionBytes),
      row("memory of a resting order and its records", "B", ({ orderBytes }) => orderBytes),
      row("of that, in the core's tables", "B", ({ orderInCoreBytes }) => orderInCoreBytes),
    ],
  };
}

async function measureSizes(options: MemoryOptions, sleeperBaseUrl: string): Promise<Sizes> {
  const { parentDir, idleConnections, restingOrders, fillSeconds } = options;
  const connections = idleConnections + LOAD.connections;
  await using exchange = await startExchange({
    parentDir,
    durability: "fsync",
    connections,
    sleeperBaseUrl,
  });
  const ready = await residentBytes(exchange);
  await Bun.sleep(SETTLE_SECONDS * 1000);
  const settled = await residentBytes(exchange);
  const connectionBytes = await idleConnectionBytes(exchange, idleConnections);
  const [few, more] = restingOrders;
  const fill = await createFill(exchange, fillSeconds);
  const withFew = await fill(few);
  const withMany = await fill(withFew.orders + more);
  const orders = withMany.orders - withFew.orders;
  return {
    readyMs: exchange.readyMs,
    residentMb: ready / 1e6,
    settledMb: settled / 1e6,
    connectionBytes,
    orderBytes: (withMany.bytes - withFew.bytes) / orders,
    orderInCoreBytes: (withMany.coreBytes - withFew.coreBytes) / orders,
  };
}

async function idleConnectionBytes(exchange: ServerProcess, connections: number): Promise<number> {
  const before = await residentBytes(exchange);
  const plan = { port: exchange.port, encoding: "json", connections, channel: null } as const;
  await using _idle = await Subscribers.open(plan);
  await Bun.sleep(SETTLE_SECONDS * 1000);
  return ((await residentBytes(exchange)) - before) / connections;
}

interface Filled {
  orders: number;
  bytes: number;
  coreBytes: number;
}

/** Creates a function that places orders until at least that many rest, and returns the memory that is in use then. */
async function createFill(
  exchange: ServerProcess,
  seconds: number,
): Promise<(orders: number) => Promise<Filled>> {
  const target = await exchangeTarget(exchange, LOAD);
  const plan = {
    ...target,
    encoding: "msgpack",
    flow: "resting",
    in_flight: LOAD.in_flight,
  } as const;
  return async (orders) => {
    while ((await openOrders(exchange.port)) < orders) {
      await measureLoad(exchange, { ...plan, warmup_s: 0, seconds });
    }
    await Bun.sleep(SETTLE_SECONDS * 1000);
    const { port } = exchange;
    const bytes = await residentBytes(exchange);
    return { orders: await openOrders(port), bytes, coreBytes: await coreBytes(port) };
  };
}

async function residentBytes({ pid }: ServerProcess): Promise<number> {
  const usage = await processUsage(pid);
  if (usage === undefined) throw new Error("Resident memory needs /proc, which only Linux has");
  return usage.rssMib * 2 ** 20;
}

const { short, parentDir } = readBenchOptions();
const sizes = short
  ? { rounds: 1, idleConnections: 100, restingOrders: [500, 1_000] as const, fillSeconds: 0.1 }
  : {
      rounds: 5,
      idleConnections: 10_000,
      restingOrders: [200_000, 800_000] as const,
      fillSeconds: 0.5,
    };
printReport(await benchMemory({ parentDir, ...sizes }));
