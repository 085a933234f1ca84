/** The control port: commands of the house through the same ring, journal and core as everybody's. */
import { C_SEQUENCE_F64, C_TEXT_BYTES, C_TIMESTAMP_F64, COMMAND_DOUBLES } from "../core/command.ts";
import type { Core } from "../core/core.ts";
import { E_AMOUNT_F64, E_CODE, E_DETAIL, E_HEAD, EventKind } from "../core/event.ts";
import { CLOCK_TIMESTAMP } from "../core/parts.ts";
import { ErrorCode } from "../protocol/errors.ts";
import { OrderState, orderStateObject } from "../protocol/order-state.ts";
import type { OrderStateResult } from "../protocol/schemas/orders.ts";
import {
  type ControlCommand,
  type ControlPort,
  type ControlReply,
  UnavailableError,
} from "../router/control.ts";
import type { InboundBatch, InboundRing, Origin, Replies } from "../router/inbound-ring.ts";
import { writeControlCommand } from "../router/order-command.ts";
import { readEventOrder } from "./order-state-reader.ts";
import type { TickLoop } from "./tick-loop.ts";

export class Control implements ControlPort {
  readonly #core: Core;
  readonly #ring: InboundRing;
  readonly #loop: TickLoop;
  /** No more commands: the exchange is going down. */
  closing = false;

  constructor(core: Core, ring: InboundRing, loop: TickLoop) {
    this.#core = core;
    this.#ring = ring;
    this.#loop = loop;
  }

  submit(command: ControlCommand): Promise<ControlReply> {
    return new Promise((resolve, reject) => {
      if (this.closing) {
        return reject(new UnavailableError(ErrorCode.SHUTTING_DOWN, "shutting down"));
      }
      if (this.#loop.failed !== null) return reject(storageFailed());
      assertText(command.text);
      const index = this.#ring.claim(new ControlOrigin(this.#core, resolve, reject));
      if (index < 0) return reject(new UnavailableError(ErrorCode.OVERLOADED, "overloaded"));
      writeControlCommand(this.#ring.gathering, index, command);
      this.#loop.wake();
    });
  }

  read<T>(read: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const isTaken = this.#loop.read(() => {
        if (this.#loop.isAhead) return reject(storageFailed());
        try {
          resolve(read());
        } catch (error) {
          reject(error);
        }
      });
      if (!isTaken) reject(new UnavailableError(ErrorCode.OVERLOADED, "overloaded"));
    });
  }
}

/** Before a record is claimed: one that is claimed is journaled. */
function assertText(text = ""): void {
  if (text.length <= C_TEXT_BYTES && /^[ -~]*$/.test(text)) return;
  throw new RangeError(`"${text}": expected up to ${C_TEXT_BYTES} printable ASCII characters`);
}

function storageFailed(): UnavailableError {
  return new UnavailableError(ErrorCode.STORAGE_FAILED, "storage failed");
}

/** Waits for the outcome of one command. */
class ControlOrigin implements Origin {
  batch = 0;
  last = -1;

  constructor(
    private readonly core: Core,
    private readonly resolve: (reply: ControlReply) => void,
    private readonly reject: (error: UnavailableError) => void,
  ) {}

  deliver(batch: InboundBatch, first: number, replies: Replies): void {
    const { ints: E, doubles: D } = this.core.events;
    const e = replies.at[first];
    const kind = E[e + E_HEAD] & 255;
    const isDone = kind === EventKind.DONE;
    const d = (first + 1) * COMMAND_DOUBLES;
    this.resolve({
      code: kind === EventKind.REJECT ? E[e + E_CODE] : 0,
      detail: kind === EventKind.REJECT ? E[e + E_DETAIL] : 0,
      count: isDone ? E[e + E_CODE] : 0,
      amount: isDone ? D[(e >> 1) + E_AMOUNT_F64] : 0,
      order: kind === EventKind.ORDER ? this.#orderOf(e) : null,
      sequence: batch.doubles[d + C_SEQUENCE_F64],
      tick: this.core.tick(),
      timestamp: batch.doubles[d + C_TIMESTAMP_F64],
    });
  }

  #orderOf(e: number): OrderStateResult {
    const state = new OrderState();
    readEventOrder(state, this.core, e, this.core.clock[CLOCK_TIMESTAMP], this.core.tick());
    return orderStateObject(state);
  }

  fail(): void {
    this.reject(storageFailed());
  }
}
