import { COMMAND_INTS } from "../../src/core/command.ts";
import type { Core } from "../../src/core/core.ts";
import {
  E_CODE,
  E_COMMAND,
  E_HEAD,
  E_QUANTITY,
  E_REMAINING,
  EventFlag,
  EventKind,
  OrderStatus,
} from "../../src/core/event.ts";
import { Reject } from "../../src/core/reject.ts";
import type { InboundBatch, InboundRing, Origin, Replies } from "../../src/router/inbound-ring.ts";
import { type Command, createRecords, writeCommand } from "../core/command-builder.ts";
import { nameIn } from "../reference/exchange-event.ts";

/** A client's way to the tick, and all that it was told, as `<request>: <outcome>`. */
export class Client implements Origin {
  batch = 0;
  last = -1;
  readonly told: string[] = [];
  /** Is called before anything is told. */
  onDeliver: () => void = () => {};

  constructor(
    private readonly core: Core,
    private readonly ring: InboundRing,
    private readonly wake: () => void,
  ) {}

  /** Claims a record for the command and says under which request; false when the ring is full. */
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
    batch.ints.set(words, (index + 1) * COMMAND_INTS);
    batch.requestIds[index] = request;
    this.wake();
    return true;
  }

  deliver(batch: InboundBatch, first: number, replies: Replies): void {
    this.onDeliver();
    for (let i = first; i !== -1; i = batch.next[i]) {
      this.told.push(`${batch.requestIds[i]}: ${this.#outcome(i, replies.at[i])}`);
    }
  }

  fail(batch: InboundBatch, first: number): void {
    for (let i = first; i !== -1; i = batch.next[i]) {
      this.told.push(`${batch.requestIds[i]}: not stored`);
    }
  }

  #outcome(index: number, e: number): string {
    const E = this.core.events.ints;
    const head = E[e + E_HEAD];
    if (((head >> 8) & EventFlag.REPLY) === 0 || E[e + E_COMMAND] !== index) return "not a reply";
    const kind = head & 255;
    if (kind === EventKind.REJECT) return nameIn(Reject, E[e + E_CODE]);
    if (kind === EventKind.DONE) return `done ${E[e + E_CODE]}`;
    const filled = E[e + E_QUANTITY] - E[e + E_REMAINING];
    return `${nameIn(OrderStatus, head >> 16)} ${filled}/${E[e + E_QUANTITY]}`;
  }
}
