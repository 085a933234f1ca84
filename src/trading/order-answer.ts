/** Waits for the outcome of one order command that needs no connection, such as one over REST. */
import type { TickOutput } from "../core/tick-output.ts";
import { ErrorCode } from "../protocol/errors.ts";
import type { OrderStateResult } from "../protocol/schemas/orders.ts";
import type { Result } from "../protocol/schemas.ts";
import type { InboundBatch, ReplyTo } from "../router/inbound-ring.ts";
import type { OrderOutcomes } from "./order-outcomes.ts";
import { failure, type Outcome } from "./outcome.ts";

export class OrderAnswer implements ReplyTo {
  batch = 0;
  last = -1;

  /** `onAnswer` is called once, when the tick is durable or has failed. */
  constructor(
    private readonly outcomes: OrderOutcomes,
    private readonly onAnswer: (
      outcome: Outcome<OrderStateResult | Result<"order.cancel_all">>,
    ) => void,
  ) {}

  onReplies(_batch: InboundBatch, first: number, output: TickOutput): void {
    this.onAnswer(this.outcomes.of(output, first));
  }

  onFailed(): void {
    this.onAnswer(failure(ErrorCode.STORAGE_FAILED));
  }
}
