/**
 * `bun bench/scale/deliveries.bench.ts [--short] [--dir DIR] [--connections N] [--orders N] [--each N] [--symbols N]
 * [--rounds N] [--fsync]`: what a
 * delivery costs an exchange with very many connections, each of which hears `depth` of some of 500 symbols, against a bare
 * `Bun.serve` that publishes the same frames to native topics, one topic a symbol, at the times of the same ticks. By
 * processor time of the servers: what one of the exchange spends beyond an exchange that gets the same orders and that
 * nobody listens to. The journal is not flushed unless `--fsync` says so: how many ticks there are is not to be the
 * disk's affair. `ulimit -n` must be above the connections.
 */
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type RecordedTick, recordTicks } from "../fanout/record-ticks.ts";
import { median, rounded } from "../figures.ts";
import { runClient } from "../load/client-process.ts";
import { cancelAll } from "../load/exchange-admin.ts";
import { processUsage } from "../load/process-usage.ts";
import { type ServerProcess, startBareServer, startExchange } from "../load/server-process.ts";
import { exchangeTarget } from "../load/target.ts";
import { type Deliveries, Subscribers } from "../subscribers/subscribers.ts";

const { values } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    dir: { type: "string", default: tmpdir() },
    connections: { type: "string", default: "10000" },
    symbols: { type: "string", default: "500" },
    each: { type: "string", default: "5" },
    orders: { type: "string", default: "10000" },
    rounds: { type: "string", default: "5" },
    fsync: { type: "boolean", default: false },
  },
});
if (values.short) {
  Object.assign(values, { connections: "50", symbols: "20", orders: "300", rounds: "1" });
}
const CONNECTIONS = Number(values.connections);
const TRADERS = 16;
const LOAD = { connections: TRADERS, symbols: Number(values.symbols) };
const [WARM_UP_S, SECONDS] = values.short ? [0.2, 0.5] : [1, 3];

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
  async trade<Found>(look: () => Promise<Found>): Promise<{ found: Found; perSecond: number }> {
    const started = Promise.withResolvers<void>();
    const plan = {
      ...this.target,
      ...{ encoding: "msgpack", flow: "balanced", in_flight: 1024 },
      ...{ orders_per_s: Number(values.orders), warmup_s: WARM_UP_S, seconds: SECONDS + 1 },
      check_every: 0,
    } as const;
    const load = runClient(plan, {
      onMeasuring: async () => started.resolve(),
      onDone: () => Promise.resolve(),
    });
    await Promise.race([started.promise, load]);
    const found = await look();
    const { acked, seconds } = await load;
    const perSecond = acked / seconds;
    await cancelAll(this.exchange.port, this.target.users);
    return { found, perSecond };
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
  const startNs = Bun.nanoseconds();
  const found = await watch();
  const elapsed = (Bun.nanoseconds() - startNs) / 1e9;
  const after = await processUsage(pid);
  if (before === undefined || after === undefined) throw new Error("There is no /proc");
  return { share: (after.cpuSeconds - before.cpuSeconds) / elapsed, found };
}

interface Round {
  orders: number;
  deliveries: number;
  share: number;
  ordersUnheard: number;
  shareUnheard: number;
  bareDeliveries: number;
  bareShare: number;
  readersShare: number;
}

/** Processor time of a delivery, microseconds. */
const each = ({ deliveries, share }: Round): number => (share / deliveries) * 1e6;
const eachBare = ({ bareDeliveries, bareShare }: Round): number =>
  (bareShare / bareDeliveries) * 1e6;
/** Without that of the orders, whose number may be another when nobody listens. */
const eachAlone = ({ deliveries, share, orders, ordersUnheard, shareUnheard }: Round): number =>
  ((share - shareUnheard * (orders / ordersUnheard)) / deliveries) * 1e6;

await using stack = new AsyncDisposableStack();
const directory = fs.mkdtempSync(join(values.dir, "waiver-deliveries-"));
stack.defer(() => fs.rmSync(directory, { recursive: true }));
const heard = stack.use(await Market.open());
const unheard = stack.use(await Market.open());
const subscription = {
  ...({ encoding: "json", channel: "depth", connections: CONNECTIONS } as const),
  some: { symbols: heard.target.symbols, each: Number(values.each) },
};
const readers = stack.use(await Subscribers.open({ ...subscription, port: heard.exchange.port }));
const ticks = await record();
const recording = join(directory, "ticks.json");
await Bun.write(recording, JSON.stringify(ticks));
const program = join(import.meta.dir, "..", "fanout", "publish-server.ts");
const bare = stack.use(await startBareServer(program, recording, "--paced"));
const bareReaders = stack.use(await Subscribers.open({ ...subscription, port: bare.port }));

const rounds: Round[] = [];
for (let i = 0; i < Number(values.rounds); i++) rounds.push(await measure());
const of = (pick: (round: Round) => number, digits: number): number =>
  rounded(median(rounds.map(pick)), digits);
const framesATick = ticks.reduce((sum, { frames }) => sum + frames.length, 0) / ticks.length;
console.log(
  JSON.stringify({
    bench: "deliveries",
    settings: { ...LOAD, ...values, seconds: SECONDS },
    ticks_per_s: rounded(ticksPerSecond(ticks), 0),
    frames_a_tick: rounded(framesATick, 1),
    orders_per_s: of(({ orders }) => orders, 0),
    deliveries_per_s: of(({ deliveries }) => deliveries, 0),
    bare_deliveries_per_s: of(({ bareDeliveries }) => bareDeliveries, 0),
    share: of(({ share }) => share, 3),
    share_unheard: of(({ shareUnheard }) => shareUnheard, 3),
    bare_share: of(({ bareShare }) => bareShare, 3),
    readers_share: of(({ readersShare }) => readersShare, 3),
    us_a_delivery: of(each, 2),
    us_a_delivery_alone: of(eachAlone, 2),
    bare_us_a_delivery: of(eachBare, 2),
    ratio: of((round) => each(round) / eachBare(round), 3),
    ratio_alone: of((round) => eachAlone(round) / eachBare(round), 3),
  }),
);

async function record(): Promise<RecordedTick[]> {
  const recorder = await recordTicks(heard.exchange.port, "depth");
  const { found } = await heard.trade(async () => {
    await Bun.sleep(SECONDS * 1000);
    return recorder.ticks();
  });
  recorder.close();
  return found;
}

async function measure(): Promise<Round> {
  const count = (): Promise<Deliveries> => readers.measure(SECONDS);
  const ours = await heard.trade(() => shareOf(heard.exchange, count));
  const alone = await unheard.trade(() =>
    shareOf(unheard.exchange, () => Bun.sleep(SECONDS * 1000)),
  );
  await fetch(`http://127.0.0.1:${bare.port}/start`);
  await Bun.sleep(WARM_UP_S * 1000);
  const theirs = await shareOf(bare, () => bareReaders.measure(SECONDS));
  await fetch(`http://127.0.0.1:${bare.port}/stop`);
  return {
    orders: ours.perSecond,
    deliveries: ours.found.found.framesPerSecond,
    share: ours.found.share,
    readersShare: ours.found.found.cpu,
    ordersUnheard: alone.perSecond,
    shareUnheard: alone.found.share,
    bareDeliveries: theirs.found.framesPerSecond,
    bareShare: theirs.share,
  };
}

function ticksPerSecond(all: readonly RecordedTick[]): number {
  return (all.length / (all[all.length - 1].time - all[0].time)) * 1000;
}
