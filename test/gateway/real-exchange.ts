/** The whole exchange in this process, with offline players, and connections to it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../src/config/config.ts";
import { openExchange } from "../../src/exchange.ts";
import type { Credentials } from "../../src/identity/api-key.ts";
import type { CreateUserBody } from "../../src/protocol/schemas/users.ts";

type Message = Record<string, unknown>;

/** A JSON connection that keeps what it receives. */
export class Connection {
  readonly received: Message[] = [];
  readonly #socket: WebSocket;
  readonly closed: Promise<{ code: number; reason: string }>;
  #heard: (() => void)[] = [];

  constructor(url: string) {
    this.#socket = new WebSocket(url);
    const { promise, resolve } = Promise.withResolvers<{ code: number; reason: string }>();
    this.closed = promise;
    this.#socket.onclose = ({ code, reason }) => resolve({ code, reason });
    this.#socket.onmessage = ({ data }) => {
      this.received.push(JSON.parse(data));
      for (const heard of this.#heard.splice(0)) heard();
    };
  }

  async #next(index: number): Promise<Message> {
    while (this.received.length <= index) {
      await new Promise<void>((resolve) => this.#heard.push(resolve));
    }
    return this.received[index];
  }

  /** Sends a request `times` times once connected; resolves with the answer to the last one. */
  async ask(method: string, params: object = {}, times = 1): Promise<Message> {
    if (this.#socket.readyState === WebSocket.CONNECTING) {
      await new Promise((resolve) => this.#socket.addEventListener("open", resolve));
    }
    const index = this.received.length;
    const request = JSON.stringify({ method, params });
    for (let i = 0; i < times; i++) this.#socket.send(request);
    return this.#next(index + times - 1);
  }

  close(): void {
    this.#socket.close();
  }
}

/**
 * Opens an exchange. `restart` closes it and opens it again on the same data. `onInfo` receives its
 * messages of level info.
 */
export async function openRealExchange(
  env: Record<string, string> = {},
  onInfo: (message: string) => void = () => {},
) {
  const dataDir = mkdtempSync(join(tmpdir(), "waiver-exchange-"));
  const configure = (changes: Record<string, string> = {}) =>
    loadConfig({
      env: {
        WAIVER_PLAYERS__SOURCE: "offline",
        WAIVER_GATEWAY__HOST: "127.0.0.1",
        // Warming up only brings speed, and no test measures speed.
        WAIVER_MARKET__WARM_UP: "false",
        // Slow ticks are logged. Here they would only say that the machine is slow.
        WAIVER_LOG__SLOW_TICK_MS: "600000",
        ...env,
        ...changes,
      },
      overrides: { port: 0, dataDir },
    });
  const warnings: string[] = [];
  const warn = (_fields: object, message: string) => {
    // The duration of a tick depends on the machine.
    if (message !== "slow tick") warnings.push(message);
  };
  const log = { info: (_fields: object, message: string) => onInfo(message), warn, error: warn };
  let exchange = await openExchange(configure(), log);
  return {
    dataDir,
    /** Messages that were logged above the level info. */
    warnings,
    get exchange() {
      return exchange;
    },
    get url() {
      return `127.0.0.1:${exchange.port}`;
    },
    connect(endpoint: string): Connection {
      return new Connection(`ws://${this.url}/${endpoint}`);
    },
    async connectAs(keys: Credentials, more: object = {}, endpoint = "orders") {
      const { api_key, api_secret } = keys;
      const connection = this.connect(endpoint);
      const answer = await connection.ask("auth.login", { api_key, api_secret, ...more });
      if (answer.result === undefined) throw new Error(JSON.stringify(answer));
      return connection;
    },
    createUser(more: Partial<CreateUserBody> = {}) {
      return exchange.operations.createUser({
        name: "user",
        cash: 1_000_000,
        ...more,
      });
    },
    /** Starts again, with changes to its environment, and after `meanwhile` has changed its files. */
    async restart(changes: Record<string, string> = {}, meanwhile = () => {}) {
      await exchange.close();
      meanwhile();
      exchange = await openExchange(configure(changes), log);
    },
    async [Symbol.asyncDispose]() {
      await exchange.close().finally(() => rmSync(dataDir, { recursive: true }));
    },
  };
}
