/**
 * End-to-end load with its own client process: orders acknowledged a second, durable, over real
 * sockets. See `USAGE` in `options.ts`; prints one JSON line a run and a table of medians.
 */
import type { Encoding } from "../../src/protocol/encoding.ts";
import { runClient } from "./client-process.ts";
import { cancelAll, createLoadUser, loadSymbols, ticksTotal } from "./exchange-admin.ts";
import { type LoadOptions, parseOptions, USAGE } from "./options.ts";
import type { LoadFigures, LoadPlan, LoadUser } from "./plan.ts";
import { processUsage } from "./process-usage.ts";
import { medianTable, type RunFigures } from "./run-figures.ts";
import { type ServerProcess, startExchange, startNullServer } from "./server-process.ts";

/** One answer in this many is decoded and checked against the contract. */
const CHECK_EVERY = 1000;

const options = readOptions();
await using server = options.nullServer ? await startNullServer() : await startExchange(options);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // A server left behind would keep its core busy, and gigabytes of journal on the disk.
  process.on(signal, () => {
    void server[Symbol.asyncDispose]().finally(() => process.exit(1));
  });
}
const { symbols, users } = options.nullServer
  ? standIns(options)
  : await prepareExchange(server, options);

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

async function prepareExchange(
  server: ServerProcess,
  options: LoadOptions,
): Promise<{ symbols: string[]; users: LoadUser[] }> {
  const symbols = await loadSymbols(server.port, options.symbols);
  const users: LoadUser[] = [];
  for (let index = 0; index < options.connections; index++) {
    users.push(await createLoadUser(server, `load-${index + 1}`, symbols));
  }
  return { symbols, users };
}

function standIns(options: LoadOptions): { symbols: string[]; users: LoadUser[] } {
  return {
    symbols: Array.from({ length: options.symbols }, (_, index) => `SYMBOL_${index}`),
    users: Array.from({ length: options.connections }, () => ({ api_key: "", api_secret: "" })),
  };
}

async function measure(run: number, encoding: Encoding): Promise<RunFigures> {
  const plan: LoadPlan = {
    hostname: "127.0.0.1",
    port: server.port,
    encoding,
    users,
    symbols,
    flow: "balanced",
    in_flight: options.inFlight,
    warmup_s: options.warmupSeconds,
    seconds: options.seconds,
    check_every: options.nullServer ? 0 : CHECK_EVERY,
  };
  let before = await serverState();
  let after = before;
  const client = await runClient(plan, {
    onMeasuring: async () => {
      before = await serverState();
    },
    onDone: async () => {
      after = await serverState();
    },
  });
  const left = options.nullServer ? 0 : await cancelAll(server.port, users);
  return { run, encoding, ...settings(), ...summary(client, before, after), left_open: left };
}

interface ServerState {
  cpuSeconds: number | undefined;
  rssMib: number | undefined;
  ticks: number | undefined;
}

async function serverState(): Promise<ServerState> {
  const usage = await processUsage(server.pid);
  const ticks = options.nullServer ? undefined : await ticksTotal(server.port);
  return { cpuSeconds: usage?.cpuSeconds, rssMib: usage?.rssMib, ticks };
}

function settings(): Pick<RunFigures, "durability" | "connections" | "in_flight" | "symbols"> {
  return {
    durability: options.durability,
    connections: options.connections,
    in_flight: options.inFlight,
    symbols: options.symbols,
  };
}

function summary(client: LoadFigures, before: ServerState, after: ServerState) {
  const perSecond = (end: number | undefined, start: number | undefined): number | null =>
    end === undefined || start === undefined ? null : (end - start) / client.seconds;
  const { p50, p99, p99_9, max } = client.latency_us;
  return {
    acked_per_s: Math.round(client.acked / client.seconds),
    p50_ms: p50 / 1000,
    p99_ms: p99 / 1000,
    p99_9_ms: p99_9 / 1000,
    max_ms: max / 1000,
    acked: client.acked,
    rejected: client.rejected,
    reject_codes: client.reject_codes,
    checked: client.checked,
    unusual: client.unusual,
    ticks_per_s: rounded(perSecond(after.ticks, before.ticks), 0),
    server_cpu: rounded(perSecond(after.cpuSeconds, before.cpuSeconds), 2),
    server_rss_mib: after.rssMib ?? null,
    client_cpu: rounded(client.client_cpu, 2) ?? 0,
  };
}

function rounded(value: number | null, digits: number): number | null {
  return value === null ? null : Number(value.toFixed(digits));
}
