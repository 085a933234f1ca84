/**
 * `bun run bench:e2e [--short] [--dir DIR]`: durable orders a second over real sockets. The baseline is a bare server
 * that answers the same messages with a fixed acknowledgement. Exchange, bare server and client are separate processes.
 */
import { join } from "node:path";
import { ENCODINGS, type Encoding } from "../../src/protocol/encoding.ts";
import { readBenchOptions } from "../bench-options.ts";
import { cancelAll } from "../load/exchange-admin.ts";
import { type LoadSample, measureLoad } from "../load/measure.ts";
import type { LoadTarget } from "../load/plan.ts";
import { type ServerProcess, startBareServer, startExchange } from "../load/server-process.ts";
import { echoTarget, exchangeTarget } from "../load/target.ts";
import { compare, cpuRatio, type Round } from "../report/compare.ts";
import { type BenchReport, printReport } from "../report/report.ts";

const LOAD = { connections: 16, in_flight: 256, symbols: 50 };
const ECHO_SERVER = join(import.meta.dir, "../load/echo-server.ts");
export const ENCODING_NAMES: Readonly<Record<Encoding, string>> = {
  json: "JSON",
  msgpack: "MessagePack",
};

export interface EndToEndOptions {
  parentDir: string;
  rounds: number;
  warmupSeconds: number;
  seconds: number;
}

export async function benchEndToEnd(options: EndToEndOptions): Promise<BenchReport> {
  const { parentDir, rounds: count, warmupSeconds, seconds } = options;
  const { connections } = LOAD;
  await using exchange = await startExchange({ parentDir, durability: "fsync", connections });
  await using echo = await startBareServer(ECHO_SERVER);
  const target = await exchangeTarget(exchange, LOAD);
  const bareTarget = echoTarget(echo, LOAD);
  const measure = (server: ServerProcess, target: LoadTarget, encoding: Encoding) =>
    measureLoad(server, {
      ...target,
      encoding,
      flow: "balanced",
      in_flight: LOAD.in_flight,
      warmup_s: warmupSeconds,
      seconds,
    });

  const rounds: Record<Encoding, Round[]> = { json: [], msgpack: [] };
  for (let i = 0; i < count; i++) {
    for (const encoding of ENCODINGS) {
      const figures = await measure(exchange, target, encoding);
      await cancelAll(exchange.port, target.users);
      rounds[encoding].push(roundOf(figures, await measure(echo, bareTarget, encoding)));
    }
  }
  return {
    bench: "e2e",
    settings: { ...LOAD, durability: "fsync", rounds: count, seconds },
    comparisons: ENCODINGS.map((encoding) =>
      compare(
        {
          name: `durable ${ENCODING_NAMES[encoding]} orders`,
          unit: "orders/s",
          against: encoding === "json" ? "bare echo that parses" : "bare binary echo",
          better: "more",
        },
        rounds[encoding],
      ),
    ),
  };
}

function roundOf(exchange: LoadSample, echo: LoadSample): Round {
  const { client } = exchange;
  if (client.rejected > 0) {
    throw new Error(`Orders were refused: ${JSON.stringify(client.reject_codes)}`);
  }
  const { p50, p99, p99_9 } = client.latency_us;
  return {
    figure: exchange.perSecond,
    baseline: echo.perSecond,
    details: {
      server_cpu: exchange.serverCpu,
      client_cpu: client.client_cpu,
      baseline_server_cpu: echo.serverCpu,
      baseline_client_cpu: echo.client.client_cpu,
      cpu_ratio: cpuRatio(
        { figure: exchange.perSecond, serverCpu: exchange.serverCpu },
        { figure: echo.perSecond, serverCpu: echo.serverCpu },
      ),
      p50_us: p50,
      p99_us: p99,
      p99_9_us: p99_9,
      ticks_per_s: exchange.ticksPerSecond,
    },
  };
}

if (import.meta.main) {
  const { short, parentDir } = readBenchOptions();
  const timing = short
    ? { rounds: 1, warmupSeconds: 0.1, seconds: 0.1 }
    : { rounds: 7, warmupSeconds: 1, seconds: 2 };
  printReport(await benchEndToEnd({ parentDir, ...timing }));
}
