/**
 * `bun run bench:fanout [--short] [--dir DIR]`: deliveries a second to subscribers of every symbol while orders come
 * in. The baseline is a bare server that publishes the same frames, which were recorded from the exchange.
 */
import fs from "node:fs";
import { join } from "node:path";
import { readBenchOptions } from "../bench-options.ts";
import { cancelAll } from "../load/exchange-admin.ts";
import { measureLoad } from "../load/measure.ts";
import type { LoadPlan } from "../load/plan.ts";
import { coreShare, processUsage } from "../load/process-usage.ts";
import { type ServerProcess, startBareServer, startExchange } from "../load/server-process.ts";
import { exchangeTarget } from "../load/target.ts";
import { compare, cpuRatio, type Round } from "../report/compare.ts";
import { type BenchReport, printReport } from "../report/report.ts";
import { type Deliveries, Subscribers } from "../subscribers/subscribers.ts";
import { type RecordedTick, recordTicks } from "./record-ticks.ts";

/** There are enough orders in each tick that nearly every symbol changes. */
const LOAD = { connections: 4, in_flight: 64, symbols: 50 };
/** A channel with small messages, at most one a tick and symbol, so that the delivery is most of the cost. */
const CHANNEL = "bbo";

interface FanOutOptions {
  parentDir: string;
  subscribers: number;
  rounds: number;
  warmupSeconds: number;
  seconds: number;
}

interface Sample extends Deliveries {
  serverCpu: number | null;
}

async function benchFanOut(options: FanOutOptions): Promise<BenchReport> {
  const { parentDir, subscribers: count, warmupSeconds, seconds } = options;
  const directory = fs.mkdtempSync(join(parentDir, "waiver-fan-out-"));
  using _removed = { [Symbol.dispose]: () => fs.rmSync(directory, { recursive: true }) };
  const connections = count + LOAD.connections;
  await using exchange = await startExchange({ parentDir, durability: "fsync", connections });
  const target = await exchangeTarget(exchange, LOAD);
  const plan = {
    ...target,
    encoding: "json",
    flow: "balanced",
    in_flight: LOAD.in_flight,
  } as const;
  const subscription = { encoding: "json", connections: count, channel: CHANNEL } as const;
  await using subscribers = await Subscribers.open({ ...subscription, port: exchange.port });
  const recording = join(directory, "ticks.json");
  const ticks = await record(exchange, { ...plan, warmup_s: warmupSeconds, seconds });
  await Bun.write(recording, JSON.stringify(ticks));
  await using bare = await startBareServer(join(import.meta.dir, "publish-server.ts"), recording);
  await using bareSubscribers = await Subscribers.open({ ...subscription, port: bare.port });

  const rounds: Round[] = [];
  for (let i = 0; i < options.rounds; i++) {
    // The load runs a little longer than the subscribers count.
    const warm = Promise.withResolvers<void>();
    const loadPlan = { ...plan, warmup_s: warmupSeconds, seconds: seconds + 1 };
    const load = measureLoad(exchange, loadPlan, warm.resolve);
    await Promise.race([warm.promise, load]);
    const ours = await sample(exchange, subscribers, seconds);
    await load;
    await cancelAll(exchange.port, target.users);
    await fetch(`http://127.0.0.1:${bare.port}/start`);
    await Bun.sleep(warmupSeconds * 1000);
    const theirs = await sample(bare, bareSubscribers, seconds);
    await fetch(`http://127.0.0.1:${bare.port}/stop`);
    rounds.push(roundOf(ours, theirs));
  }
  const heading = {
    name: `deliveries of ${CHANNEL} to all subscribers`,
    unit: "frames/s",
    against: "bare server.publish of the same frames",
    better: "more",
  } as const;
  const perTick = ticks.reduce((sum, { frames }) => sum + frames.length, 0) / ticks.length;
  return {
    bench: "fanout",
    settings: {
      ...LOAD,
      subscribers: count,
      frames_a_tick: perTick.toFixed(1),
      rounds: options.rounds,
      seconds,
    },
    comparisons: [compare(heading, rounds)],
  };
}

async function record(
  exchange: ServerProcess,
  plan: Omit<LoadPlan, "check_every">,
): Promise<RecordedTick[]> {
  const recorder = await recordTicks(exchange.port, CHANNEL);
  await measureLoad(exchange, plan);
  const ticks = recorder.ticks();
  recorder.close();
  await cancelAll(exchange.port, plan.users);
  if (ticks.length === 0) throw new Error("No tick was recorded");
  return ticks;
}

async function sample(
  server: ServerProcess,
  subscribers: Subscribers,
  seconds: number,
): Promise<Sample> {
  const before = await processUsage(server.pid);
  const deliveries = await subscribers.measure(seconds);
  const after = await processUsage(server.pid);
  return { ...deliveries, serverCpu: coreShare(before, after) };
}

function roundOf(ours: Sample, theirs: Sample): Round {
  return {
    figure: ours.framesPerSecond,
    baseline: theirs.framesPerSecond,
    details: {
      server_cpu: ours.serverCpu,
      client_cpu: ours.cpu,
      baseline_server_cpu: theirs.serverCpu,
      baseline_client_cpu: theirs.cpu,
      cpu_ratio: cpuRatio(
        { figure: ours.framesPerSecond, serverCpu: ours.serverCpu },
        { figure: theirs.framesPerSecond, serverCpu: theirs.serverCpu },
      ),
      bytes_a_frame: ours.bytesPerFrame,
    },
  };
}

const { short, parentDir } = readBenchOptions();
const timing = short
  ? { subscribers: 50, rounds: 1, warmupSeconds: 0.1, seconds: 0.3 }
  : { subscribers: 10_000, rounds: 5, warmupSeconds: 2, seconds: 4 };
printReport(await benchFanOut({ parentDir, ...timing }));
