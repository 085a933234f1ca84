/** A connection to one endpoint that comes back by itself after a loss, logged in as before. */
import type { Encoding } from "../protocol/encoding.ts";
import { ErrorCode } from "../protocol/errors.ts";
import type { Endpoint, Params, Result } from "../protocol/schemas.ts";
import { type Backoff, backoffDelayMs, DEFAULT_BACKOFF } from "./backoff.ts";
import { ConnectionError, ExchangeError } from "./exchange-error.ts";
import { RpcSocket } from "./rpc-socket.ts";
import { LoginSigner } from "./sign-login.ts";

export interface ConnectOptions {
  /** `ws://host:port` or `wss://…`, without a path. */
  url: string;
  endpoint: Endpoint;
  /** Default "json". */
  encoding?: Encoding;
  /** With both of these the client logs in. */
  apiKey?: string;
  apiSecret?: string;
  /** Default "signature", which does not send the secret; "secret" for a page that has no WebCrypto. */
  loginWith?: "signature" | "secret";
  cancelOnDisconnect?: boolean;
  /** Default 10 s. */
  requestTimeoutMs?: number;
  /** Default 20 s, see `RpcSocketOptions`. */
  heartbeatMs?: number;
  backoff?: Backoff;
}

/** "reconnecting": requests are refused with `ConnectionError` until it is "open" again. */
export type ConnectionState = "open" | "reconnecting" | "closed";

/** `error` is why the connection was lost, or why it was given up. */
export type StateHandler = (state: ConnectionState, error?: Error) => void;

/** What the session asks of its owner. */
export interface SessionOwner {
  onPush: (stream: string, data: unknown) => void;
  /** Brings a new connection, logged in, to where the last one was. */
  restore: (socket: RpcSocket) => Promise<void>;
}

type LoginResult = Result<"auth.login">;

const REQUEST_TIMEOUT_MS = 10_000;
const HEARTBEAT_MS = 20_000;

/** Trying again with the same key cannot help. */
const FINAL_CODES: readonly number[] = [
  ErrorCode.WRONG_CREDENTIALS,
  ErrorCode.KEY_NOT_VALID,
  ErrorCode.PERMISSION_MISSING,
];

export class Session {
  readonly #options: ConnectOptions;
  readonly #owner: SessionOwner;
  readonly #stateHandlers = new Set<StateHandler>();
  readonly #signer: LoginSigner | undefined;
  #socket: RpcSocket | undefined;
  #state: ConnectionState = "closed";
  #login: LoginResult | undefined;
  #stopWaiting: () => void = () => undefined;

  constructor(options: ConnectOptions, owner: SessionOwner) {
    this.#options = options;
    this.#owner = owner;
    const { apiKey, apiSecret, loginWith } = options;
    if (apiKey !== undefined && apiSecret !== undefined && loginWith !== "secret") {
      this.#signer = new LoginSigner(apiKey, apiSecret);
    }
  }

  /** Connects and logs in, in one attempt; rejects with `ConnectionError` or `ExchangeError`. */
  async open(): Promise<void> {
    this.#adopt(await this.#connect());
    this.#setState("open");
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get login(): LoginResult | undefined {
    return this.#login;
  }

  onState(handler: StateHandler): () => void {
    this.#stateHandlers.add(handler);
    return () => this.#stateHandlers.delete(handler);
  }

  /** As `RpcSocket.request`. */
  async request(method: string, params: object): Promise<unknown> {
    if (this.#socket === undefined) throw new ConnectionError("The connection is not open");
    return await this.#socket.request(method, params);
  }

  /** Ends the connection for good. */
  close(): void {
    this.#finish();
    this.#stopWaiting();
    this.#socket?.close();
  }

  async #connect(): Promise<RpcSocket> {
    const { url, endpoint, encoding, requestTimeoutMs, heartbeatMs } = this.#options;
    const socket = await RpcSocket.open({
      url: `${url}/${endpoint}`,
      encoding: encoding ?? "json",
      timeoutMs: requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
      heartbeatMs: heartbeatMs ?? HEARTBEAT_MS,
      onPush: this.#owner.onPush,
    });
    try {
      await this.#logIn(socket);
      await this.#owner.restore(socket);
      return socket;
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  async #logIn(socket: RpcSocket): Promise<void> {
    const { apiKey, apiSecret, cancelOnDisconnect } = this.#options;
    if (apiKey === undefined || apiSecret === undefined) return;
    const more =
      cancelOnDisconnect === undefined ? {} : { cancel_on_disconnect: cancelOnDisconnect };
    const request = async (proof: Params<"auth.login">): Promise<void> => {
      this.#login = (await socket.request("auth.login", { ...proof, ...more })) as LoginResult;
    };
    const signer = this.#signer;
    if (signer === undefined) return request({ api_key: apiKey, api_secret: apiSecret });
    try {
      await request(await signer.sign());
    } catch (error) {
      if (!signer.learnFrom(error)) throw error;
      await request(await signer.sign());
    }
  }

  #adopt(socket: RpcSocket): void {
    this.#socket = socket;
    void socket.closed.then((error) => this.#reconnect(error));
  }

  async #reconnect(lost: ConnectionError): Promise<void> {
    if (this.#state === "closed") return;
    this.#socket = undefined;
    this.#setState("reconnecting", lost);
    const backoff = this.#options.backoff ?? DEFAULT_BACKOFF;
    let delayAskedMs = 0;
    for (let attempt = 0; ; attempt++) {
      await this.#wait(Math.max(delayAskedMs, backoffDelayMs(backoff, attempt, Math.random())));
      if (this.#isClosed()) return;
      try {
        const socket = await this.#connect();
        if (this.#isClosed()) {
          socket.close();
          return;
        }
        this.#adopt(socket);
        this.#setState("open");
        return;
      } catch (error) {
        if (!(error instanceof ExchangeError)) continue;
        if (FINAL_CODES.includes(error.code)) {
          this.#finish(error);
          return;
        }
        delayAskedMs = error.retryAfterMs ?? 0;
      }
    }
  }

  /** Asked anew after every `await`, where `close` may have been called. */
  #isClosed(): boolean {
    return this.#state === "closed";
  }

  #wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      this.#stopWaiting = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #finish(error?: Error): void {
    if (this.#state !== "closed") this.#setState("closed", error);
  }

  #setState(state: ConnectionState, error?: Error): void {
    this.#state = state;
    for (const handler of this.#stateHandlers) handler(state, error);
  }
}
