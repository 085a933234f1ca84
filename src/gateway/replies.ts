/** The outcome of order commands, as answers: from the events of a durable tick. */
import { orderGeneration, orderNumber, orderSlot } from "../core/command.ts";
import {
  E_ACCOUNT,
  E_CLIENT_ID,
  E_CODE,
  E_DETAIL,
  E_GENERATION,
  E_HEAD,
  E_SLOT,
  EventFlag,
  EventKind,
} from "../core/event.ts";
import { CLOCK_TIMESTAMP } from "../core/parts.ts";
import { CapacityLimit, InvalidField, Reject } from "../core/reject.ts";
import { O_TIMESTAMP_F64, ORDER_SHIFT } from "../core/whistle/order-arena.ts";
import { readDoneOrder, readEventOrder } from "../execution/order-state-reader.ts";
import { type ErrorBody, ErrorCode, errorBody } from "../protocol/errors.ts";
import { invalidParameters } from "../protocol/issue.ts";
import { decodeMessagePack } from "../protocol/message-pack.ts";
import { MessagePackWriter } from "../protocol/message-pack-writer.ts";
import { ORDER_STATUSES } from "../protocol/names.ts";
import { jsonOrderResponse, writeOrderResponse } from "../protocol/order-encoder.ts";
import { OrderState, orderStateObject } from "../protocol/order-state.ts";
import type { InboundBatch } from "../router/inbound-ring.ts";
import { type Gateway, type Outcome, type Request, respond } from "./gateway.ts";
import type { ReplyWriter, Session } from "./session.ts";

const INVALID_FIELDS: Readonly<Record<number, { field: string; issue: string }>> = {
  [InvalidField.CLIENT_ORDER_ID]: {
    field: "client_order_id",
    issue: "Client order id was used before, for an order with other content",
  },
  [InvalidField.EXPIRE_AT]: { field: "expire_at", issue: "Must be in the future" },
  [InvalidField.PRICE]: { field: "price", issue: "A STOP order has no price to amend" },
  [InvalidField.QUANTITY]: {
    field: "quantity",
    issue: "Quantity must be more than what is filled already",
  },
};

const CAPACITY_LIMITS: Readonly<Record<number, string>> = {
  [CapacityLimit.ORDERS]: "open orders of the exchange",
  [CapacityLimit.LADDER_PAGES]: "spread of prices on one side of the book",
  [CapacityLimit.POSITIONS]: "positions of the exchange",
  [CapacityLimit.ORDER_QUANTITY]: "market.max_order_quantity",
  [CapacityLimit.ORDER_NOTIONAL]: "market.max_order_notional",
  [CapacityLimit.ACCOUNT_ORDERS]: "market.max_open_orders",
};

export class Replies implements ReplyWriter {
  readonly #gateway: Gateway;
  readonly #state = new OrderState();
  readonly #writer = new MessagePackWriter();

  constructor(gateway: Gateway) {
    this.#gateway = gateway;
  }

  /** The outcome of command `index` of a durable tick, from its REPLY event at word `e`. */
  reply(session: Session, batch: InboundBatch, index: number, e: number): void {
    const E = this.#gateway.core.events.ints;
    const head = E[e + E_HEAD];
    const kind = head & 255;
    if (kind === EventKind.ORDER) {
      this.#orderReply(session, batch, index, e, (head >> 8) & 255);
    } else if (kind === EventKind.REJECT) {
      this.#respond(session, batch, index, { error: this.#rejection(e) });
    } else {
      this.#respond(session, batch, index, { result: { cancelled: E[e + E_CODE] } });
    }
  }

  storageFailed(session: Session, batch: InboundBatch, index: number): void {
    const error = errorBody(ErrorCode.STORAGE_FAILED);
    this.#respond(session, batch, index, { error });
  }

  outcome(e: number): { result: object } | { error: ErrorBody } {
    const E = this.#gateway.core.events.ints;
    if ((E[e + E_HEAD] & 255) === EventKind.REJECT) return { error: this.#rejection(e) };
    this.#readOrder(e, (E[e + E_HEAD] >> 8) & 255);
    return { result: orderStateObject(this.#state) };
  }

  #orderReply(
    session: Session,
    batch: InboundBatch,
    index: number,
    e: number,
    flags: number,
  ): void {
    this.#readOrder(e, flags);
    const id = batch.requestIds[index];
    if (id !== null) return session.sendText(jsonOrderResponse(id, this.#state));
    const length = batch.idLengths[index];
    session.sendBinary(writeOrderResponse(this.#writer, batch.ids[index], length, this.#state));
  }

  /** Reads the order of an ORDER event. */
  #readOrder(e: number, flags: number): void {
    const { core, history } = this.#gateway;
    if ((flags & EventFlag.DUPLICATE) === 0 || (flags & EventFlag.OPEN) !== 0) {
      readEventOrder(this.#state, core, e, core.clock[CLOCK_TIMESTAMP], core.tick());
      if ((flags & EventFlag.DUPLICATE) !== 0) this.#stampAsChanged(this.#state);
      return;
    }
    readDoneOrder(this.#state, history.ofClientId(core.events.ints[e + E_CLIENT_ID]));
    this.#state.duplicate = true;
  }

  /** A repeated order shows when it last changed, as its status does, not when it was repeated. */
  #stampAsChanged(state: OrderState): void {
    const { arena } = this.#gateway.core;
    const slot = orderSlot(state.orderNumber);
    if (!arena.isOpen(slot, orderGeneration(state.orderNumber))) return;
    state.timestamp = arena.doubles[(slot << (ORDER_SHIFT - 1)) + O_TIMESTAMP_F64];
    state.tick = arena.ticks[slot];
  }

  #rejection(e: number): ErrorBody {
    const E = this.#gateway.core.events.ints;
    const code = E[e + E_CODE];
    const detail = E[e + E_DETAIL];
    if (code === Reject.INVALID_PARAMETER) {
      return invalidParameters("order.place", [INVALID_FIELDS[detail]]);
    }
    if (code === Reject.CAPACITY) return errorBody(code, { limit: CAPACITY_LIMITS[detail] });
    if (code === Reject.UNKNOWN_ORDER && E[e + E_SLOT] !== 0) {
      const number = orderNumber(E[e + E_SLOT], E[e + E_GENERATION]);
      const done = this.#gateway.history.find(number);
      if (done !== null && this.#sameUser(done.account, E[e + E_ACCOUNT])) {
        return errorBody(code, { status: ORDER_STATUSES[done.status] });
      }
    }
    return errorBody(code);
  }

  #sameUser(owner: number, account: number): boolean {
    const { accounts } = this.#gateway.core;
    return owner === account || accounts.userOf(owner) === accounts.userOf(account);
  }

  #respond(session: Session, batch: InboundBatch, index: number, outcome: Outcome): void {
    respond(this.#gateway, session, requestOf(batch, index), outcome);
  }
}

/** The request behind a record: what came in which encoding under which id. */
function requestOf(batch: InboundBatch, index: number): Pick<Request, "id" | "binary"> {
  const text = batch.requestIds[index];
  if (text !== null) return { binary: false, id: text === "" ? undefined : JSON.parse(text) };
  const length = batch.idLengths[index];
  if (length === 0) return { binary: true, id: undefined };
  const id = decodeMessagePack(batch.ids[index].subarray(0, length)) as string | number;
  return { binary: true, id };
}
