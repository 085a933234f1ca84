/** Outcomes of order commands, read from the events that answer them and from the history of done orders. */
import { EventFlag, EventKind, type Events } from "../core/event.ts";
import { CapacityLimit, InvalidField, Reject } from "../core/reject.ts";
import type { TickOutput } from "../core/tick-output.ts";
import type { CoreView } from "../core/view.ts";
import { type ErrorBody, errorBody } from "../protocol/errors.ts";
import { invalidParameters } from "../protocol/issue.ts";
import { ORDER_STATUSES } from "../protocol/names.ts";
import { OrderState, orderStateObject } from "../protocol/order-state.ts";
import type { OrderStateResult } from "../protocol/schemas/orders.ts";
import type { Result } from "../protocol/schemas.ts";
import type { OrderHistory } from "../records/order-history.ts";
import { type Outcome, overloaded } from "./outcome.ts";

const INVALID_FIELDS: Readonly<Record<number, { field: string; issue: string }>> = {
  [InvalidField.QUANTITY]: {
    field: "quantity",
    issue: "Quantity must be more than what is filled already",
  },
  [InvalidField.PRICE]: { field: "price", issue: "A STOP order has no price to amend" },
  [InvalidField.STOP_PRICE]: {
    field: "stop_price",
    issue: "Only a stop that waits has a stop price to amend",
  },
  [InvalidField.EXPIRE_AT]: { field: "expire_at", issue: "Must be in the future" },
  [InvalidField.ORDER]: { field: "params", issue: "Must be an order of a valid form" },
};

const CAPACITY_LIMITS: Readonly<Record<number, string>> = {
  [CapacityLimit.ORDERS]: "open orders of the exchange",
  [CapacityLimit.LADDER_PAGES]: "price ranges of the exchange",
  [CapacityLimit.ACCOUNT_PAGES]: "price ranges of an account",
  [CapacityLimit.POSITIONS]: "positions of the exchange",
  [CapacityLimit.ACCOUNT_POSITIONS]: "positions of an account",
  [CapacityLimit.ORDER_QUANTITY]: "market.max_order_quantity",
  [CapacityLimit.ORDER_NOTIONAL]: "market.max_order_notional",
  [CapacityLimit.ACCOUNT_ORDERS]: "market.max_open_orders",
  [CapacityLimit.ALL_ACCOUNT_ORDERS]: "open orders of an account",
  [CapacityLimit.SCANNED_ORDERS]:
    "resting orders that an order of a user with very many open orders may meet",
};

export class OrderOutcomes {
  readonly #view: CoreView;
  readonly #history: OrderHistory;
  readonly #state = new OrderState();

  constructor(view: CoreView, history: OrderHistory) {
    this.#view = view;
    this.#history = history;
  }

  /** The outcome of command `index` of the tick, which is about one order. */
  ofOrder(output: TickOutput, index: number): Outcome<OrderStateResult> {
    const e = output.replies[index];
    if (output.events.kind(e) === EventKind.REJECT) return { error: this.error(output.events, e) };
    this.readOrder(this.#state, output, e);
    return { result: orderStateObject(this.#state) };
  }

  /** The outcome of command `index` of the tick, for any order method. */
  of(output: TickOutput, index: number): Outcome<OrderStateResult | Result<"order.cancel_all">> {
    const e = output.replies[index];
    if (output.events.kind(e) !== EventKind.DONE) return this.ofOrder(output, index);
    return { result: { cancelled: output.events.count(e) } };
  }

  /** Reads the order of event `e`, an ORDER that answers a command, into `target`. */
  readOrder(target: OrderState, { events, timestamp, tick }: TickOutput, e: number): void {
    const o = events.order(e);
    const flags = events.flags(e);
    const isRepeatOfDone = (flags & EventFlag.DUPLICATE) !== 0 && (flags & EventFlag.OPEN) === 0;
    if (!isRepeatOfDone) return events.readOrder(target, e, o, timestamp, tick);
    this.#history.readByClientId(target, events.clientId(o), events.clientOrderId(e, o));
    target.duplicate = true;
  }

  /** The error for event `e`, a REJECT that answers a command. */
  error(events: Events, e: number): ErrorBody {
    const code = events.code(e);
    switch (code) {
      case Reject.INVALID_PARAMETER:
        return invalidParameters("order.place", [INVALID_FIELDS[events.detail(e)]]);
      case Reject.CAPACITY:
        return errorBody(code, { limit: CAPACITY_LIMITS[events.detail(e)] });
      case Reject.OVERLOADED:
        return overloaded();
      case Reject.OUTSIDE_BAND:
        return errorBody(code, { low: events.firstDetail(e), high: events.secondDetail(e) });
      case Reject.OFF_INCREMENT:
        return errorBody(code, { price_increment: events.firstDetail(e) });
      case Reject.INSUFFICIENT_FUNDS:
      case Reject.INSUFFICIENT_SHARES:
        return errorBody(code, {
          needed: events.firstDetail(e),
          available: events.secondDetail(e),
        });
      case Reject.UNKNOWN_ORDER:
        return errorBody(code, this.#doneDetails(events.rejectOrder(e), events.rejectAccount(e)));
      default:
        return errorBody(code);
    }
  }

  /** How a done order ended, if it belongs to the user of `account` and is still known; otherwise undefined. */
  #doneDetails(order: number, account: number): { status: string } | undefined {
    if (order === 0) return undefined;
    const owner = this.#history.find(this.#state, order, [account]);
    if (owner < 0) return undefined;
    const isSameUser = owner === account || this.#view.userOf(owner) === this.#view.userOf(account);
    return isSameUser ? { status: ORDER_STATUSES[this.#state.status] } : undefined;
  }
}
