/**
 * Answers the orders of a durable tick: each connection gets all of its answers in one corked burst, one system
 * call, however many orders.
 */
import { EventKind } from "../../core/event.ts";
import type { TickOutput } from "../../core/tick-output.ts";
import { ErrorCode } from "../../protocol/errors.ts";
import { MessagePackWriter } from "../../protocol/message-pack-writer.ts";
import { orderResponse } from "../../protocol/order-encoder.ts";
import { OrderState } from "../../protocol/order-state.ts";
import type { InboundBatch } from "../../router/inbound-ring.ts";
import type { OrderOutcomes } from "../../trading/order-outcomes.ts";
import { failure } from "../../trading/outcome.ts";
import type { Answers } from "./answers.ts";
import type { RequestIds } from "./request-ids.ts";
import type { OrderReplies, Session } from "./session.ts";

export class Replies implements OrderReplies {
  readonly #outcomes: OrderOutcomes;
  readonly #ids: RequestIds;
  readonly #answers: Answers;
  readonly #state = new OrderState();
  readonly #writer = new MessagePackWriter();
  /** What is being written, so that corking takes no function of its own each time. */
  #session: Session | null = null;
  #batch: InboundBatch | null = null;
  #output: TickOutput | null = null;
  #first = -1;

  constructor(outcomes: OrderOutcomes, ids: RequestIds, answers: Answers) {
    this.#outcomes = outcomes;
    this.#ids = ids;
    this.#answers = answers;
  }

  onReplies(session: Session, batch: InboundBatch, first: number, output: TickOutput): void {
    this.#session = session;
    this.#batch = batch;
    this.#output = output;
    this.#first = first;
    session.cork(this.#writeAll);
  }

  readonly #writeAll = (): void => {
    const session = this.#session as Session;
    const { next, half } = this.#batch as InboundBatch;
    const output = this.#output as TickOutput;
    for (let i = this.#first; i !== -1; i = next[i]) this.#write(session, half, i, output);
  };

  #write(session: Session, half: number, record: number, output: TickOutput): void {
    const e = output.replies[record];
    const ids = this.#ids.of(half);
    if (output.events.kind(e) !== EventKind.ORDER) {
      return this.#answers.send(session, ids.read(record), this.#outcomes.of(output, record));
    }
    this.#outcomes.readOrder(this.#state, output, e);
    const text = ids.texts[record];
    if (text !== null) return session.sendText(orderResponse.json(text, this.#state));
    const id = ids.bytes[record];
    const frame = orderResponse.messagePack(this.#writer, id, ids.lengths[record], this.#state);
    session.sendBinary(frame);
  }

  onFailed(session: Session, { next, half }: InboundBatch, first: number): void {
    const ids = this.#ids.of(half);
    for (let i = first; i !== -1; i = next[i]) {
      this.#answers.send(session, ids.read(i), failure(ErrorCode.STORAGE_FAILED));
    }
  }
}
