/** `order.batch`: each order is checked on its own. One answer has all outcomes, in the order of the request. */
import type { TickOutput } from "../core/tick-output.ts";
import { checkParams } from "../protocol/check.ts";
import { type ErrorBody, ErrorCode } from "../protocol/errors.ts";
import { invalidParameters } from "../protocol/issue.ts";
import { fillOrderRequest, OrderMethod, OrderRequest } from "../protocol/order-request.ts";
import type { OrderStateResult } from "../protocol/schemas/orders.ts";
import type { Params, Result } from "../protocol/schemas.ts";
import type { InboundBatch, ReplyTo } from "../router/inbound-ring.ts";
import type { Caller, LoggedIn } from "./caller.ts";
import type { OrderEntry } from "./order-entry.ts";
import type { OrderOutcomes } from "./order-outcomes.ts";
import { failure, type Outcome } from "./outcome.ts";

type OnAnswer = (outcome: Outcome<Result<"order.batch">>) => void;

const order = new OrderRequest();

export interface BatchParts {
  readonly entry: OrderEntry;
  readonly outcomes: OrderOutcomes;
  /** The order at index `place` of a batch was refused before it became a command. */
  readonly onRefused: (account: number, place: number, error: ErrorBody) => void;
}

/**
 * Places the orders of a batch. The caller's bucket pays for all of them and may be overdrawn; when it is empty, the whole
 * batch is refused. `onAnswer` is called once: when the tick is durable or has failed, or at once when no order gets into the
 * tick.
 */
export function placeBatch(
  { entry, outcomes, onRefused }: BatchParts,
  caller: Caller,
  { orders }: Params<"order.batch">,
  onAnswer: OnAnswer,
): void {
  const refusal = entry.refuse(caller, OrderMethod.PLACE, orders.length);
  if (refusal !== null) return onAnswer({ error: refusal });
  const batch = new OrderBatch(outcomes, orders.length, onAnswer);
  const refuse = (place: number, error: ErrorBody): void => {
    batch.refuse(place, { error });
    onRefused(caller.account, place, error);
  };
  for (const [place, params] of orders.entries()) {
    const issues = checkParams("order.place", params);
    if (issues !== null) {
      refuse(place, invalidParameters("order.place", issues));
      continue;
    }
    fillOrderRequest(order, "order.place", params as Params<"order.place">);
    const error = entry.put(caller as LoggedIn, order, batch);
    if (error !== null) refuse(place, error);
    else batch.wait(place);
  }
  batch.answerUnlessWaiting();
}

/** Collects the outcomes of one batch. */
class OrderBatch implements ReplyTo {
  batch = 0;
  last = -1;
  /** Indices of the orders that are in the tick, in the order of their records. */
  readonly #waiting: number[] = [];
  readonly #results: Outcome<OrderStateResult>[];
  readonly #outcomes: OrderOutcomes;
  readonly #onAnswer: OnAnswer;

  constructor(outcomes: OrderOutcomes, count: number, onAnswer: OnAnswer) {
    this.#outcomes = outcomes;
    this.#onAnswer = onAnswer;
    this.#results = new Array<Outcome<OrderStateResult>>(count);
  }

  refuse(place: number, outcome: Outcome<OrderStateResult>): void {
    this.#results[place] = outcome;
  }

  wait(place: number): void {
    this.#waiting.push(place);
  }

  answerUnlessWaiting(): void {
    if (this.#waiting.length === 0) this.#answer();
  }

  onReplies(batch: InboundBatch, first: number, output: TickOutput): void {
    let n = 0;
    for (let i = first; i !== -1; i = batch.next[i]) {
      this.#results[this.#waiting[n++]] = this.#outcomes.ofOrder(output, i);
    }
    this.#answer();
  }

  onFailed(): void {
    for (const place of this.#waiting) this.#results[place] = failure(ErrorCode.STORAGE_FAILED);
    this.#answer();
  }

  #answer(): void {
    this.#onAnswer({ result: { results: this.#results } });
  }
}
