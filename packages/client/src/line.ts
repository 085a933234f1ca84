/** A line to one endpoint. It opens when it is first needed, and reconnects and logs in again by itself. */
import { type Backoff, backoffDelayMs } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import { type Encoding, loadCodec } from "./codec.ts";
import { createDeferred, type Deferred } from "./deferred.ts";
import { ConnectionError, ExchangeError, isExchangeError, LOGIN_REFUSALS } from "./errors.ts";
import type { Login, LoginInfo } from "./login.ts";
import type { Endpoint } from "./messages.ts";
import { RpcSocket } from "./rpc-socket.ts";
import type { WebSocketClass } from "./web-socket.ts";

/**
 * "idle": nobody has needed the line yet. "stale": nothing was heard for `staleAfterMs`. "offline": the
 * connection was lost and is made again. "closed": ended for good, by `close` or because the login was refused.
 */
export type LineState = "idle" | "connecting" | "live" | "stale" | "offline" | "closed";

export interface LineOptions {
  readonly endpoint: Endpoint;
  /** `ws://host:port`. */
  readonly url: string;
  readonly encoding: Encoding;
  readonly webSocket: WebSocketClass;
  readonly clock: Clock;
  readonly login: Login | undefined;
  readonly requestTimeoutMs: number;
  readonly staleAfterMs: number;
  readonly lostAfterMs: number;
  readonly backoff: Backoff;
}

/** The user of a line. */
export interface LineOwner {
  /** Called when the state has changed; `error` is the reason. */
  onState(state: LineState, error?: Error): void;
  /** Gets the pushes of the line, also those before `onOpen`. */
  onPush(stream: string, data: unknown): void;
  /** Called when there is a new connection, before any push of it. */
  onConnect(): void;
  /** Called when the new connection is logged in. */
  onOpen(socket: RpcSocket): void;
}

/** After a connection that lasted so long, the next wait is short again. */
const GOOD_AFTER_MS = 5_000;

/** Refusals after which trying again with the same login cannot help. */
const FINAL = [...LOGIN_REFUSALS, "PERMISSION_MISSING", "NOT_YOUR_ACCOUNT"] as const;

export class Line {
  readonly #options: LineOptions;
  readonly #owner: LineOwner;
  readonly #waiting = new Set<Deferred<RpcSocket>>();
  #state: LineState = "idle";
  #socket: RpcSocket | undefined;
  #login: LoginInfo | undefined;
  /** Why the line is closed or offline. */
  #error: Error | undefined;
  #isRunning = false;
  #stopWaiting: () => void = () => undefined;

  constructor(options: LineOptions, owner: LineOwner) {
    this.#options = options;
    this.#owner = owner;
  }

  get state(): LineState {
    return this.#state;
  }

  /** The answer to the last login. */
  get login(): LoginInfo | undefined {
    return this.#login;
  }

  /** Opens the line in one attempt. When that fails it rejects, and the line is idle again. */
  async open(): Promise<void> {
    if (this.#socket !== undefined) return;
    if (this.#isRunning || this.#state === "closed") {
      await this.socket(performance.now() + this.#options.requestTimeoutMs);
      return;
    }
    this.#isRunning = true;
    this.#setState("connecting");
    try {
      const socket = await this.#connect();
      void this.#run(socket);
    } catch (error) {
      if (isFinal(error)) this.#finish(error);
      else if (this.#waiting.size > 0) void this.#run(undefined);
      else if (!this.#isClosed()) this.#rest(error as Error);
      throw error;
    }
  }

  /**
   * The connection, as soon as there is one; the line opens if it is idle. Rejects with `ConnectionError` at
   * the deadline, a time of `performance.now()`, and with the error that has closed the line.
   */
  async socket(deadlineMs: number): Promise<RpcSocket> {
    if (this.#socket !== undefined) return this.#socket;
    if (this.#state === "closed") throw this.#error ?? new ConnectionError("The client is closed");
    this.wake();
    const waiting = createDeferred<RpcSocket>();
    this.#waiting.add(waiting);
    const timer = setTimeout(
      () =>
        waiting.reject(
          new ConnectionError("There is no line to the exchange", { cause: this.#error }),
        ),
      deadlineMs - performance.now(),
    );
    try {
      return await waiting.promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(waiting);
    }
  }

  /** Opens the line without waiting for it. */
  wake(): void {
    if (this.#isRunning || this.#isClosed()) return;
    this.#isRunning = true;
    this.#setState("connecting");
    void this.#run(undefined);
  }

  /** Closes the connection; the line makes a new one. */
  restart(): void {
    this.#socket?.close();
  }

  /** Ends the line for good. */
  close(): void {
    this.#finish(undefined);
  }

  /** Keeps the line connected until it is closed. `first`: the first connection, if there is one already. */
  async #run(first: RpcSocket | undefined): Promise<void> {
    let socket = first;
    for (let attempt = 0; !this.#isClosed(); attempt++) {
      let delayAskedMs = 0;
      try {
        socket ??= await this.#connect();
        const since = performance.now();
        const lost = await this.#use(socket);
        if (performance.now() - since > GOOD_AFTER_MS) attempt = 0;
        this.#lose(lost);
      } catch (error) {
        if (isFinal(error)) return this.#finish(error);
        if (error instanceof ExchangeError) delayAskedMs = error.retryAfterMs ?? 0;
        this.#lose(error as Error);
      }
      socket = undefined;
      if (this.#isClosed()) return;
      const delay = backoffDelayMs(this.#options.backoff, attempt, Math.random());
      await this.#wait(Math.max(delayAskedMs, delay));
    }
  }

  async #connect(): Promise<RpcSocket> {
    const { endpoint, login, requestTimeoutMs } = this.#options;
    const socket = await this.#openSocket();
    try {
      if (login !== undefined) this.#login = await login.logIn(socket, endpoint, requestTimeoutMs);
      if (this.#isClosed()) throw new ConnectionError("The client is closed");
      return socket;
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  async #openSocket(): Promise<RpcSocket> {
    const { url, endpoint, login, encoding, requestTimeoutMs, ...rest } = this.#options;
    const codec = await loadCodec(encoding);
    let isConnected = false;
    const onConnect = (): void => {
      if (!isConnected) this.#owner.onConnect();
      isConnected = true;
    };
    try {
      const socket: RpcSocket = await RpcSocket.open({
        ...rest,
        url: `${url}/${endpoint}${login?.query ?? ""}`,
        headers: login?.headers,
        codec,
        timeoutMs: requestTimeoutMs,
        onPush: (stream, data) => {
          // A push may come before `open` has resolved.
          onConnect();
          this.#owner.onPush(stream, data);
        },
        onStale: (isStale) => {
          if (this.#socket === socket) this.#setState(isStale ? "stale" : "live");
        },
      });
      onConnect();
      return socket;
    } catch (error) {
      // A WebSocket does not tell why it was refused; the session may be over.
      if (error instanceof ConnectionError) await login?.checkSession(requestTimeoutMs);
      throw error;
    }
  }

  /** Lets all callers use the connection until it is gone; resolves with the reason. */
  async #use(socket: RpcSocket): Promise<Error> {
    this.#socket = socket;
    this.#error = undefined;
    this.#owner.onOpen(socket);
    this.#setState("live");
    for (const { resolve } of this.#waiting) resolve(socket);
    return await socket.closed;
  }

  #rest(error: Error): void {
    this.#isRunning = false;
    this.#setState("idle", error);
  }

  #lose(error: Error): void {
    this.#socket = undefined;
    this.#error = error;
    if (!this.#isClosed()) this.#setState("offline", error);
  }

  /** A function, because it is asked again after every `await`, during which `close` may have been called. */
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

  #finish(error: Error | undefined): void {
    if (this.#state === "closed") return;
    this.#error = error;
    this.#setState("closed", error);
    this.#stopWaiting();
    this.#socket?.close();
    const why = error ?? new ConnectionError("The client is closed");
    for (const { reject } of this.#waiting) reject(why);
  }

  #setState(state: LineState, error?: Error): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#owner.onState(state, error);
  }
}

/**
 * Whether trying again cannot help. An error that is neither a refusal nor a lost connection comes from a
 * platform that cannot do what was asked.
 */
function isFinal(error: unknown): error is Error {
  if (isExchangeError(error)) return isExchangeError(error, ...FINAL);
  return !(error instanceof ConnectionError);
}
