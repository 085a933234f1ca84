/** Order entry: from a decoded request to a record in the ring. */

import { checkParams } from "../../protocol/check.ts";
import { ErrorCode } from "../../protocol/errors.ts";
import { invalidParameters } from "../../protocol/issue.ts";
import { encodeMessagePack } from "../../protocol/message-pack.ts";
import { ABSENT } from "../../protocol/names.ts";
import {
  fillOrderRequest,
  OrderMethod,
  type OrderMethodName,
  OrderRequest,
} from "../../protocol/order-request.ts";
import type { Params } from "../../protocol/schemas.ts";
import type { InboundBatch, Origin, Replies } from "../../router/inbound-ring.ts";
import { writeOrderCommand } from "../../router/order-command.ts";
import {
  countError,
  failure,
  type Gateway,
  type Handler,
  type Outcome,
  RETRY_AFTER_MS,
  type Request,
  respond,
} from "../gateway.ts";
import type { Login, Session } from "../session.ts";

const scratch = new OrderRequest();

/** The handler of an order method that came by the general path. */
export function orderMethod(method: OrderMethodName): Handler {
  return (gateway, session, request) => {
    fillOrderRequest(scratch, method, request.params as Params<OrderMethodName>);
    return submitOrder(gateway, session, scratch, request.binary, request.id);
  };
}

/**
 * Puts an order request into the gathering tick; null = the tick's outcome will be the answer. The id is
 * `id`, or, when that is null, what stands in the request as MessagePack.
 */
export function submitOrder(
  gateway: Gateway,
  session: Session,
  order: OrderRequest,
  binary: boolean,
  id: string | number | undefined | null,
): Outcome {
  const refusal = refuse(gateway, session, order);
  if (refusal !== null) return refusal;
  const index = claim(gateway, session, session, order);
  if (index < 0) return overloaded();
  const batch = gateway.ring.gathering;
  if (!binary) {
    batch.requestIds[index] = id === undefined ? "" : JSON.stringify(id);
  } else {
    batch.requestIds[index] = null;
    batch.idLengths[index] = copyId(batch.ids[index], order, id);
  }
  return null;
}

/** Why the session may not send this order now; null when it may. Takes a token from its bucket. */
function refuse(gateway: Gateway, session: Session, order: OrderRequest): Outcome {
  const login = session.login;
  if (login === null) return failure(ErrorCode.NOT_LOGGED_IN);
  if (!login.mayTrade) return failure(ErrorCode.PERMISSION_MISSING, { permission: "trade" });
  if (gateway.closing) {
    return failure(ErrorCode.SHUTTING_DOWN, { retry_after_ms: RETRY_AFTER_MS });
  }
  if (gateway.loop.failed !== null) return failure(ErrorCode.STORAGE_FAILED);
  const wait = takeToken(session, order.method, gateway.now());
  if (wait > 0) return failure(ErrorCode.ORDER_RATE, { retry_after_ms: wait });
  if (order.account !== ABSENT && !login.user.accounts.includes(order.account)) {
    return failure(ErrorCode.NOT_YOUR_ACCOUNT);
  }
  return null;
}

const overloaded = (): Outcome => failure(ErrorCode.OVERLOADED, { retry_after_ms: RETRY_AFTER_MS });

/** Puts the order of a session into the gathering tick for `origin`; its record, -1 when it is full. */
function claim(gateway: Gateway, session: Session, origin: Origin, order: OrderRequest): number {
  const { account, user } = session.login as Login;
  const index = gateway.ring.claim(origin);
  if (index < 0) return index;
  const owner = order.account === ABSENT ? account : order.account;
  writeOrderCommand(gateway.ring.gathering, index, order, owner, user.number);
  gateway.counters.orders++;
  gateway.loop.wake();
  return index;
}

/** `order.batch`: every order is judged alone, and one answer tells of all, in the request's order. */
export const placeBatch: Handler = (gateway, session, request) => {
  const { orders } = request.params as Params<"order.batch">;
  const origin = new BatchOrigin(gateway, session, request, orders.length);
  for (const [place, params] of orders.entries()) {
    const issues = checkParams("order.place", params);
    if (issues !== null) {
      origin.outcomes[place] = { error: invalidParameters("order.place", issues) };
      continue;
    }
    fillOrderRequest(scratch, "order.place", params as Params<"order.place">);
    const refusal = refuse(gateway, session, scratch);
    if (refusal !== null) origin.outcomes[place] = refusal;
    else if (claim(gateway, session, origin, scratch) < 0) origin.outcomes[place] = overloaded();
    else origin.places.push(place);
  }
  return origin.places.length === 0 ? origin.result() : null;
};

/** The orders of one batch: waits until the tick has the outcome of each. */
class BatchOrigin implements Origin {
  batch = 0;
  last = -1;
  /** Which orders of the batch are in the tick, in the order of their records. */
  readonly places: number[] = [];
  readonly outcomes: Outcome[];
  readonly #gateway: Gateway;
  readonly #session: Session;
  readonly #request: Request;

  constructor(gateway: Gateway, session: Session, request: Request, count: number) {
    this.#gateway = gateway;
    this.#session = session;
    this.#request = request;
    this.outcomes = new Array<Outcome>(count).fill(null);
  }

  result(): Outcome {
    for (const outcome of this.outcomes) {
      if (outcome !== null && "error" in outcome) countError(this.#gateway, outcome.error.code);
    }
    return { result: { results: this.outcomes } };
  }

  deliver(batch: InboundBatch, first: number, replies: Replies): void {
    this.#fill(batch, first, (index) => this.#session.writer.outcome(replies.at[index]));
  }

  fail(batch: InboundBatch, first: number): void {
    this.#fill(batch, first, () => failure(ErrorCode.STORAGE_FAILED));
  }

  #fill(batch: InboundBatch, first: number, outcomeOf: (index: number) => Outcome): void {
    let n = 0;
    for (let i = first; i !== -1; i = batch.next[i]) this.outcomes[this.places[n++]] = outcomeOf(i);
    respond(this.#gateway, this.#session, this.#request, this.result());
  }
}

/** `orders.cancel_all_after`: sets the account's dead man's switch; 0 disarms it. */
export const cancelAllAfter: Handler = (gateway, session, request) => {
  const { timeout_ms } = request.params as Params<"orders.cancel_all_after">;
  const { account, user } = session.login as Login;
  if (timeout_ms === 0) gateway.deadMansSwitches.disarm(account);
  else gateway.deadMansSwitches.arm(account, user.number, timeout_ms);
  return { result: { timeout_ms } };
};

/** Copies the id as MessagePack; its length in bytes, 0 = none. */
function copyId(
  target: Uint8Array,
  order: OrderRequest,
  id: string | number | undefined | null,
): number {
  if (id === undefined) return 0;
  const bytes = id === null ? order.idBytes : encodeMessagePack(id);
  const length = id === null ? order.idLength : bytes.length;
  for (let i = 0; i < length; i++) target[i] = bytes[i];
  return length;
}

function takeToken(session: Session, method: number, now: number): number {
  const cancels = method === OrderMethod.CANCEL || method === OrderMethod.CANCEL_ALL;
  return (cancels ? session.limits.cancels : session.limits.orders).take(now);
}
