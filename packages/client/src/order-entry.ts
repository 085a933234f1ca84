/**
 * Orders that are placed once, whatever happens to the line:
 *
 * ```
 *  send ─► answer: that is it
 *    └─ lost ─► order.status by client_order_id ─► known: that is it
 *                 └─ unknown ─► send again under the same id, which places nothing twice
 * ```
 */
import { ConnectionError, isExchangeError, isPassing, OutcomeUnknownError } from "./errors.ts";
import type { Line } from "./line.ts";
import type {
  OrderBatchParams,
  OrderBatchResult,
  OrderCancelParams,
  OrderPlaceParams,
  OrderState,
} from "./messages.ts";
import type { RpcSocket } from "./rpc-socket.ts";
import { wait } from "./wait.ts";

export interface OrderEntryOptions {
  /** Waiting for one answer. */
  readonly requestTimeoutMs: number;
  /** Until it is known what became of an order. */
  readonly orderTimeoutMs: number;
}

const RETRY_MS = 250;

type Attempt<R> = (socket: RpcSocket, timeoutMs: number, isRepeated: boolean) => Promise<R>;

export class OrderEntry {
  readonly #line: Line;
  readonly #options: OrderEntryOptions;

  constructor(line: Line, options: OrderEntryOptions) {
    this.#line = line;
    this.#options = options;
  }

  /** The state right after it was placed; after a lost answer as it is by then. */
  place(params: OrderPlaceParams): Promise<OrderState> {
    const order = withClientOrderId(params);
    const id = order.client_order_id;
    return this.#insist([id], async (socket, timeoutMs, isRepeated) => {
      if (isRepeated) {
        const known = await findOrder(socket, id, timeoutMs);
        if (known !== undefined) return known;
      }
      return await socket.request("order.place", order, timeoutMs);
    });
  }

  /** Each order is placed once: those that came in before are answered with `duplicate`. */
  batch(params: OrderBatchParams): Promise<OrderBatchResult> {
    const orders = params.orders.map(withClientOrderId);
    const ids = orders.map((order) => order.client_order_id);
    return this.#insist(ids, (socket, timeoutMs) =>
      socket.request("order.batch", { orders }, timeoutMs),
    );
  }

  /** Cancelled is cancelled: an order that an earlier try has cancelled, whose answer was lost, is no error. */
  cancel(params: OrderCancelParams): Promise<OrderState> {
    return this.#insist([], async (socket, timeoutMs, isRepeated) => {
      try {
        return await socket.request("order.cancel", params, timeoutMs);
      } catch (error) {
        const isDone =
          isExchangeError(error, "UNKNOWN_ORDER") && error.details.status === "CANCELLED";
        if (!isRepeated || !isDone) throw error;
        const { order_id, client_order_id } = params;
        return await socket.request("order.status", { order_id, client_order_id }, timeoutMs);
      }
    });
  }

  /**
   * Tries until there is an answer. A refusal of the first try is one; of a later try it is one if it will not pass,
   * for the earlier ones may have come in.
   */
  async #insist<R>(ids: readonly string[], attempt: Attempt<R>): Promise<R> {
    const { requestTimeoutMs, orderTimeoutMs } = this.#options;
    const deadlineMs = performance.now() + orderTimeoutMs;
    let isRepeated = false;
    for (;;) {
      let socket: RpcSocket | undefined;
      try {
        // Nothing is sent late: an order whose line is not there in time is one that was not sent.
        const waitMs = isRepeated ? orderTimeoutMs : requestTimeoutMs;
        socket = await this.#line.socket(Math.min(deadlineMs, performance.now() + waitMs));
        const leftMs = Math.max(1, deadlineMs - performance.now());
        return await attempt(socket, Math.min(leftMs, requestTimeoutMs), isRepeated);
      } catch (error) {
        // There was no line to send it on.
        if (socket === undefined) throw isRepeated ? unknown(ids, error) : error;
        const isLost = error instanceof ConnectionError;
        const isPassed = isRepeated && isPassing(error);
        if (!isLost && !isPassed) throw error;
        const delayMs = isPassed ? (error.retryAfterMs ?? RETRY_MS) : 0;
        if (performance.now() + delayMs >= deadlineMs) throw unknown(ids, error);
        isRepeated = true;
        await wait(delayMs);
      }
    }
  }
}

function unknown(ids: readonly string[], cause: unknown): unknown {
  return ids.length > 0 ? new OutcomeUnknownError(ids, cause) : cause;
}

function withClientOrderId(
  order: OrderPlaceParams,
): OrderPlaceParams & { client_order_id: string } {
  return { ...order, client_order_id: order.client_order_id ?? newClientOrderId() };
}

/** 128 random bits, which no other client makes. */
export function newClientOrderId(): string {
  const words = crypto.getRandomValues(new Uint32Array(4));
  return `w${Array.from(words, (word) => word.toString(36).padStart(7, "0")).join("")}`;
}

async function findOrder(
  socket: RpcSocket,
  id: string,
  timeoutMs: number,
): Promise<OrderState | undefined> {
  try {
    return await socket.request("order.status", { client_order_id: id }, timeoutMs);
  } catch (error) {
    if (isExchangeError(error, "UNKNOWN_ORDER")) return undefined;
    throw error;
  }
}
