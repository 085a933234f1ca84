import { COMMAND_INTS } from "../../src/core/command.ts";
import { EventKind, OrderStatus } from "../../src/core/event.ts";
import { Reject } from "../../src/core/reject.ts";
import type { TickOutput } from "../../src/core/tick-output.ts";
import {
  type InboundBatch,
  type InboundRing,
  type ReplyTo,
  RING_PARTS,
} from "../../src/router/inbound-ring.ts";
import { type Command, createRecords, writeCommand } from "../core/command-builder.ts";
import { nameIn } from "../reference/exchange-event.ts";

/** A client of the tick. It keeps the outcomes that it received, as `<request>: <outcome>`. */
export class Client implements ReplyTo {
  batch = 0;
  last = -1;
  readonly told: string[] = [];
  /** Called before each outcome. */
  onDeliver: () => void = () => {};
  /** By part of the ring and record: the request that the record belongs to. */
  readonly #requests: string[][] = Array.from({ length: RING_PARTS }, () => []);

  constructor(
    private readonly ring: InboundRing,
    private readonly wake: () => void,
  ) {}

  /** Claims a record for the command under the request's name; false if the ring is full. */
  send(request: string, command: Command): boolean {
    const records = createRecords(1);
    writeCommand(command, 0, { sequence: 0, timestamp: 0 }, records);
    return this.sendRecord(request, records.ints);
  }

  /** The same with the words of a record. */
  sendRecord(request: string, words: Int32Array): boolean {
    const index = this.ring.claim(this);
    if (index < 0) return false;
    const batch = this.ring.gathering;
    batch.ints.set(words, index * COMMAND_INTS);
    this.#requests[batch.part][index] = request;
    this.wake();
    return true;
  }

  onReplies(batch: InboundBatch, first: number, output: TickOutput): void {
    this.onDeliver();
    for (let i = first; i !== -1; i = batch.next[i]) {
      this.told.push(`${this.#requests[batch.part][i]}: ${outcome(output, i)}`);
    }
  }

  onFailed(batch: InboundBatch, first: number): void {
    for (let i = first; i !== -1; i = batch.next[i]) {
      this.told.push(`${this.#requests[batch.part][i]}: not stored`);
    }
  }
}

function outcome({ events, replies }: TickOutput, index: number): string {
  const e = replies[index];
  if (!events.isReply(e) || events.command(e) !== index) return "not a reply";
  if (events.kind(e) === EventKind.REJECT) return nameIn(Reject, events.code(e));
  if (events.kind(e) === EventKind.DONE) return `done ${events.count(e)}`;
  const o = events.order(e);
  const quantity = events.quantity(o);
  return `${nameIn(OrderStatus, events.status(e))} ${quantity - events.remaining(o)}/${quantity}`;
}
