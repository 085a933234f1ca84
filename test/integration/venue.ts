import { rmSync } from "node:fs";
import { DataDir, type ServerOptions, ServerProcess } from "./server-process.ts";
import { type Encoding, type Members, type Path, WireClient } from "./wire-client.ts";

export interface Key {
  readonly api_key: string;
  readonly api_secret: string;
}

/** The answer to the creation of a user. */
export interface User extends Key {
  readonly user_id: string;
  readonly account_id: string;
}

export interface VenueOptions extends ServerOptions {
  /** Whether market data may be read without a login. The venue finds its symbols in that way. */
  readonly anonymous?: boolean;
}

export interface UserOptions {
  readonly cash?: number;
  readonly positions?: Readonly<Record<string, number>>;
  readonly permissions?: readonly string[];
  readonly rate_limits?: Readonly<Record<string, number>>;
}

/** Limits so high that no test reaches them by accident. */
export const AMPLE = {
  orders_per_second: 1_000_000,
  market_data_per_second: 1_000_000,
  burst_limit: 1_000_000,
};

/** A running exchange with its data directory, users, and symbols that nobody has traded before. */
export class Venue implements AsyncDisposable {
  #server: ServerProcess;
  static #warm: Promise<Venue> | undefined;
  readonly #dir: DataDir;
  readonly #options: VenueOptions;
  #unused: string[] = [];
  #users = 0;

  private constructor(server: ServerProcess, dir: DataDir, options: VenueOptions) {
    this.#server = server;
    this.#dir = dir;
    this.#options = options;
  }

  static async open(options: VenueOptions = {}): Promise<Venue> {
    const dir = await DataDir.make();
    const venue = new Venue(await ServerProcess.start(dir.path, options), dir, options);
    await venue.#findSymbols();
    return venue;
  }

  /**
   * An exchange that runs already and is warmed up, for tests that trade only their own symbols and users and
   * leave it as it is. All files of a process share it, and it ends with the process. It has the default
   * configuration, except for how much all of them together may ask from one address without a login.
   */
  static warm(): Promise<Venue> {
    const options: VenueOptions = {
      config: "[gateway.rate_limits]\nmarket_data_per_second = 1000000\n",
      env: { WAIVER_MARKET__WARM_UP: "true" },
    };
    Venue.#warm ??= Venue.open(options).then((venue) => {
      process.on("exit", () => {
        process.kill(venue.server.pid, "SIGKILL");
        rmSync(venue.#dir.root, { recursive: true, force: true });
      });
      return venue;
    });
    return Venue.#warm;
  }

  get server(): ServerProcess {
    return this.#server;
  }

  get dataDir(): string {
    return this.#dir.path;
  }

  /** Starts the exchange again over the same data; it must have ended. */
  async restart(): Promise<void> {
    this.#server = await ServerProcess.start(this.#dir.path, this.#options);
  }

  /** Kills the exchange and starts it again over the same data. */
  async crash(): Promise<void> {
    await this.#server.kill();
    await this.restart();
  }

  /** A symbol that no other test of this venue uses. */
  symbol(): string {
    const symbol = this.#unused.pop();
    if (symbol === undefined) throw new Error("every symbol is used");
    return symbol;
  }

  async user(options: UserOptions = {}): Promise<User> {
    this.#users += 1;
    const name = `user ${this.#users}`;
    return this.#server.ask("POST", "/users", { name, rate_limits: AMPLE, ...options });
  }

  /** A connection without a login. */
  open(path: Path, encoding: Encoding = "json"): Promise<WireClient> {
    return WireClient.open(this.#server.url, path, encoding);
  }

  /** A connection that has logged in. */
  async connect(path: Path, encoding: Encoding, key: Key): Promise<WireClient> {
    const client = await this.open(path, encoding);
    const { error } = await client.login(key);
    if (error !== undefined) throw new Error(`login: ${JSON.stringify(error)}`);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.kill();
    await this.#dir[Symbol.asyncDispose]();
  }

  async #findSymbols(): Promise<void> {
    using client = await this.open("/market-data");
    if (this.#options.anonymous === false) await client.login(await this.user());
    const { symbols } = await client.result("symbols.list");
    this.#unused = (symbols as Members[]).map(({ symbol }) => String(symbol));
  }
}
