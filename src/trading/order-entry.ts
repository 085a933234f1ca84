/** Order entry: checks whether a caller may send an order now, and puts it into the part of the ring that gathers. */
import type { TickLoop } from "../execution/tick-loop.ts";
import type { TickWatch } from "../execution/tick-watch.ts";
import type { MonotonicClock } from "../lib/clocks.ts";
import type { Lifecycle } from "../lib/lifecycle.ts";
import { type ErrorBody, ErrorCode, errorBody } from "../protocol/errors.ts";
import { ABSENT, NOT_OF_FORM } from "../protocol/names.ts";
import { OrderMethod, type OrderRequest } from "../protocol/order-request.ts";
import type { InboundRing, ReplyTo } from "../router/inbound-ring.ts";
import { writeOrderCommand } from "../router/order-command.ts";
import { accessRefusal, type Caller, isBound, type LoggedIn, mayUse } from "./caller.ts";
import type { MaintenanceGate } from "./maintenance-gate.ts";
import { overloaded, shuttingDown } from "./outcome.ts";
import type { SymbolNames } from "./symbol-names.ts";

const LATE = "The disk does not answer; only cancels are taken";

export interface OrderEntryParts extends MonotonicClock {
  ring: InboundRing;
  loop: TickLoop;
  tickWatch: Pick<TickWatch, "isLate">;
  symbols: SymbolNames;
  lifecycle: Lifecycle;
  maintenance: MaintenanceGate;
  /** Whether an order is known, open or done, in an account that the caller may use. */
  knowsOrder(caller: LoggedIn, order: number): boolean;
}

export class OrderEntry {
  readonly #parts: OrderEntryParts;
  /** Orders accepted since the start, for the metrics. */
  taken = 0;

  constructor(parts: OrderEntryParts) {
    this.#parts = parts;
  }

  /** Index of the ring's part that gathers. With `replyTo.last` it is the place of the order that was submitted last. */
  get part(): number {
    return this.#parts.ring.gathering.part;
  }

  /** How many records this part has. */
  get gathered(): number {
    return this.#parts.ring.gathering.count;
  }

  /**
   * Puts an order of a valid form into the next tick, and takes a token from the caller's bucket. Returns null, and `replyTo`
   * gets the outcome later; or the error when the order is refused at once.
   */
  submit(caller: Caller, order: OrderRequest, replyTo: ReplyTo): ErrorBody | null {
    const refusal = this.refuse(caller, order.method);
    return refusal ?? this.put(caller as LoggedIn, order, replyTo);
  }

  /** The error when the caller may not send `orders` orders now; null when he may, and his bucket has paid for them. */
  refuse(caller: Caller, method: number, orders = 1): ErrorBody | null {
    const { lifecycle, maintenance, loop, tickWatch, monotonic } = this.#parts;
    const refusal = accessRefusal(caller, "trade");
    if (refusal !== null) return refusal;
    if (!lifecycle.isOpen) return shuttingDown();
    const closed = maintenance.refusal();
    if (closed !== null) return closed;
    if (loop.failed !== null) return errorBody(ErrorCode.STORAGE_FAILED);
    const { limits } = caller;
    const isCancel = method === OrderMethod.CANCEL || method === OrderMethod.CANCEL_ALL;
    if (tickWatch.isLate && !isCancel) return overloaded(LATE);
    const wait = (isCancel ? limits.cancels : limits.orders).take(monotonic(), orders);
    return wait === 0 ? null : errorBody(ErrorCode.ORDER_RATE, { retry_after_ms: wait });
  }

  /** As `submit`, for an order that `refuse` has allowed. */
  put(caller: LoggedIn, order: OrderRequest, replyTo: ReplyTo): ErrorBody | null {
    const { ring, loop, symbols, maintenance, monotonic } = this.#parts;
    const notYet = maintenance.orderRefusal(order);
    if (notYet !== null) return notYet;
    const { account } = order;
    if (account !== ABSENT && !mayUse(caller, account)) {
      return errorBody(ErrorCode.NOT_YOUR_ACCOUNT);
    }
    if (order.symbol === NOT_OF_FORM) {
      order.symbol = symbols.ofTicker(order.symbolText);
      if (order.symbol === NOT_OF_FORM) return errorBody(ErrorCode.UNKNOWN_SYMBOL);
    }
    // For a cancel the core only looks at the order, and would answer that the order is unknown.
    if (order.method === OrderMethod.CANCEL && order.symbol !== ABSENT) {
      if (!symbols.isListed(order.symbol)) return errorBody(ErrorCode.UNKNOWN_SYMBOL);
    }
    // The core takes an order's id in any account of its user. The id of an order that is not known here yet was told to nobody.
    if (order.order > 0 && isBound(caller) && !this.#parts.knowsOrder(caller, order.order)) {
      return errorBody(ErrorCode.UNKNOWN_ORDER);
    }
    const index = ring.claim(replyTo, monotonic());
    if (index < 0) return overloaded();
    const owner = account === ABSENT ? caller.account : account;
    writeOrderCommand(ring.gathering, index, order, owner, caller.user.number);
    this.taken++;
    loop.wake();
    return null;
  }
}
