/** The server under load: a process of its own, in a data directory that is removed afterwards. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { jsonLines } from "./json-lines.ts";
import type { Durability } from "./options.ts";

const LISTENING_TIMEOUT_MS = 60_000;
const REPOSITORY = join(import.meta.dir, "..", "..");

export interface ServerProcess {
  readonly port: number;
  readonly pid: number;
  /** For the admin API; empty when the server has none. */
  readonly adminToken: string;
  /** Ends the process and removes its data. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ExchangeOptions {
  /** Where its data goes, in a directory of its own. */
  parentDir: string;
  durability: Durability;
  connections: number;
  /** Orders from one snapshot to the next; without it as an exchange is set up by default. */
  snapshotIntervalOrders?: number;
}

/** Starts the exchange on a free port, without demo and network, and waits until it listens. */
export async function startExchange({
  parentDir,
  durability,
  connections,
  snapshotIntervalOrders,
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
      "[persistence.local]",
      `durability = "${durability}"`,
      ...(snapshotIntervalOrders === undefined
        ? []
        : [`snapshot_interval = ${snapshotIntervalOrders}`]),
      "[players]",
      'source = "offline"',
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
  return start(command, adminToken, directory);
}

/** Starts the server that answers without doing anything. */
export function startNullServer(): Promise<ServerProcess> {
  return start(["bench/load/null-server.ts"], "");
}

async function start(
  command: string[],
  adminToken: string,
  directory?: string,
): Promise<ServerProcess> {
  const child = Bun.spawn([process.execPath, ...command], {
    cwd: REPOSITORY,
    env: { ...process.env, WAIVER_ADMIN_TOKEN: adminToken },
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
    // Read to the end, so that the server is never blocked on its own log.
    for await (const line of jsonLines(child.stdout)) {
      if (line.msg === "listening") listening.resolve(Number(line.port));
    }
    listening.reject(new Error(`The server ended with ${await child.exited} before it listened`));
  })();
  try {
    const port = await listening.promise;
    return { port, pid: child.pid, adminToken, [Symbol.asyncDispose]: stop };
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
