/** Starts the besieged server in its own process, on a free port, with a temporary data directory. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCertificate } from "../../test/tls/certificates.ts";
import { jsonLines } from "../load/json-lines.ts";
import type { Means } from "./attack.ts";
import { fetchFrom, isTls } from "./connect.ts";
import type { LoopLine, SiegeUser } from "./plan.ts";

const LISTENING_TIMEOUT_MS = 60_000;
/** A server that does not stop in this time is killed. */
const STOP_TIMEOUT_MS = 5_000;
const ASK_TIMEOUT_MS = 5_000;

/** The limit on connections, which is above the number that most attacks and the readers open. */
const CONNECTIONS_MAX = 4_000;
const CASH = 1e13;
const SHARES = 100_000_000;
const AMPLE = 1_000_000;
const AMPLE_LIMITS = {
  orders_per_second: AMPLE,
  market_data_per_second: AMPLE,
  burst_limit: AMPLE,
};
const LIMITS = {
  rich: AMPLE_LIMITS,
  poor: AMPLE_LIMITS,
  trader: { orders_per_second: AMPLE, burst_limit: AMPLE },
};

export interface ServerOptions {
  /** The checkout whose server is started. */
  checkout: string;
  heartbeatSeconds: number;
  /** The directory for a profile of the server; undefined = no profile. */
  profileTo: string | undefined;
}

export class BesiegedServer implements AsyncDisposable {
  readonly adminToken = randomBytes(24).toString("hex");
  /** Bytes that the server has logged so far. */
  logBytes = 0;
  /** The first error that the server logged. */
  firstError: string | undefined;
  readonly #directory: string;
  /** The lines of `loop-watch.ts` in the server. */
  readonly loop: LoopLine[] = [];
  readonly #child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly #listening = Promise.withResolvers<number>();
  #port = 0;
  #killedFor: string | undefined;

  private constructor(directory: string, { checkout, profileTo }: ServerOptions) {
    this.#directory = directory;
    const bun = [
      process.execPath,
      "--no-orphans",
      "--preload",
      join(import.meta.dir, "loop-watch.ts"),
    ];
    if (profileTo !== undefined) bun.push("--cpu-prof", "--cpu-prof-dir", profileTo);
    const serve = ["src/main.ts", "serve", "--port", "0", "--data-dir", join(directory, "data")];
    this.#child = Bun.spawn([...bun, ...serve, "--config", join(directory, "siege.toml")], {
      cwd: checkout,
      env: { ...process.env, WAIVER_ADMIN_TOKEN: this.adminToken },
      stdio: ["ignore", "pipe", "pipe"],
    });
    void this.#readLog();
    void this.#readLoop();
  }

  /** Starts a server and waits until it listens. */
  static async start(options: ServerOptions): Promise<BesiegedServer> {
    const directory = await mkdtemp(join(tmpdir(), "waiver-siege-"));
    const tls = isTls() ? tlsKeys(directory) : "";
    const text = configuration(options.heartbeatSeconds) + tls;
    await Bun.write(join(directory, "siege.toml"), text);
    const server = new BesiegedServer(directory, options);
    const { reject, promise } = server.#listening;
    const timer = setTimeout(
      () => reject(new Error("The server does not listen in time")),
      LISTENING_TIMEOUT_MS,
    );
    try {
      server.#port = await promise;
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  get port(): number {
    return this.#port;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** How the process ended; undefined while it runs. */
  get end(): string | undefined {
    const { exitCode, signalCode } = this.#child;
    if (exitCode === null && signalCode === null) return undefined;
    if (this.#killedFor !== undefined) return `the server was killed ${this.#killedFor}`;
    return `the server ended with ${exitCode ?? signalCode}`;
  }

  /** Kills the process. `why` completes the sentence "the server was killed …". */
  kill(why: string): void {
    this.#killedFor = why;
    this.#child.kill("SIGKILL");
  }

  async createUser(name: string, means: Means, symbols: readonly string[]): Promise<SiegeUser> {
    const positions = Object.fromEntries(symbols.map((symbol) => [symbol, SHARES]));
    const body = {
      name,
      ...(means === "poor" ? {} : { cash: CASH, positions }),
      ...(means === "ordinary" ? {} : { rate_limits: LIMITS[means] }),
    };
    const reply = await fetchFrom(this.#port, "/admin/v1/users", {
      method: "POST",
      headers: { Authorization: `Bearer ${this.adminToken}` },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
    });
    if (!reply.ok)
      throw new Error(`User ${name} was not created: ${reply.status} ${await reply.text()}`);
    return (await reply.json()) as SiegeUser;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.kill("because it did not end"), STOP_TIMEOUT_MS);
    await this.#child.exited;
    clearTimeout(timer);
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #readLoop(): Promise<void> {
    for await (const line of jsonLines(this.#child.stderr)) {
      if (line.event === "loop") this.loop.push(line as unknown as LoopLine);
    }
  }

  /** Reads the log to its end, because a full pipe would block the server. Keeps only a little of it. */
  async #readLog(): Promise<void> {
    const decoder = new TextDecoder();
    let start = "";
    for await (const chunk of this.#child.stdout) {
      this.logBytes += chunk.length;
      if (this.#port === 0) {
        start += decoder.decode(chunk, { stream: true });
        const port = /"port":(\d+),.*"msg":"listening"/.exec(start)?.[1];
        if (port !== undefined) this.#listening.resolve(Number(port));
      } else if (this.firstError === undefined) {
        const text = decoder.decode(chunk);
        this.firstError = /^\{"level":[56]0.*$/m.exec(text)?.[0].slice(0, 300);
      }
    }
    this.#listening.reject(new Error(`The server ended before it listened: ${start.slice(-1000)}`));
  }
}

/**
 * The interval of snapshots is so long that none is taken. A snapshot uses a processor and would disturb the figures.
 */
function configuration(heartbeatSeconds: number): string {
  return `[gateway]
host = "127.0.0.1"
max_connections = ${CONNECTIONS_MAX}
compression = true
heartbeat_interval = ${heartbeatSeconds}
[persistence.local]
snapshot_interval = 1000000000
[webhooks]
allowed_networks = ["127.0.0.0/8"]
[players]
source = "offline"
`;
}

function tlsKeys(directory: string): string {
  const { certificate, key } = makeCertificate(directory, "siege", { name: "siege" });
  return `[gateway.tls]
certificate = "${certificate}"
key = "${key}"
`;
}
