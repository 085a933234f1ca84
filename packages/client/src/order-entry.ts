/**
 * Places orders exactly once, whatever happens to the line:
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
  /** How long to wait for one answer. */
  readonly requestTimeoutMs: number;
  /** How long to try to find out what became of an order. */
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

  /**
   * Places an order; resolves with its state right after that, or after a lost answer with its state when it
   * was looked up.
   */
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

  /** Places each order once. Orders that an earlier try has placed are answered with `duplicate`. */
  batch(params: OrderBatchParams): Promise<OrderBatchResult> {
    const orders = params.orders.map(withClientOrderId);
    const ids = orders.map((order) => order.client_order_id);
    return this.#insist(ids, (socket, timeoutMs) =>
      socket.request("order.batch", { orders }, timeoutMs),
    );
  }

  /** Cancels an order. It is no error that an earlier try, whose answer was lost, has cancelled it. */
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
   * Tries until there is an answer. A refusal of the first try is an answer. A temporary refusal of a later try
   * is not, because an earlier try may have been carried out.
   */
  async #insist<R>(ids: readonly string[], attempt: Attempt<R>): Promise<R> {
    const { requestTimeoutMs, orderTimeoutMs } = this.#options;
    const deadlineMs = performance.now() + orderTimeoutMs;
    let isRepeated = false;
    for (;;) {
      let socket: RpcSocket | undefined;
      try {
        // The first try waits for a line no longer than for an answer, so that no order is sent late.
        const waitMs = isRepeated ? orderTimeoutMs : requestTimeoutMs;
        socket = await this.#line.socket(Math.min(deadlineMs, performance.now() + waitMs));
        const leftMs = Math.max(1, deadlineMs - performance.now());
        return await attempt(socket, Math.min(leftMs, requestTimeoutMs), isRepeated);
      } catch (error) {
        // There was no line, so this try was not sent.
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

/** A client order id of 128 random bits, so that no other client makes the same. */
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
