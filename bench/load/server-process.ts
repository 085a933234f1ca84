/** Starts the server under load in its own process, with a temporary data directory. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Durability } from "../../src/persistence/wal/journal.ts";
import { jsonLines } from "./json-lines.ts";

const LISTENING_TIMEOUT_MS = 60_000;
/** The checkout whose server is measured. `WAIVER_BENCH_TREE` names another one, to compare two versions. */
const TREE = Bun.env.WAIVER_BENCH_TREE ?? join(import.meta.dir, "..", "..");

export interface ServerProcess {
  readonly port: number;
  readonly pid: number;
  /** From the start of the process until it listened. */
  readonly readyMs: number;
  /** For the admin API; empty if the server has none. */
  readonly adminToken: string;
  /** Ends the process and removes its data. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ExchangeOptions {
  /** The server's data is in a new directory in here. */
  parentDir: string;
  durability: Durability;
  connections: number;
  /** Orders from one snapshot to the next; by default as the exchange's own configuration says. */
  snapshotIntervalOrders?: number;
  /** The checkout whose server is started; by default `TREE`. */
  tree?: string;
  /** The address of the Sleeper API. Without it the exchange uses its offline players. */
  sleeperBaseUrl?: string;
}

const running = new Set<ServerProcess>();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // Without this, a signal would leave the servers running and their data on the disk.
  process.on(signal, () => {
    const stopped = Array.from(running, (server) => server[Symbol.asyncDispose]());
    void Promise.allSettled(stopped).finally(() => process.exit(1));
  });
}
/** So high that no request is refused because of a rate limit. */
const RATE = 1_000_000_000;

/** Starts an exchange on a free port and waits until it listens. It has no demo market. */
export async function startExchange({
  parentDir,
  durability,
  connections,
  snapshotIntervalOrders,
  sleeperBaseUrl,
  tree = TREE,
}: ExchangeOptions): Promise<ServerProcess> {
  const directory = await mkdtemp(join(parentDir, "waiver-load-"));
  const config = join(directory, "load.toml");
  const adminToken = randomBytes(24).toString("hex");
  await Bun.write(
    config,
    [
      "[gateway]",
      'host = "127.0.0.1"',
      `max_connections = ${connections + 64}`,
      "connections_per_address_max = 0",
      "[gateway.rate_limits]",
      `orders_per_second = ${RATE}`,
      `market_data_per_second = ${RATE}`,
      `burst_limit = ${RATE}`,
      "[persistence.local]",
      `durability = "${durability}"`,
      ...(snapshotIntervalOrders === undefined
        ? []
        : [`snapshot_interval = ${snapshotIntervalOrders}`]),
      "[players]",
      ...(sleeperBaseUrl === undefined
        ? ['source = "offline"']
        : ['source = "sleeper"', `sleeper_base_url = "${sleeperBaseUrl}"`]),
      "",
    ].join("\n"),
  );
  const dataDir = join(directory, "data");
  const command = [
    "src/main.ts",
    "serve",
    "--port",
    "0",
    "--data-dir",
    dataDir,
    "--config",
    config,
  ];
  return start(tree, command, adminToken, directory);
}

export interface DemoExchange extends ServerProcess {
  readonly dataDir: string;
}

/** Starts a new demo exchange with its market, as `serve --demo` does, but with offline players. */
export async function startDemoExchange(
  parentDir: string,
  { config: more = "", env = {} }: { config?: string; env?: Record<string, string> } = {},
): Promise<DemoExchange> {
  const directory = await mkdtemp(join(parentDir, "waiver-demo-"));
  const config = join(directory, "demo.toml");
  await Bun.write(config, `[players]\nsource = "offline"\n${more}`);
  const dataDir = join(directory, "data");
  const command = ["src/main.ts", "serve", "--demo", "--port", "0", "--data-dir", dataDir];
  const adminToken = randomBytes(24).toString("hex");
  const whole = [...command, "--config", config];
  const server = await start(TREE, whole, adminToken, directory, env);
  return { ...server, dataDir };
}

/** Starts a bare server: a program of `bench/` that prints the port on which it listens. */
export function startBareServer(program: string, ...args: string[]): Promise<ServerProcess> {
  return start(import.meta.dir, [program, ...args], "");
}

async function start(
  cwd: string,
  command: string[],
  adminToken: string,
  directory?: string,
  env: Record<string, string> = {},
): Promise<ServerProcess> {
  const startedNs = Bun.nanoseconds();
  const child = Bun.spawn([process.execPath, "--no-orphans", ...command], {
    cwd,
    env: { ...process.env, ...env, WAIVER_ADMIN_TOKEN: adminToken },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= end(child, directory);
    return stopped;
  };
  const listening = Promise.withResolvers<number>();
  const timer = setTimeout(
    () => listening.reject(new Error("The server does not listen in time")),
    LISTENING_TIMEOUT_MS,
  );
  void (async () => {
    // The output is read to its end, because a full pipe would block the server.
    for await (const line of jsonLines(child.stdout)) {
      if (line.msg === "listening") listening.resolve(Number(line.port));
    }
    listening.reject(new Error(`The server ended with ${await child.exited} before it listened`));
  })();
  try {
    const port = await listening.promise;
    const readyMs = (Bun.nanoseconds() - startedNs) / 1e6;
    const server = { port, pid: child.pid, readyMs, adminToken, [Symbol.asyncDispose]: stop };
    running.add(server);
    return server;
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function end(child: Bun.Subprocess, directory: string | undefined): Promise<void> {
  child.kill("SIGTERM");
  await child.exited;
  if (directory !== undefined) await rm(directory, { recursive: true });
}
