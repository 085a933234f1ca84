/** Requests that may be sent again: a lost answer is asked for once more, on whatever connection there is. */
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

/** All but those that belong to one connection, which the client sends by itself. */
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

  /** Rejects with `ExchangeError` when it is refused, with `ConnectionError` when time is over. */
  async send<M extends RequestMethod>(method: M, params: Params<M>): Promise<Result<M>> {
    const line = this.lineOf(method);
    const deadlineMs = performance.now() + this.#timeoutMs;
    for (;;) {
      const socket = await line.socket(deadlineMs);
      try {
        return await socket.request(method, params, deadlineMs - performance.now());
      } catch (error) {
        if (!(error instanceof ConnectionError) || performance.now() >= deadlineMs) throw error;
        // So that the line has seen its loss.
        await wait(0);
      }
    }
  }

  /** The line for a method: of those that serve it one that is live, or else the first. */
  lineOf(method: MethodName): Line {
    const lines = METHOD_ENDPOINTS[method].flatMap((endpoint) => this.#lines.get(endpoint) ?? []);
    const line = lines.find(({ state }) => state === "live") ?? lines[0];
    if (line === undefined) throw new TypeError(`${method} needs a trading client`);
    return line;
  }
}
