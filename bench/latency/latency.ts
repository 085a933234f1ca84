/**
 * `bun run bench:latency [--short] [--dir DIR]`: two latencies of an order. The first ends when the order is durable
 * and acknowledged; its baseline is `fdatasync` of 4 KiB on the same disk. The second ends when another client sees the
 * order in the book; its baseline is the acknowledgement. In an open loop, latency counts from the planned time of
 * sending.
 */
import { ENCODINGS, type Encoding } from "../../src/protocol/encoding.ts";
import { readBenchOptions } from "../bench-options.ts";
import { ENCODING_NAMES } from "../e2e/end-to-end.ts";
import { cancelAll } from "../load/exchange-admin.ts";
import { type LoadSample, measureLoad } from "../load/measure.ts";
import type { LoadPlan } from "../load/plan.ts";
import { startExchange } from "../load/server-process.ts";
import { exchangeTarget } from "../load/target.ts";
import { compare, type Round } from "../report/compare.ts";
import { type BenchReport, type Comparison, printReport } from "../report/report.ts";
import { DiskProbe, type DiskTimes } from "./disk-probe.ts";

const SYMBOLS = 50;
/** The load that gives the maximum rate. The open loop sends at a share of that rate. */
const FULL_LOAD = { connections: 16, in_flight: 256 };
const CLOSED = { connections: 4, in_flight: 34 };
const OPEN_SHARE = 1 / 4;
/** Unanswered orders of a connection at which an open loop waits with the next one. */
const OPEN_IN_FLIGHT_MAX = 8192;

/** The ways of sending orders, in the order of the table in README.md. */
const SITUATIONS = {
  closed: "4 × 34 in flight",
  open: "open loop at a quarter of the maximum",
  single: "one at a time",
} as const;
type Situation = keyof typeof SITUATIONS;
const RUNS: readonly (Situation | "watched")[] = ["closed", "open", "single", "watched"];

interface LatencyOptions {
  parentDir: string;
  encodings: readonly Encoding[];
  rounds: number;
  warmupSeconds: number;
  seconds: number;
}

async function benchLatency(options: LatencyOptions): Promise<BenchReport> {
  const { parentDir, encodings, rounds: count, warmupSeconds, seconds } = options;
  const { connections } = FULL_LOAD;
  await using exchange = await startExchange({ parentDir, durability: "fsync", connections });
  using disk = new DiskProbe(parentDir);
  const target = await exchangeTarget(exchange, { connections, symbols: SYMBOLS });
  const measure = async (
    encoding: Encoding,
    load: { connections: number; in_flight: number },
    plan: Partial<LoadPlan> = {},
  ): Promise<LoadSample> => {
    const sample = await measureLoad(exchange, {
      ...target,
      users: target.users.slice(0, load.connections),
      encoding,
      flow: "balanced",
      in_flight: load.in_flight,
      latency_every: 1,
      warmup_s: warmupSeconds,
      seconds,
      ...plan,
    });
    await cancelAll(exchange.port, target.users);
    return sample;
  };
  const maximumRate = async (encoding: Encoding): Promise<number> => {
    const plan = { latency_every: 16, warmup_s: 3 * warmupSeconds };
    return (await measure(encoding, FULL_LOAD, plan)).perSecond;
  };

  const comparisons: Comparison[] = [];
  for (const encoding of encodings) {
    const rate = await maximumRate(encoding);
    const run = (situation: Situation | "watched"): Promise<LoadSample> => {
      switch (situation) {
        case "closed":
          return measure(encoding, CLOSED);
        case "open":
          return measure(
            encoding,
            { ...CLOSED, in_flight: OPEN_IN_FLIGHT_MAX },
            { orders_per_s: rate * OPEN_SHARE },
          );
        case "single":
          return measure(encoding, { connections: 1, in_flight: 1 });
        case "watched":
          return measure(encoding, CLOSED, { is_watched: true });
      }
    };
    const samples: { disk: DiskTimes; sample: LoadSample }[][] = RUNS.map(() => []);
    for (let i = 0; i < count; i++) {
      for (const [index, situation] of RUNS.entries()) {
        // The probe runs right before the orders, so that both find the disk in the same state.
        samples[index].push({ disk: disk.measure(seconds / 4), sample: await run(situation) });
      }
    }
    for (const [index, situation] of RUNS.entries()) {
      comparisons.push(...comparisonsOf(encoding, situation, samples[index]));
    }
  }
  return {
    bench: "latency",
    settings: { symbols: SYMBOLS, durability: "fsync", rounds: count, seconds },
    comparisons,
  };
}

function comparisonsOf(
  encoding: Encoding,
  situation: Situation | "watched",
  rounds: readonly { disk: DiskTimes; sample: LoadSample }[],
): Comparison[] {
  const prefix = ENCODING_NAMES[encoding];
  if (situation === "watched") {
    const heading = {
      name: `${prefix} order until another client sees it, 4 × 34 in flight, p99`,
      unit: "µs",
      against: "acknowledgement, p99",
      better: "less",
    } as const;
    const updates = rounds.map(
      ({ sample }): Round => ({
        figure: sample.client.update_us?.p99 ?? Number.NaN,
        baseline: sample.client.latency_us.p99,
        details: { ...usage(sample), p50_us: sample.client.update_us?.p50 ?? null },
      }),
    );
    return [compare(heading, updates)];
  }
  return (["p50", "p99"] as const).map((percentile) =>
    compare(
      {
        name: `${prefix} order, ${SITUATIONS[situation]}, ${percentile}`,
        unit: "µs",
        against: `fdatasync of 4 KiB, ${percentile}`,
        better: "less",
      },
      rounds.map(({ disk, sample }) => ({
        figure: sample.client.latency_us[percentile],
        baseline: disk[`${percentile}Us`],
        details: { ...usage(sample), p99_9_us: sample.client.latency_us.p99_9 },
      })),
    ),
  );
}

function usage({ perSecond, serverCpu, client }: LoadSample): Record<string, number | null> {
  return { orders_per_s: perSecond, server_cpu: serverCpu, client_cpu: client.client_cpu };
}

const { short, parentDir } = readBenchOptions();
const timing = short
  ? { encodings: ["msgpack"] as const, rounds: 1, warmupSeconds: 0.1, seconds: 0.1 }
  : { encodings: ENCODINGS, rounds: 5, warmupSeconds: 0.5, seconds: 1.5 };
printReport(await benchLatency({ parentDir, ...timing }));
