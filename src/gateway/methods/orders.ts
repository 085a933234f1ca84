/** Order entry: from a decoded request to a record in the ring. */
import { ErrorCode } from "../../protocol/errors.ts";
import { encodeMessagePack } from "../../protocol/message-pack.ts";
import { ABSENT, ORDER_TYPES } from "../../protocol/names.ts";
import {
  fillOrderRequest,
  OrderMethod,
  type OrderMethodName,
  OrderRequest,
} from "../../protocol/order-request.ts";
import type { Params } from "../../protocol/schemas.ts";
import { writeOrderCommand } from "../../router/order-command.ts";
import {
  failure,
  type Gateway,
  type Handler,
  invalid,
  type Outcome,
  RETRY_AFTER_MS,
} from "../gateway.ts";
import type { Session } from "../session.ts";

const FIRST_STOP_TYPE = ORDER_TYPES.indexOf("STOP");

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
  if (order.type >= FIRST_STOP_TYPE)
    return invalid("order.place", "type", "Stop orders are not served yet");

  const { ring } = gateway;
  const index = ring.claim(session);
  if (index < 0) return failure(ErrorCode.OVERLOADED, { retry_after_ms: RETRY_AFTER_MS });
  const batch = ring.gathering;
  const account = order.account === ABSENT ? login.account : order.account;
  writeOrderCommand(batch, index, order, account, login.user.number);
  if (!binary) {
    batch.requestIds[index] = id === undefined ? "" : JSON.stringify(id);
  } else {
    batch.requestIds[index] = null;
    batch.idLengths[index] = copyId(batch.ids[index], order, id);
  }
  gateway.counters.orders++;
  gateway.loop.wake();
  return null;
}

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
