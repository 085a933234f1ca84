/** One WebSocket to the exchange: requests answered by id, pushes handed on. It never reconnects. */

import { type Encoding, SUBPROTOCOLS } from "../protocol/encoding.ts";
import type { ErrorBody } from "../protocol/errors.ts";
import { ConnectionError, ExchangeError } from "./exchange-error.ts";
import { decodeFrame, encodeFrame } from "./frame.ts";

export interface RpcSocketOptions {
  /** With the endpoint's path. */
  url: string;
  encoding: Encoding;
  /** For opening, and for the answer to each request. */
  timeoutMs: number;
  /** After this long without a message a `ping` is sent; after twice as long the connection is given up. */
  heartbeatMs: number;
  onPush: (stream: string, data: unknown) => void;
}

interface Pending {
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
  /** On `performance.now()`'s clock. Requests are in order of their deadlines. */
  deadlineMs: number;
}

interface Message {
  id?: unknown;
  result?: unknown;
  error?: ErrorBody;
  stream?: string;
  data?: unknown;
}

/** How often overdue requests are looked for. */
const WATCH_INTERVAL_MS = 500;

export class RpcSocket {
  /** Resolves with the reason when the connection is gone, whoever ended it. */
  readonly closed: Promise<ConnectionError>;
  readonly #options: RpcSocketOptions;
  readonly #socket: WebSocket;
  readonly #pending = new Map<number, Pending>();
  readonly #watch: ReturnType<typeof setInterval>;
  #lastId = 0;
  #heardMs = performance.now();

  private constructor(options: RpcSocketOptions) {
    const closed = Promise.withResolvers<ConnectionError>();
    this.closed = closed.promise;
    this.#options = options;
    this.#socket = new WebSocket(options.url, SUBPROTOCOLS[options.encoding]);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onmessage = ({ data }) => this.#onMessage(data);
    this.#socket.onclose = ({ code, reason }) => {
      clearInterval(this.#watch);
      const error = new ConnectionError(`The connection was closed: ${code} ${reason}`.trimEnd());
      for (const { reject } of this.#pending.values()) reject(error);
      this.#pending.clear();
      closed.resolve(error);
    };
    this.#watch = setInterval(() => this.#onWatch(), WATCH_INTERVAL_MS);
  }

  /** Connects; rejects with `ConnectionError` when that fails or takes too long. */
  static async open(options: RpcSocketOptions): Promise<RpcSocket> {
    const rpc = new RpcSocket(options);
    const opened = Promise.withResolvers<void>();
    rpc.#socket.onopen = () => opened.resolve();
    const timer = setTimeout(() => {
      opened.reject(new ConnectionError(`No connection within ${options.timeoutMs} ms`));
    }, options.timeoutMs);
    try {
      const failed = rpc.closed.then((error) => Promise.reject(error));
      await Promise.race([opened.promise, failed]);
      return rpc;
    } catch (error) {
      rpc.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Resolves with the result; rejects with `ExchangeError` when the exchange answers with an error, with
   * `ConnectionError` when it does not answer.
   */
  request(method: string, params: object): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    if (this.#socket.readyState !== WebSocket.OPEN) {
      reject(new ConnectionError("The connection is not open"));
      return promise;
    }
    this.#lastId += 1;
    const id = this.#lastId;
    const deadlineMs = performance.now() + this.#options.timeoutMs;
    this.#pending.set(id, { resolve, reject, deadlineMs });
    this.#socket.send(encodeFrame({ id, method, params }, this.#options.encoding));
    return promise;
  }

  /** Requests under way reject with `ConnectionError`. */
  close(): void {
    this.#socket.close(1000);
  }

  #onMessage(data: string | ArrayBuffer): void {
    this.#heardMs = performance.now();
    const message = decodeFrame(data) as Message;
    if (message.stream !== undefined) {
      this.#options.onPush(message.stream, message.data);
      return;
    }
    const pending = this.#pending.get(message.id as number);
    // The answer to a request that is overdue and was given up, or to none.
    if (pending === undefined) return;
    this.#pending.delete(message.id as number);
    if (message.error === undefined) pending.resolve(message.result);
    else pending.reject(new ExchangeError(message.error));
  }

  #onWatch(): void {
    const nowMs = performance.now();
    for (const [id, { reject, deadlineMs }] of this.#pending) {
      if (deadlineMs > nowMs) break;
      this.#pending.delete(id);
      reject(new ConnectionError(`No answer within ${this.#options.timeoutMs} ms`));
    }
    const silentMs = nowMs - this.#heardMs;
    if (silentMs > 2 * this.#options.heartbeatMs) this.close();
    else if (silentMs > this.#options.heartbeatMs) this.#ping();
  }

  #ping(): void {
    // What matters is that anything is heard at all: an unanswered ping ends in `#onWatch`.
    this.request("ping", {}).catch(() => undefined);
  }
}
