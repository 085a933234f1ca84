/**
 * `bun bench/scale/deliveries.bench.ts [--short] [--dir DIR] [--connections N] [--orders N] [--each N] [--symbols N]
 * [--rounds N] [--seconds S] [--fsync] [--alone]`: what a delivery costs an exchange with very many connections, each of
 * which hears `depth` of some of 500 symbols, against a bare `Bun.serve` that publishes the same frames to native topics,
 * one topic a symbol, at the times of the same ticks. By processor time of the servers: what one of the exchange spends
 * beyond an exchange that gets the same orders and that nobody listens to. The journal is not flushed unless `--fsync` says
 * so: how many ticks there are is not to be the disk's affair.
 *
 * `--alone` leaves out what it is held against: how many deliveries there are, and what all who take part spend; a line for
 * each of several `--orders N,N,…`. One in a hundred of the connections is slow then, and as many send what no client
 * should; neither are counted. `ulimit -n` must be above the connections.
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
/** Of all connections that are slow, and as many that are hostile, where the exchange is alone. */
const TROUBLED_SHARE = 0.01;
const CONNECTIONS = Number(values.connections);
const TROUBLED = values.alone ? Math.ceil(CONNECTIONS * TROUBLED_SHARE) : 0;
const TRADERS = 16;
const LOAD = { connections: TRADERS, symbols: Number(values.symbols) };
const ORDERS = values.orders.split(",").map(Number);
const SECONDS = Number(values.seconds);
const WARM_UP_S = SECONDS / 3;

/** An exchange, and the load that is aimed at it. */
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

  /** Orders at planned times, longer than they are looked at; gives what `look` finds and the orders of a second. */
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
      // From the planned time, give or take the millisecond.
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

/** Shares of a core that the server takes while `watch` lasts. */
async function shareOf<Found>(
  { pid }: ServerProcess,
  watch: () => Promise<Found>,
): Promise<{ share: number; found: Found }> {
  const before = await processUsage(pid);
  const found = await watch();
  const share = coreShare(before, await processUsage(pid));
  if (share === null) throw new Error("There is no /proc");
  return { share, found };
}

/** What the exchange does with readers. */
interface Heard {
  orders: number;
  ticks: number;
  deliveries: number;
  bytes: number;
  share: number;
  readersShare: number;
  clientShare: number;
  /** Of the orders, microseconds. */
  latency: Percentiles;
}

/** And what it is held against. */
interface Compared extends Heard {
  ordersUnheard: number;
  shareUnheard: number;
  bareDeliveries: number;
  bareShare: number;
}

/** Processor time of a delivery, microseconds. */
const each = ({ deliveries, share }: Heard): number => (share / deliveries) * 1e6;
const eachOfReaders = ({ deliveries, readersShare }: Heard): number =>
  (readersShare / deliveries) * 1e6;
const eachBare = ({ bareDeliveries, bareShare }: Compared): number =>
  (bareShare / bareDeliveries) * 1e6;
/** Without that of the orders, whose number may be another when nobody listens. */
const eachAlone = ({ deliveries, share, orders, ordersUnheard, shareUnheard }: Compared): number =>
  ((share - shareUnheard * (orders / ordersUnheard)) / deliveries) * 1e6;

await using stack = new AsyncDisposableStack();
const heard = stack.use(await Market.open());
const subscription = {
  ...({ encoding: "json", channel: "depth", connections: CONNECTIONS - 2 * TROUBLED } as const),
  some: { symbols: heard.target.symbols, each: Number(values.each) },
};
const readers = stack.use(await Subscribers.open({ ...subscription, port: heard.exchange.port }));
if (TROUBLED > 0) await openTroubled();
if (values.alone) {
  for (const orders of ORDERS) {
    const rounds: Heard[] = [];
    for (let i = 0; i < Number(values.rounds); i++) rounds.push(await hear(orders));
    print({ orders, ...ofHeard(rounds) });
  }
} else {
  print(await compared(ORDERS[0]));
}

function print(figures: object): void {
  const settings = { ...LOAD, ...values, seconds: SECONDS };
  console.log(JSON.stringify({ bench: "deliveries", settings, ...figures }));
}

function ofHeard(rounds: readonly Heard[]) {
  const of = (pick: (round: Heard) => number, digits: number): number =>
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
    us_a_delivery: of(each, 2),
    readers_us_a_delivery: of(eachOfReaders, 2),
  };
}

async function compared(orders: number) {
  const directory = fs.mkdtempSync(join(values.dir, "waiver-deliveries-"));
  stack.defer(() => fs.rmSync(directory, { recursive: true }));
  const unheard = stack.use(await Market.open());
  const ticks = await record(orders);
  const recording = join(directory, "ticks.json");
  await Bun.write(recording, JSON.stringify(ticks));
  const program = join(import.meta.dir, "..", "fanout", "publish-server.ts");
  const bare = stack.use(await startBareServer(program, recording, "--paced"));
  const bareReaders = stack.use(await Subscribers.open({ ...subscription, port: bare.port }));
  const rounds: Compared[] = [];
  for (let i = 0; i < Number(values.rounds); i++) {
    rounds.push(await measure(orders, unheard, bare, bareReaders));
  }
  const of = (pick: (round: Compared) => number, digits: number): number =>
    rounded(median(rounds.map(pick)), digits);
  const framesATick = ticks.reduce((sum, { frames }) => sum + frames.length, 0) / ticks.length;
  return {
    ...ofHeard(rounds),
    frames_a_tick: rounded(framesATick, 1),
    bare_deliveries_per_s: of(({ bareDeliveries }) => bareDeliveries, 0),
    share_unheard: of(({ shareUnheard }) => shareUnheard, 3),
    bare_share: of(({ bareShare }) => bareShare, 3),
    us_a_delivery_alone: of(eachAlone, 2),
    bare_us_a_delivery: of(eachBare, 2),
    ratio: of((round) => each(round) / eachBare(round), 3),
    ratio_alone: of((round) => eachAlone(round) / eachBare(round), 3),
  };
}

/** Slow and hostile connections, which come back when they are closed. */
async function openTroubled(): Promise<void> {
  const troubled = stack.use(new LineProcess<ScaleCount>(join(import.meta.dir, "client.ts")));
  const symbols = heard.target.symbols.slice(0, Number(values.each));
  const plan: ScalePlan = {
    ...{ port: heard.exchange.port, readers: 0, slow: TROUBLED, hostile: TROUBLED },
    ...{ slowParams: { channels: ["depth"], symbols }, users: [], symbols, symbolsEach: 0 },
    ...{ churnPerSecond: 0, seed: 1 },
  };
  await troubled.ask(plan);
}

async function record(orders: number): Promise<RecordedTick[]> {
  const recorder = await recordTicks(heard.exchange.port, "depth");
  const { found } = await heard.trade(orders, async () => {
    await Bun.sleep(SECONDS * 1000);
    return recorder.ticks();
  });
  recorder.close();
  return found;
}

async function hear(orders: number): Promise<Heard> {
  const count = (): Promise<Deliveries> => readers.measure(SECONDS);
  const { found, perSecond, clientShare, ticks, latency } = await heard.trade(orders, () =>
    shareOf(heard.exchange, count),
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
  unheard: Market,
  bare: ServerProcess,
  bareReaders: Subscribers,
): Promise<Compared> {
  const ours = await hear(orders);
  const without = await unheard.trade(orders, () =>
    shareOf(unheard.exchange, () => Bun.sleep(SECONDS * 1000)),
  );
  await fetch(`http://127.0.0.1:${bare.port}/start`);
  await Bun.sleep(WARM_UP_S * 1000);
  const theirs = await shareOf(bare, () => bareReaders.measure(SECONDS));
  await fetch(`http://127.0.0.1:${bare.port}/stop`);
  return {
    ...ours,
    ordersUnheard: without.perSecond,
    shareUnheard: without.found.share,
    bareDeliveries: theirs.found.framesPerSecond,
    bareShare: theirs.share,
  };
}
