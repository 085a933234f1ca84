/**
 * `bun run bench:load`: durable orders a second over real sockets, sent by a client process. `USAGE` in `options.ts`
 * lists the options. Prints a line of JSON for each run, and a table of medians.
 */
import { join } from "node:path";
import type { Encoding } from "../../src/protocol/encoding.ts";
import { rounded } from "../figures.ts";
import { cancelAll } from "./exchange-admin.ts";
import { measureLoad } from "./measure.ts";
import { type LoadOptions, parseOptions, USAGE } from "./options.ts";
import { processUsage } from "./process-usage.ts";
import { medianTable, type RunFigures } from "./run-figures.ts";
import { startBareServer, startExchange } from "./server-process.ts";
import { echoTarget, exchangeTarget } from "./target.ts";

const options = readOptions();
await using server = options.isEcho
  ? await startBareServer(join(import.meta.dir, "echo-server.ts"))
  : await startExchange(options);
const target = options.isEcho ? echoTarget(server, options) : await exchangeTarget(server, options);

const runs: RunFigures[] = [];
for (let run = 1; run <= options.runs; run++) {
  for (const encoding of options.encodings) {
    const figures = await measure(run, encoding);
    runs.push(figures);
    console.log(JSON.stringify(figures));
  }
}
console.log(`\n${medianTable(runs)}`);

function readOptions(): LoadOptions {
  try {
    const parsed = parseOptions(Bun.argv.slice(2));
    if (parsed !== "help") return parsed;
    console.log(USAGE);
    process.exit(0);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}

async function measure(run: number, encoding: Encoding): Promise<RunFigures> {
  const { client, perSecond, serverCpu, ticksPerSecond } = await measureLoad(server, {
    ...target,
    encoding,
    flow: "balanced",
    in_flight: options.inFlight,
    warmup_s: options.warmupSeconds,
    seconds: options.seconds,
  });
  const usage = await processUsage(server.pid);
  const { p50, p99, p99_9, max } = client.latency_us;
  return {
    run,
    encoding,
    durability: options.durability,
    connections: options.connections,
    in_flight: options.inFlight,
    symbols: options.symbols,
    acked_per_s: Math.round(perSecond),
    p50_ms: p50 / 1000,
    p99_ms: p99 / 1000,
    p99_9_ms: p99_9 / 1000,
    max_ms: max / 1000,
    acked: client.acked,
    rejected: client.rejected,
    reject_codes: client.reject_codes,
    checked: client.checked,
    unusual: client.unusual,
    ticks_per_s: roundedOrNull(ticksPerSecond, 0),
    server_cpu: roundedOrNull(serverCpu, 2),
    server_rss_mib: usage === undefined ? null : Math.round(usage.rssMib),
    client_cpu: rounded(client.client_cpu, 2),
    left_open: options.isEcho ? 0 : await cancelAll(server.port, target.users),
  };
}

function roundedOrNull(value: number | null, digits: number): number | null {
  return value === null ? null : rounded(value, digits);
}
