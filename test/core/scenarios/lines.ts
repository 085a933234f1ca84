/** Events as lines of text that a trader can read. */
import { CapacityLimit, InvalidField } from "../../../src/core/reject.ts";
import {
  type ExchangeEvent,
  nameIn,
  type OrderEvent,
  type OrderView,
  type RejectEvent,
  type TradeEvent,
} from "../../reference/exchange-event.ts";

const NAMES = ["the operator", "Alice", "Bob", "Carol"];

export function lineOf(event: ExchangeEvent): string {
  switch (event.event) {
    case "ORDER":
      return orderLine(event);
    case "TRADE":
      return tradeLine(event);
    case "REJECT":
      return rejectLine(event);
    case "REPEAT":
      return `order ${event.order} of ${nameOf(event.account)} again, which is done`;
    case "DONE": {
      const count = event.count === 0 ? "" : `, count ${event.count}`;
      return event.amount === 0 ? `done${count}` : `done${count}, total ${event.amount}`;
    }
    case "SYMBOL":
      return `symbol ${event.symbol} is ${event.state}`;
    case "LEVEL":
      return `level: ${event.side} ${event.total} @ ${event.price}`;
  }
}

function nameOf(account: number): string {
  return NAMES[account] ?? `account ${account}`;
}

function orderLine(event: OrderEvent): string {
  const flags = (["reply", "news", "duplicate", "open"] as const).filter((flag) => event[flag]);
  const ended = event.reason === "NONE" ? "" : ` ${event.reason}`;
  return `order ${event.order} ${event.status}${ended} (${flags.join(" ")}): ${describe(event)}`;
}

/** The order's account, its terms, what remains of it, and its unusual options. */
function describe(order: OrderView): string {
  const { side, quantity, remaining, notional, clientId } = order;
  const words = [nameOf(order.account), side, quantity, limitsOf(order)];
  if (order.timeInForce !== "GTC") words.push(order.timeInForce);
  if (order.selfTrade !== "CANCEL_NEWEST") words.push(order.selfTrade);
  if (order.postOnly) words.push("post-only");
  if (clientId !== "") words.push(`"${clientId}"`);
  if (order.symbol !== 0) words.push(`on symbol ${order.symbol}`);
  const filled = notional === 0 ? "" : `, filled for ${notional}`;
  return `${words.join(" ")}, ${remaining} left${filled}`;
}

/** "STOP 110 to 220" may trade up to 220. "STOP 110 @ 112" is a STOP_LIMIT. */
function limitsOf({ type, price, stopPrice }: OrderView): string {
  if (type === "MARKET") return "MARKET";
  if (type === "LIMIT") return `@ ${price}`;
  return type === "STOP" ? `STOP ${stopPrice} to ${price}` : `STOP ${stopPrice} @ ${price}`;
}

function tradeLine({
  trade,
  price,
  quantity,
  taker,
  maker,
  takerFee,
  makerFee,
}: TradeEvent): string {
  const party = ({ account, order, remaining }: OrderView): string =>
    `${nameOf(account)} (order ${order}, ${remaining} left)`;
  const fees = takerFee === 0 && makerFee === 0 ? "" : `, fees ${takerFee} and ${makerFee}`;
  const verb = taker.side === "BUY" ? "buys from" : "sells to";
  return `trade ${trade}: ${quantity} @ ${price}, ${party(taker)} ${verb} ${party(maker)}${fees}`;
}

function rejectLine(event: RejectEvent): string {
  const { code, detail, order } = event;
  const table = code === "CAPACITY" ? CapacityLimit : InvalidField;
  const what = detail === 0 ? "" : ` ${nameIn<Record<string, number>>(table, detail)}`;
  const named = order === 0 ? "" : `, order ${order}`;
  return `refused: ${code}${what}${numbersOf(event)}${named}`;
}

function numbersOf({ code, numbers: [first, second] }: RejectEvent): string {
  switch (code) {
    case "OUTSIDE_BAND":
      return ` ${first} to ${second}`;
    case "OFF_INCREMENT":
      return ` ${first}`;
    case "INSUFFICIENT_FUNDS":
    case "INSUFFICIENT_SHARES":
      return ` needs ${first} has ${second}`;
    default:
      return "";
  }
}
