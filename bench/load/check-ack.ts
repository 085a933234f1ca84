/**
 * Checks that an answer is what the wire contract promises for an order. Samples are checked, so that a server with
 * fast but wrong answers gets no figure.
 */
import type { FlowOrder } from "./order-flow.ts";

const REQUIRED = [
  "order_id",
  "symbol",
  "side",
  "type",
  "price",
  "quantity",
  "filled_quantity",
  "status",
  "timestamp",
  "tick",
];
/** The last two are optional because older versions of the exchange, which do not send them, can be measured too. */
const OPTIONAL = ["average_price", "time_in_force", "created_at"];
const CLOCK_SKEW_MAX_MS = 60_000;

/**
 * The first fault of `response`, the answer to the GTC limit `order` with request id `id`; undefined if it has none.
 */
export function ackFault(
  response: unknown,
  id: number,
  order: FlowOrder,
  nowMs: number,
): string | undefined {
  if (!isRecord(response) || !isRecord(response.result)) return "no result";
  const members = Object.keys(response).join();
  if (members !== "id,result" && members !== "result,id") return `members ${members}`;
  if (response.id !== id) return `id ${String(response.id)} instead of ${id}`;
  const state = response.result;
  const missing = REQUIRED.find((name) => !(name in state));
  if (missing !== undefined) return `${missing} is missing`;
  const unknown = Object.keys(state).find(
    (name) => !REQUIRED.includes(name) && !OPTIONAL.includes(name),
  );
  if (unknown !== undefined) return `${unknown} is not in the contract`;
  if (!/^ord_[1-9][0-9]*$/.test(String(state.order_id)))
    return `order_id ${String(state.order_id)}`;
  const { time_in_force: timeInForce = "GTC", created_at: createdAt = state.timestamp } = state;
  const echo = { ...order, type: "LIMIT" };
  for (const [name, value] of Object.entries(echo)) {
    if (state[name] !== value) return `${name} ${String(state[name])} instead of ${value}`;
  }
  if (timeInForce !== "GTC") return `time_in_force ${String(timeInForce)}`;
  if (!isCount(state.tick) || state.tick === 0) return `tick ${String(state.tick)}`;
  if (!isCount(state.timestamp) || Math.abs(state.timestamp - nowMs) > CLOCK_SKEW_MAX_MS) {
    return `timestamp ${String(state.timestamp)}`;
  }
  if (!isCount(createdAt) || createdAt > state.timestamp) return `created_at ${String(createdAt)}`;
  return fillFault(state, order);
}

function fillFault(state: Record<string, unknown>, order: FlowOrder): string | undefined {
  const { filled_quantity: filled, status, average_price: average } = state;
  if (!isCount(filled) || filled > order.quantity) return `filled_quantity ${String(filled)}`;
  const expected =
    filled === 0 ? "ACCEPTED" : filled < order.quantity ? "PARTIALLY_FILLED" : "FILLED";
  if (status !== expected) return `status ${String(status)} with ${filled} filled`;
  if (filled === 0) return average === undefined ? undefined : "average_price without a fill";
  if (typeof average !== "number") return "average_price is missing";
  const worse = order.side === "BUY" ? average > order.price : average < order.price;
  return worse ? `average_price ${average} is beyond the limit ${order.price}` : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
