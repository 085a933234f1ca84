/** Orders and their states in words. */
import type { OrderState } from "@waiver/client";
import { averageDollars, counted, decimal, shares } from "../lib/money.ts";

const STATUSES: Readonly<Record<OrderState["status"], string>> = {
  ACCEPTED: "Open",
  PARTIALLY_FILLED: "Partly filled",
  FILLED: "Filled",
  CANCELLED: "Cancelled",
  EXPIRED: "Expired",
  PENDING_TRIGGER: "Waiting for its stop",
};

const REASONS: Readonly<Record<NonNullable<OrderState["reason"]>, string>> = {
  USER: "by you",
  CANCEL_ALL: "by you, with all",
  DISCONNECT: "the connection ended",
  DEAD_MANS_SWITCH: "its timer ran out",
  SELF_TRADE: "it would have traded with your own",
  OPERATOR: "by the exchange",
  TIME_IN_FORCE: "nobody was there for the rest",
  EXPIRE_AT: "its time was over",
  PRICE_BAND: "beyond the price band",
  POST_ONLY: "it would have traded at once",
  FILL_OR_KILL: "not all could be filled",
  FUNDS: "not enough was left",
  SYMBOL_CLOSED: "trading ended",
};

export const sideWord = (side: OrderState["side"]): string => (side === "BUY" ? "Buy" : "Sell");

export function statusText({ status, reason }: OrderState): string {
  return reason === undefined ? STATUSES[status] : `${STATUSES[status]}: ${REASONS[reason]}`;
}

const TYPES: Readonly<Record<OrderState["type"], string>> = {
  LIMIT: "Limit",
  MARKET: "Market",
  STOP: "Stop",
  STOP_LIMIT: "Stop limit",
};

export function typeText({ type, time_in_force, post_only }: OrderState): string {
  const more = [time_in_force === "GTC" || type === "MARKET" ? "" : time_in_force];
  if (post_only === true) more.push("post only");
  return [TYPES[type], ...more].filter(Boolean).join(", ");
}

/** The limit, and the stop price if there is one. */
export function priceText({ price, stop_price }: OrderState): string {
  const limit = price === undefined ? "Market" : decimal(price);
  return stop_price === undefined ? limit : `${limit} from ${decimal(stop_price)}`;
}

/** What became of a placed order, in a sentence. */
export function outcomeText(order: OrderState): string {
  const { status, side, quantity, filled_quantity: filled, average_price: average } = order;
  const done = side === "BUY" ? "Bought" : "Sold";
  const at = average === undefined ? "" : ` at ${averageDollars(average)}`;
  switch (status) {
    case "FILLED":
      return `${done} ${shares(filled)}${at}.`;
    case "PARTIALLY_FILLED":
      return `${done} ${shares(filled)} of ${shares(quantity)}${at}; the rest waits in the book.`;
    case "ACCEPTED":
      return `Placed: ${counted(quantity, "share")} ${quantity === 1 ? "waits" : "wait"} in the book.`;
    case "PENDING_TRIGGER":
      return "Placed: it waits for its stop price.";
    case "EXPIRED":
    case "CANCELLED":
      return filled === 0
        ? `Nothing was filled. ${statusText(order)}.`
        : `${done} ${shares(filled)} of ${shares(quantity)}${at}. ${statusText(order)}.`;
  }
}
