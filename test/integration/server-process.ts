import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const CHECKOUT = join(import.meta.dir, "../..");

/**
 * The compiled file that `bun run check` makes for its tests. It needs three fifths of the processor time for
 * a start, because it is parsed and compiled already. A test that runs alone starts the sources.
 */
export const COMPILED = Bun.env.TESTED_PROGRAM;

/** The exchange as operators start it. The tests' own servers have `--no-orphans`, so that none is left over. */
export const AS_OPERATORS_DO: readonly string[] =
  COMPILED === undefined ? [process.execPath, join(CHECKOUT, "src/main.ts")] : [COMPILED];

const TESTED: readonly string[] =
  COMPILED === undefined ? [process.execPath, "--no-orphans", "src/main.ts"] : [COMPILED];
const TESTED_ENV = {
  // Nearly half of a start is for speed, which no test measures. Servers that start as operators start them
  // keep it.
  WAIVER_MARKET__WARM_UP: "false",
  // Few servers live long enough to gain from optimized code. Code that stays hot for longer is still
  // compiled.
  BUN_JSC_thresholdForJITAfterWarmUp: "2000",
  BUN_JSC_thresholdForOptimizeAfterWarmUp: "10000",
  ...(COMPILED !== undefined && { BUN_OPTIONS: "--no-orphans" }),
};

/** Players without a network: 512 depth-chart slots that are listed at once. */
const OFFLINE_PLAYERS = '[players]\nsource = "offline"\n';

export interface ServerOptions {
  /** TOML of the configuration file; `[players]` is offline unless it says otherwise. */
  readonly config?: string;
  /** The path of the configuration file; beside the data directory unless it says otherwise. */
  readonly configFile?: string;
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
  /**
   * The program without its arguments, and the folder in which it starts; by default the checkout's, with
   * `--no-orphans`.
   */
  readonly program?: readonly string[];
  readonly cwd?: string;
  /** More arguments of the command line. */
  readonly args?: readonly string[];
}

/** One line of the server's JSON log. */
export interface LogLine {
  readonly msg?: string;
  readonly [member: string]: unknown;
}

export interface AdminReply {
  readonly status: number;
  readonly body: unknown;
}

/** The output of a process that ended. */
export interface Ended {
  readonly exitCode: number;
  readonly output: string;
}

/** A data directory that lives as long as the test: `await using dir = await DataDir.make()`. */
export class DataDir implements AsyncDisposable {
  /** The data directory, which the server makes; its configuration file stands beside it. */
  readonly path: string;

  private constructor(readonly root: string) {
    this.path = join(root, "data");
  }

  static async make(): Promise<DataDir> {
    return new DataDir(await mkdtemp(join(tmpdir(), "waiver-integration-")));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}

/** The exchange as users run it: a child process that tests talk to through its port only. */
export class ServerProcess implements AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly #child: Child;
  readonly #dataDir: string;

  private constructor(child: Child, dataDir: string) {
    this.#child = child;
    this.#dataDir = dataDir;
    const port = child.log.find(({ msg }) => msg === "listening")?.port;
    if (typeof port !== "number") throw new Error("the listening line names no port");
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  /**
   * Starts on a free port and returns once it listens; throws with its output if it ends before. `meanwhile`
   * runs while it starts.
   */
  static async start(
    dataDir: string,
    options: ServerOptions = {},
    meanwhile?: (starting: Pick<ServerProcess, "signal" | "logged">) => Promise<void>,
  ): Promise<ServerProcess> {
    const child = await Child.spawn(dataDir, options);
    await meanwhile?.(child);
    await child.logged("listening");
    return new ServerProcess(child, dataDir);
  }

  /** Starts a server that must refuse to start, and returns its output. */
  static async startAndFail(dataDir: string, options: ServerOptions = {}): Promise<Ended> {
    const child = await Child.spawn(dataDir, options);
    const listens = child.logged("listening").then(
      () => true,
      () => false,
    );
    if (await listens) {
      await child.end("SIGKILL");
      throw new Error("the server started");
    }
    return { exitCode: await child.exited, output: child.output };
  }

  /** Everything logged so far. */
  get log(): readonly LogLine[] {
    return this.#child.log;
  }

  /**
   * Settles when this many lines with the message were logged; rejects with the output if the process ends
   * before.
   */
  logged(message: string, times = 1): Promise<void> {
    return this.#child.logged(message, times);
  }

  /** Everything written to standard output and standard error so far. */
  get output(): string {
    return this.#child.output;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Asks for an orderly stop and returns the exit code. */
  stop(): Promise<number> {
    return this.#child.end("SIGTERM");
  }

  /** `kill -9`: no notice, no flush. */
  async kill(): Promise<void> {
    await this.#child.end("SIGKILL");
  }

  signal(name: "SIGTERM" | "SIGINT" | "SIGHUP"): void {
    this.#child.signal(name);
  }

  get exited(): Promise<number> {
    return this.#child.exited;
  }

  async adminToken(): Promise<string> {
    return (await Bun.file(join(this.#dataDir, "admin-token")).text()).trim();
  }

  /** A call of the admin API with the token from the data directory. */
  async admin(method: string, path: string, body?: unknown): Promise<AdminReply> {
    const reply = await fetch(`${this.url}/admin/v1${path}`, {
      method,
      headers: { Authorization: `Bearer ${await this.adminToken()}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await reply.text();
    return { status: reply.status, body: text === "" ? undefined : JSON.parse(text) };
  }

  /** An admin call that must succeed. */
  async ask<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    const reply = await this.admin(method, path, body);
    if (reply.status >= 300) {
      throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
    }
    return reply.body as Body;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

/** The child process and what it wrote. */
class Child {
  readonly #process: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly #lines: string[] = [];
  readonly #onLine: (() => void)[] = [];
  readonly #drained: Promise<unknown>;

  private constructor(process: Bun.Subprocess<"ignore", "pipe", "pipe">) {
    this.#process = process;
    this.#drained = Promise.all([this.#read(process.stdout), this.#read(process.stderr)]);
  }

  static async spawn(dataDir: string, options: ServerOptions): Promise<Child> {
    const {
      config = "",
      configFile: file = `${dataDir}.toml`,
      port = 0,
      env = {},
      program,
      cwd = CHECKOUT,
      args = [],
    } = options;
    await Bun.write(file, config.includes("[players]") ? config : config + OFFLINE_PLAYERS);
    const command = ["serve", "--port", `${port}`, "--data-dir", dataDir, ...args];
    const child = Bun.spawn([...(program ?? TESTED), ...command, "--config", file], {
      cwd,
      env: { PATH: Bun.env.PATH, HOME: Bun.env.HOME, ...(program ? {} : TESTED_ENV), ...env },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    return new Child(child);
  }

  get pid(): number {
    return this.#process.pid;
  }

  get output(): string {
    return this.#lines.join("\n");
  }

  get log(): LogLine[] {
    return this.#lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
  }

  /**
   * Settles when this many lines with the message were logged; rejects with the output if the process ends
   * before.
   */
  async logged(message: string, times = 1): Promise<void> {
    let ended = false;
    const exited = this.exited.then(() => {
      ended = true;
    });
    while (this.log.filter(({ msg }) => msg?.startsWith(message)).length < times) {
      if (ended) throw new Error(`the server ended before "${message}":\n${this.output}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#onLine.push(resolve);
      await Promise.race([promise, exited]);
    }
  }

  /** The exit code, once everything that was written has been read. */
  get exited(): Promise<number> {
    return this.#drained.then(() => this.#process.exited);
  }

  signal(name: "SIGTERM" | "SIGINT" | "SIGHUP" | "SIGKILL"): void {
    this.#process.kill(name);
  }

  end(name: "SIGTERM" | "SIGKILL"): Promise<number> {
    this.signal(name);
    return this.exited;
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of stream) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      this.#lines.push(...lines);
      for (const wake of this.#onLine.splice(0)) wake();
    }
    if (rest !== "") this.#lines.push(rest);
  }
}
