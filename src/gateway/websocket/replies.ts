/**
 * Answers the orders of a durable tick. Each connection gets all of its answers in one corked burst, with one system call,
 * however many orders it sent.
 */
import { EventKind } from "../../core/event.ts";
import type { TickOutput } from "../../core/tick-output.ts";
import { ErrorCode } from "../../protocol/errors.ts";
import { ANSWER_BYTES_MAX, BINARY_START, bytes } from "../../protocol/flat-writer.ts";
import { MessagePackWriter } from "../../protocol/message-pack-writer.ts";
import { orderResponse } from "../../protocol/order-encoder.ts";
import { OrderState } from "../../protocol/order-state.ts";
import { putUsualMessagePack } from "../../protocol/usual-reply-message-pack.ts";
import type { InboundBatch } from "../../router/inbound-ring.ts";
import type { OrderOutcomes } from "../../trading/order-outcomes.ts";
import { failure } from "../../trading/outcome.ts";
import type { Answers } from "./answers.ts";
import type { PartRequestIds, RequestIds } from "./request-ids.ts";
import type { OrderReplies, Session } from "./session.ts";
import { TextBurst } from "./text-burst.ts";

/** Views of the answer's bytes, by the answer's length. */
const views = Array.from({ length: ANSWER_BYTES_MAX }, (_, length) =>
  bytes.subarray(BINARY_START, BINARY_START + length),
);

/** Writes the usual answer, whose bytes are valid until the next one; null when the answer is not a usual one. */
function usualReply(
  ids: Uint8Array,
  start: number,
  length: number,
  state: OrderState,
): Uint8Array | null {
  const end = putUsualMessagePack(BINARY_START, ids, start, length, state);
  return end < 0 ? null : views[end - BINARY_START];
}

export class Replies implements OrderReplies {
  readonly #outcomes: OrderOutcomes;
  readonly #ids: RequestIds;
  readonly #answers: Answers;
  readonly #state = new OrderState();
  readonly #writer = new MessagePackWriter();
  readonly #texts = new TextBurst();
  /** What `#writeAll` writes. It is kept here so that corking needs no new function each time. */
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
    const { next, part } = this.#batch as InboundBatch;
    const output = this.#output as TickOutput;
    const ids = this.#ids.of(part);
    this.#texts.begin();
    for (let i = this.#first; i !== -1; i = next[i]) this.#write(session, ids, i, output);
    this.#texts.send(session);
  };

  #write(session: Session, ids: PartRequestIds, record: number, output: TickOutput): void {
    const e = output.replies[record];
    if (output.events.kind(e) !== EventKind.ORDER || ids.isLong(record)) {
      this.#texts.send(session);
      return this.#answers.send(session, ids.read(record), this.#outcomes.of(output, record));
    }
    const state = this.#state;
    const start = ids.starts[record];
    const length = ids.lengths[record];
    this.#outcomes.readOrder(state, output, e);
    if (ids.isBinary(record)) {
      this.#texts.send(session);
      const usual = usualReply(ids.bytes, start, length, state);
      session.sendBinary(
        usual ?? orderResponse.messagePack(this.#writer, ids.bytes, start, length, state),
      );
    } else if (!this.#texts.addUsual(session, ids.bytes, start, length, state)) {
      orderResponse.json(this.#texts.writer, ids.bytes, start, length, state);
      this.#texts.endFrame(session);
    }
  }

  onFailed(session: Session, { next, part }: InboundBatch, first: number): void {
    const ids = this.#ids.of(part);
    for (let i = first; i !== -1; i = next[i]) {
      this.#answers.send(session, ids.read(i), failure(ErrorCode.STORAGE_FAILED));
    }
  }
}
