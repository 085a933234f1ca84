/** Serves every method that does not need a connection, for WebSockets and REST alike. */
import { fillOrderRequest, type OrderMethodName, OrderRequest } from "../protocol/order-request.ts";
import type { Params, Result } from "../protocol/schemas.ts";
import type { Caller } from "./caller.ts";
import { OrderAnswer } from "./order-answer.ts";
import { type BatchParts, placeBatch } from "./order-batch.ts";
import type { Outcome } from "./outcome.ts";
import { isQueryName, type Queries, type QueryName } from "./queries.ts";

export interface ServiceParts extends BatchParts {
  queries: Queries;
}

/** Names of the methods. Each takes params that its schema has checked. */
export type ServedMethod = QueryName | OrderMethodName | "order.batch" | "ping" | "time";

export type OnAnswer<Answer extends object = object> = (outcome: Outcome<Answer>) => void;

export class Service {
  readonly #parts: ServiceParts;
  readonly #order = new OrderRequest();

  constructor(parts: ServiceParts) {
    this.#parts = parts;
  }

  /**
   * Serves a method whose params were checked. `onAnswer` is called once: with an error perhaps at once, with a result when
   * that is durable.
   */
  serve<M extends ServedMethod>(
    method: M,
    caller: Caller,
    params: Params<M>,
    onAnswer: OnAnswer<Result<M>>,
  ): void;
  serve(method: ServedMethod, caller: Caller, params: object, onAnswer: OnAnswer): void {
    const { queries } = this.#parts;
    if (isQueryName(method)) {
      return queries.ask(method, caller, params as Params<typeof method>, onAnswer);
    }
    switch (method) {
      case "order.place":
      case "order.cancel":
      case "order.amend":
      case "order.cancel_all":
        fillOrderRequest(this.#order, method, params as Params<OrderMethodName>);
        return this.submit(caller, this.#order, onAnswer);
      case "order.batch":
        return placeBatch(this.#parts, caller, params as Params<typeof method>, onAnswer);
      case "ping":
      case "time":
        return onAnswer({ result: queries.time() });
    }
  }

  /** Serves an order of a valid form. `onAnswer` is called as by `serve`. */
  submit(caller: Caller, order: OrderRequest, onAnswer: OnAnswer): void {
    const { entry, outcomes } = this.#parts;
    const error = entry.submit(caller, order, new OrderAnswer(outcomes, onAnswer));
    if (error !== null) onAnswer({ error });
  }
}
