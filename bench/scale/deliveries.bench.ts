/**
 * `bun bench/scale/deliveries.bench.ts [--short] [--dir DIR] [--connections N] [--orders N] [--each N] [--symbols N]
 * [--rounds N] [--seconds S] [--fsync] [--alone]`: the processor time of a delivery in an exchange with very many
 * connections. Each connection subscribes to `depth` of some of 500 symbols.
 *
 * The baseline is a bare `Bun.serve` that publishes the same frames at the times of the same ticks, with a native topic
 * for each symbol. An exchange with the same orders and without subscribers gives the part of the orders, so that it
 * can be subtracted. The journal is only flushed with `--fsync`; otherwise the number of ticks would depend on the
 * disk.
 *
 * `--alone` measures the exchange without a baseline. It prints the deliveries and the processor time of all processes,
 * one line for each rate of `--orders N,N,…`. One in a hundred connections is then slow, and as many send invalid
 * messages; their deliveries are not counted. `ulimit -n` must be above the number of connections.
 */
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type RecordedTick, recordTicks } from "../fanout/record-ticks.ts";
import { median, rounded } from "../figures.ts";
import { runClient } from "../load/client-process.ts";
import { cancelAll, ticksTotal } from "../load/exchange-admin.ts";
import { LineProcess } from "../load/line-process.ts";
import type { Percentiles } from "../load/plan.ts";
import { coreShare, processUsage } from "../load/process-usage.ts";
import { type ServerProcess, startBareServer, startExchange } from "../load/server-process.ts";
import { exchangeTarget } from "../load/target.ts";
import { type Deliveries, Subscribers } from "../subscribers/subscribers.ts";
import type { ScaleCount, ScalePlan } from "./plan.ts";

const { values } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    dir: { type: "string", default: tmpdir() },
    connections: { type: "string", default: "10000" },
    symbols: { type: "string", default: "500" },
    each: { type: "string", default: "5" },
    orders: { type: "string", default: "10000" },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "3" },
    fsync: { type: "boolean", default: false },
    alone: { type: "boolean", default: false },
  },
});
if (values.short) {
  Object.assign(values, {
    connections: "50",
    symbols: "20",
    orders: "300",
    rounds: "1",
    seconds: "0.3",
  });
}
/** With `--alone`: the share of all connections that are slow. As many are hostile. */
const TROUBLED_SHARE = 0.01;
const CONNECTIONS = Number(values.connections);
const TROUBLED = values.alone ? Math.ceil(CONNECTIONS * TROUBLED_SHARE) : 0;
const TRADERS = 16;
const LOAD = { connections: TRADERS, symbols: Number(values.symbols) };
const ORDERS = values.orders.split(",").map(Number);
const SECONDS = Number(values.seconds);
const WARM_UP_S = SECONDS / 3;

/** An exchange and the target of its load. */
class Market implements AsyncDisposable {
  private constructor(
    readonly exchange: ServerProcess,
    readonly target: Awaited<ReturnType<typeof exchangeTarget>>,
  ) {}

  static async open(): Promise<Market> {
    const connections = CONNECTIONS + TRADERS;
    const exchange = await startExchange({
      ...{ parentDir: values.dir, durability: values.fsync ? "fsync" : "none", connections },
    });
    return new Market(exchange, await exchangeTarget(exchange, LOAD));
  }

  /** Sends orders at planned times, and calls `look` meanwhile. Returns what `look` found and figures of the orders. */
  async trade<Found>(
    ordersPerSecond: number,
    look: () => Promise<Found>,
  ): Promise<{
    found: Found;
    perSecond: number;
    clientShare: number;
    ticks: number;
    latency: Percentiles;
  }> {
    const started = Promise.withResolvers<void>();
    const plan = {
      ...this.target,
      ...{ encoding: "msgpack", flow: "balanced", in_flight: 1024 },
      // Exact to a millisecond, because the client only sends every millisecond.
      latency_every: 1,
      ...{
        orders_per_s: ordersPerSecond,
        look_every_ms: 1,
        warmup_s: WARM_UP_S,
        seconds: SECONDS + 1,
      },
      check_every: 0,
    } as const;
    const load = runClient(plan, {
      onMeasuring: async () => started.resolve(),
      onDone: () => Promise.resolve(),
    });
    await Promise.race([started.promise, load]);
    const before = await this.#ticks();
    const found = await look();
    const ticks = ((await this.#ticks()) - before) / SECONDS;
    const { acked, seconds, client_cpu: clientShare, latency_us: latency } = await load;
    const perSecond = acked / seconds;
    await cancelAll(this.exchange.port, this.target.users);
    return { found, perSecond, clientShare, ticks, latency };
  }

  async #ticks(): Promise<number> {
    return (await ticksTotal(this.exchange.port)) ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.exchange[Symbol.asyncDispose]();
  }
}

/** The share of a core that the server uses while `watch` runs. */
async function shareOf<Found>(
  { pid }: ServerProcess,
  watch: () => Promise<Found>,
): Promise<{ share: number; found: Found }> {
  const before = await processUsage(pid);
  const found = await watch();
  const share = coreShare(before, await processUsage(pid));
  if (share === null) throw new Error("This bench needs /proc, which only Linux has");
  return { share, found };
}

/** Figures of the exchange with readers. */
interface WithReaders {
  orders: number;
  ticks: number;
  deliveries: number;
  bytes: number;
  share: number;
  readersShare: number;
  clientShare: number;
  /** Latency of the orders in microseconds. */
  latency: Percentiles;
}

/** The figures of the exchange without readers and of the bare server as well. */
interface Compared extends WithReaders {
  ordersWithoutReaders: number;
  shareWithoutReaders: number;
  bareDeliveries: number;
  bareShare: number;
}

/** Microseconds of processor time for a delivery. */
const deliveryUs = ({ deliveries, share }: WithReaders): number => (share / deliveries) * 1e6;
const readersUs = ({ deliveries, readersShare }: WithReaders): number =>
  (readersShare / deliveries) * 1e6;
const bareUs = ({ bareDeliveries, bareShare }: Compared): number =>
  (bareShare / bareDeliveries) * 1e6;
/** `deliveryUs` without the time of the orders, which is scaled if the exchange without readers took more of them. */
const deliveryUsWithoutOrders = ({
  deliveries,
  share,
  orders,
  ordersWithoutReaders,
  shareWithoutReaders,
}: Compared): number =>
  ((share - shareWithoutReaders * (orders / ordersWithoutReaders)) / deliveries) * 1e6;

await using stack = new AsyncDisposableStack();
const market = stack.use(await Market.open());
const subscription = {
  ...({ encoding: "json", channel: "depth", connections: CONNECTIONS - 2 * TROUBLED } as const),
  some: { symbols: market.target.symbols, each: Number(values.each) },
};
const readers = stack.use(await Subscribers.open({ ...subscription, port: market.exchange.port }));
if (TROUBLED > 0) await openTroubled();
if (values.alone) {
  for (const orders of ORDERS) {
    const rounds: WithReaders[] = [];
    for (let i = 0; i < Number(values.rounds); i++) rounds.push(await measureReaders(orders));
    print({ orders, ...figuresOf(rounds) });
  }
} else {
  print(await compared(ORDERS[0]));
}

function print(figures: object): void {
  const settings = { ...LOAD, ...values, seconds: SECONDS };
  console.log(JSON.stringify({ bench: "deliveries", settings, ...figures }));
}

function figuresOf(rounds: readonly WithReaders[]) {
  const of = (pick: (round: WithReaders) => number, digits: number): number =>
    rounded(median(rounds.map(pick)), digits);
  return {
    orders_per_s: of(({ orders }) => orders, 0),
    acknowledged_p50_ms: of(({ latency }) => latency.p50 / 1000, 1),
    acknowledged_p99_ms: of(({ latency }) => latency.p99 / 1000, 1),
    ticks_per_s: of(({ ticks }) => ticks, 0),
    deliveries_per_s: of(({ deliveries }) => deliveries, 0),
    bytes_a_delivery: of(({ bytes }) => bytes, 0),
    share: of(({ share }) => share, 3),
    readers_share: of(({ readersShare }) => readersShare, 3),
    client_share: of(({ clientShare }) => clientShare, 3),
    us_a_delivery: of(deliveryUs, 2),
    readers_us_a_delivery: of(readersUs, 2),
  };
}

async function compared(orders: number) {
  const directory = fs.mkdtempSync(join(values.dir, "waiver-deliveries-"));
  stack.defer(() => fs.rmSync(directory, { recursive: true }));
  const quietMarket = stack.use(await Market.open());
  const ticks = await record(orders);
  const recording = join(directory, "ticks.json");
  await Bun.write(recording, JSON.stringify(ticks));
  const program = join(import.meta.dir, "..", "fanout", "publish-server.ts");
  const bare = stack.use(await startBareServer(program, recording, "--paced"));
  const bareReaders = stack.use(await Subscribers.open({ ...subscription, port: bare.port }));
  const rounds: Compared[] = [];
  for (let i = 0; i < Number(values.rounds); i++) {
    rounds.push(await measure(orders, quietMarket, bare, bareReaders));
  }
  const of = (pick: (round: Compared) => number, digits: number): number =>
    rounded(median(rounds.map(pick)), digits);
  const framesATick = ticks.reduce((sum, { frames }) => sum + frames.length, 0) / ticks.length;
  return {
    ...figuresOf(rounds),
    frames_a_tick: rounded(framesATick, 1),
    bare_deliveries_per_s: of(({ bareDeliveries }) => bareDeliveries, 0),
    share_without_readers: of(({ shareWithoutReaders }) => shareWithoutReaders, 3),
    bare_share: of(({ bareShare }) => bareShare, 3),
    us_a_delivery_without_orders: of(deliveryUsWithoutOrders, 2),
    bare_us_a_delivery: of(bareUs, 2),
    ratio: of((round) => deliveryUs(round) / bareUs(round), 3),
    ratio_without_orders: of((round) => deliveryUsWithoutOrders(round) / bareUs(round), 3),
  };
}

/** Opens the slow and the hostile connections. They connect again when the server closes them. */
async function openTroubled(): Promise<void> {
  const troubled = stack.use(new LineProcess<ScaleCount>(join(import.meta.dir, "client.ts")));
  const symbols = market.target.symbols.slice(0, Number(values.each));
  const plan: ScalePlan = {
    ...{ port: market.exchange.port, readers: 0, slow: TROUBLED, hostile: TROUBLED },
    ...{ slowParams: { channels: ["depth"], symbols }, users: [], symbols, symbolsEach: 0 },
    ...{ churnPerSecond: 0, seed: 1 },
  };
  await troubled.ask(plan);
}

async function record(orders: number): Promise<RecordedTick[]> {
  const recorder = await recordTicks(market.exchange.port, "depth");
  const { found } = await market.trade(orders, async () => {
    await Bun.sleep(SECONDS * 1000);
    return recorder.ticks();
  });
  recorder.close();
  return found;
}

async function measureReaders(orders: number): Promise<WithReaders> {
  const count = (): Promise<Deliveries> => readers.measure(SECONDS);
  const { found, perSecond, clientShare, ticks, latency } = await market.trade(orders, () =>
    shareOf(market.exchange, count),
  );
  return {
    ...{ orders: perSecond, ticks, share: found.share, clientShare, latency },
    deliveries: found.found.framesPerSecond,
    bytes: found.found.bytesPerFrame,
    readersShare: found.found.cpu,
  };
}

async function measure(
  orders: number,
  quietMarket: Market,
  bare: ServerProcess,
  bareReaders: Subscribers,
): Promise<Compared> {
  const ours = await measureReaders(orders);
  const without = await quietMarket.trade(orders, () =>
    shareOf(quietMarket.exchange, () => Bun.sleep(SECONDS * 1000)),
  );
  await fetch(`http://127.0.0.1:${bare.port}/start`);
  await Bun.sleep(WARM_UP_S * 1000);
  const theirs = await shareOf(bare, () => bareReaders.measure(SECONDS));
  await fetch(`http://127.0.0.1:${bare.port}/stop`);
  return {
    ...ours,
    ordersWithoutReaders: without.perSecond,
    shareWithoutReaders: without.found.share,
    bareDeliveries: theirs.found.framesPerSecond,
    bareShare: theirs.share,
  };
}
