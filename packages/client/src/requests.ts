/** Sends requests that may be repeated: after a lost answer the request is sent again, on any connection. */
import { ConnectionError } from "./errors.ts";
import type { Line } from "./line.ts";
import {
  type Endpoint,
  METHOD_ENDPOINTS,
  type MethodName,
  type Params,
  type Result,
} from "./messages.ts";
import { wait } from "./wait.ts";

/** All methods but those that belong to one connection, which the client sends by itself. */
export type RequestMethod = Exclude<
  MethodName,
  "auth.login" | "subscribe" | "unsubscribe" | "subscriptions" | "depth.resume" | "user_data.resume"
>;

export class Requests {
  readonly #lines: ReadonlyMap<Endpoint, Line>;
  readonly #timeoutMs: number;

  constructor(lines: ReadonlyMap<Endpoint, Line>, timeoutMs: number) {
    this.#lines = lines;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Sends a request. Rejects with `ExchangeError` when it is refused, with `ConnectionError` when the time is
   * over.
   */
  async send<M extends RequestMethod>(method: M, params: Params<M>): Promise<Result<M>> {
    const line = this.lineOf(method);
    const deadlineMs = performance.now() + this.#timeoutMs;
    for (;;) {
      const socket = await line.socket(deadlineMs);
      try {
        return await socket.request(method, params, deadlineMs - performance.now());
      } catch (error) {
        if (!(error instanceof ConnectionError) || performance.now() >= deadlineMs) throw error;
        // Gives the line time to notice that it has lost the connection.
        await wait(0);
      }
    }
  }

  /** The line for a method: a live one of those that serve it, or else the first of them. */
  lineOf(method: MethodName): Line {
    const lines = METHOD_ENDPOINTS[method].flatMap((endpoint) => this.#lines.get(endpoint) ?? []);
    const line = lines.find(({ state }) => state === "live") ?? lines[0];
    if (line === undefined) throw new TypeError(`${method} needs a trading client`);
    return line;
  }
}
