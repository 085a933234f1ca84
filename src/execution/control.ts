/** The control port: commands of the exchange itself and of the operator take the same way as those of clients. */
import { C_TEXT_BYTES, OPERATOR_CHARACTERS_MAX } from "../core/command.ts";
import { EventKind } from "../core/event.ts";
import type { TickOutput } from "../core/tick-output.ts";
import type { Lifecycle } from "../lib/lifecycle.ts";
import { ErrorCode } from "../protocol/errors.ts";
import { OrderState, orderStateObject } from "../protocol/order-state.ts";
import type { OrderStateResult } from "../protocol/schemas/orders.ts";
import {
  type ControlCommand,
  type ControlPort,
  type ControlReply,
  UnavailableError,
} from "../router/control.ts";
import type { InboundBatch, InboundRing, ReplyTo } from "../router/inbound-ring.ts";
import { expectRoomForName } from "../router/operator-name.ts";
import { writeControlCommand } from "../router/order-command.ts";
import type { TickLoop } from "./tick-loop.ts";

export class Control implements ControlPort {
  readonly #ring: InboundRing;
  readonly #loop: TickLoop;
  readonly #lifecycle: Lifecycle;

  constructor(ring: InboundRing, loop: TickLoop, lifecycle: Lifecycle) {
    this.#ring = ring;
    this.#loop = loop;
    this.#lifecycle = lifecycle;
  }

  submit(command: ControlCommand): Promise<ControlReply> {
    return new Promise((resolve, reject) => {
      if (this.#lifecycle.isClosed) {
        return reject(new UnavailableError(ErrorCode.SHUTTING_DOWN, "shutting down"));
      }
      if (this.#loop.failed !== null) return reject(storageFailed());
      assertFits(command);
      const index = this.#ring.claim(new WaitingCaller(resolve, reject));
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

/**
 * Throws when a text does not fit into a record. Called before one is claimed, because claimed records are journaled.
 */
function assertFits(command: ControlCommand): void {
  assertText("text", command.text, C_TEXT_BYTES);
  assertText("by", command.by, OPERATOR_CHARACTERS_MAX);
  if (command.by !== undefined) expectRoomForName(command);
}

function assertText(field: string, text: string | undefined, charactersMax: number): void {
  if (text === undefined) return;
  if (text.length <= charactersMax && /^[ -~]*$/.test(text)) return;
  throw new RangeError(
    `${field} = "${text}": expected up to ${charactersMax} printable ASCII characters`,
  );
}

function storageFailed(): UnavailableError {
  return new UnavailableError(ErrorCode.STORAGE_FAILED, "storage failed");
}

/** Waits for the outcome of one command. */
class WaitingCaller implements ReplyTo {
  batch = 0;
  last = -1;

  constructor(
    private readonly resolve: (reply: ControlReply) => void,
    private readonly reject: (error: UnavailableError) => void,
  ) {}

  onReplies(_batch: InboundBatch, first: number, output: TickOutput): void {
    const { events, tick, timestamp, sequence, count } = output;
    const e = output.replies[first];
    const kind = events.kind(e);
    const isRefused = kind === EventKind.REJECT;
    const isDone = kind === EventKind.DONE;
    this.resolve({
      code: isRefused ? events.code(e) : 0,
      detail: isRefused ? events.detail(e) : 0,
      because: isRefused ? [events.firstDetail(e), events.secondDetail(e)] : [0, 0],
      count: isDone ? events.count(e) : 0,
      amount: isDone ? events.amount(e) : 0,
      order: kind === EventKind.ORDER ? orderOf(output, e) : null,
      sequence: sequence - count + 1 + first,
      tick,
      timestamp,
    });
  }

  onFailed(): void {
    this.reject(storageFailed());
  }
}

function orderOf({ events, timestamp, tick }: TickOutput, e: number): OrderStateResult {
  const state = new OrderState();
  events.readOrder(state, e, events.order(e), timestamp, tick);
  return orderStateObject(state);
}
