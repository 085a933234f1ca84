/**
 * One WebSocket to the exchange. It matches answers to requests by id, and hands on pushes. It never
 * reconnects.
 */
import type { Clock } from "./clock.ts";
import type { Codec } from "./codec.ts";
import { createDeferred, type Deferred } from "./deferred.ts";
import { ConnectionError, ExchangeError } from "./errors.ts";
import type { ErrorBody, MethodName, Params, PingResult, Result } from "./messages.ts";
import { OPEN, openWebSocket, type WebSocketClass, type WebSocketLike } from "./web-socket.ts";

export interface RpcSocketOptions {
  /** The URL with the endpoint's path. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly webSocket: WebSocketClass;
  readonly codec: Codec;
  readonly clock: Clock;
  /** How long opening may take. */
  readonly timeoutMs: number;
  /** Silence after which the line is stale. */
  readonly staleAfterMs: number;
  /** Silence after which the line is given up. */
  readonly lostAfterMs: number;
  onPush(stream: string, data: unknown): void;
  /** Called when the line has become stale, or is heard again. */
  onStale(isStale: boolean): void;
}

interface Pending {
  readonly answer: Deferred<unknown>;
  /** A time of `performance.now()`. */
  readonly deadlineMs: number;
}

interface Message {
  id?: unknown;
  result?: unknown;
  error?: ErrorBody;
  stream?: string;
  data?: unknown;
}

/** After so many looks in silence a line counts as stale. At the third look a ping is sent. */
const LOOKS = 4;
const ASKS_AT = 3;
const CLOSED_NORMALLY = 1000;

export class RpcSocket {
  /** Resolves with the reason when the connection is gone, whoever ended it. */
  readonly closed: Promise<ConnectionError>;
  readonly #closed = createDeferred<ConnectionError>();
  readonly #opened = createDeferred<void>();
  readonly #options: RpcSocketOptions;
  readonly #socket: WebSocketLike;
  readonly #pending = new Map<number, Pending>();
  readonly #watch: ReturnType<typeof setInterval>;
  #lastId = 0;
  #isOver = false;
  /**
   * Looks since anything was heard. Looks are counted and not time, because timers of a page in the background
   * are rare, and a machine that slept has not listened.
   */
  #silentLooks = 0;
  #isStale = false;

  private constructor(options: RpcSocketOptions) {
    this.closed = this.#closed.promise;
    this.#options = options;
    const { webSocket, url, codec, headers } = options;
    this.#socket = openWebSocket(webSocket, url, codec.subprotocol, headers);
    this.#socket.binaryType = "arraybuffer";
    let isOpen = false;
    this.#socket.onopen = () => {
      isOpen = true;
      this.#opened.resolve();
    };
    this.#socket.onmessage = ({ data }: { data: string | ArrayBuffer }) => this.#onMessage(data);
    // `onclose` follows and says more, but in Node not after an opening that failed.
    this.#socket.onerror = () => {
      if (!isOpen) this.#end("The connection could not be opened");
    };
    this.#socket.onclose = ({ code, reason }: { code: number; reason: string }) => {
      this.#end(`The connection was closed: ${code} ${reason}`.trimEnd());
    };
    this.#watch = setInterval(() => this.#look(), options.staleAfterMs / LOOKS);
  }

  /** Connects; rejects with `ConnectionError` when that fails or takes too long. */
  static async open(options: RpcSocketOptions): Promise<RpcSocket> {
    const rpc = new RpcSocket(options);
    const { timeoutMs } = options;
    const timer = setTimeout(() => rpc.#end(`No connection within ${timeoutMs} ms`), timeoutMs);
    try {
      const failed = rpc.closed.then((error) => Promise.reject(error));
      await Promise.race([rpc.#opened.promise, failed]);
      return rpc;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Resolves with the result; rejects with `ExchangeError` when the exchange answers with an error, with
   * `ConnectionError` when it does not answer in `timeoutMs`, or the connection ends before. Throws what the encoding
   * throws for params that have no form in it.
   */
  request<M extends MethodName>(
    method: M,
    params: Params<M>,
    timeoutMs: number,
  ): Promise<Result<M>> {
    const answer = createDeferred<unknown>();
    if (this.#socket.readyState !== OPEN) this.#end("The connection is closing");
    if (this.#isOver) {
      answer.reject(new ConnectionError("The connection is not open"));
    } else {
      this.#lastId += 1;
      const id = this.#lastId;
      // Encoded first: when that throws, nothing is waited for.
      const frame = this.#options.codec.encode({ id, method, params });
      this.#pending.set(id, { answer, deadlineMs: performance.now() + timeoutMs });
      this.#socket.send(frame);
    }
    return answer.promise as Promise<Result<M>>;
  }

  /** Asks for the exchange's time, and gives it to the clock. */
  async askTime(method: "ping" | "time", timeoutMs: number): Promise<PingResult> {
    const asked = performance.now();
    const answer = await this.request(method, {}, timeoutMs);
    this.#options.clock.sample(answer.timestamp, performance.now() - asked);
    return answer;
  }

  /** Closes the connection. Requests under way reject with `ConnectionError`. */
  close(): void {
    this.#end("The connection was closed here");
  }

  /** Ends the connection at once: on a dead line the closing handshake would take long. */
  #end(why: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#watch);
    const socket = this.#socket;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close(CLOSED_NORMALLY);
    const error = new ConnectionError(why);
    for (const { answer } of this.#pending.values()) answer.reject(error);
    this.#pending.clear();
    this.#closed.resolve(error);
  }

  #onMessage(frame: string | ArrayBuffer): void {
    this.#silentLooks = 0;
    if (this.#isStale) this.#setStale(false);
    const message = this.#options.codec.decode(frame) as Message;
    if (message.stream !== undefined) {
      this.#options.onPush(message.stream, message.data);
      return;
    }
    const pending = this.#pending.get(message.id as number);
    // An answer to a request that was given up, or to none.
    if (pending === undefined) return;
    this.#pending.delete(message.id as number);
    if (message.error === undefined) pending.answer.resolve(message.result);
    else pending.answer.reject(new ExchangeError(message.error));
  }

  #look(): void {
    const now = performance.now();
    for (const [id, { answer, deadlineMs }] of this.#pending) {
      if (deadlineMs > now) continue;
      this.#pending.delete(id);
      answer.reject(new ConnectionError("No answer in time"));
    }
    if (this.#socket.readyState !== OPEN) return;
    this.#silentLooks += 1;
    const { staleAfterMs, lostAfterMs } = this.#options;
    const lookMs = staleAfterMs / LOOKS;
    if (this.#silentLooks * lookMs >= lostAfterMs) {
      this.#end(`Nothing was heard for ${lostAfterMs} ms`);
    } else if (this.#silentLooks >= LOOKS) {
      if (!this.#isStale) this.#setStale(true);
    } else if (this.#silentLooks === ASKS_AT) {
      this.askTime("ping", lostAfterMs).catch(() => undefined);
    }
  }

  #setStale(isStale: boolean): void {
    this.#isStale = isStale;
    this.#options.onStale(isStale);
  }
}
