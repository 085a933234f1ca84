/** What somebody has filled in to place an order, and the order that it says. */
import type { Params } from "@waiver/client";
import { dollars, type Parsed, parseDollars, parseShares } from "../lib/money.ts";

type PlaceParams = Params<"order.place">;
export type Side = PlaceParams["side"];
export type OrderType = PlaceParams["type"];
export type TimeInForce = NonNullable<PlaceParams["time_in_force"]>;

/** As typed. */
export interface OrderForm {
  readonly side: Side;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  /** Dollars. */
  readonly price: string;
  readonly stopPrice: string;
  readonly quantity: string;
  /** As an `<input type="datetime-local">` has it: local time. */
  readonly expireAt: string;
  readonly isPostOnly: boolean;
}

/** Fields by the name that they have on the wire. */
export type Field =
  | "price"
  | "stop_price"
  | "quantity"
  | "expire_at"
  | "time_in_force"
  | "post_only";
export type Faults = Readonly<Partial<Record<Field | "form", string>>>;

export const hasPrice = (type: OrderType): boolean => type === "LIMIT" || type === "STOP_LIMIT";
export const hasStopPrice = (type: OrderType): boolean => type === "STOP" || type === "STOP_LIMIT";

const TIMES: Readonly<Record<OrderType, readonly TimeInForce[]>> = {
  LIMIT: ["GTC", "GTD", "IOC", "FOK"],
  MARKET: ["IOC", "FOK"],
  STOP: ["GTC", "GTD", "IOC", "FOK"],
  STOP_LIMIT: ["GTC", "GTD", "IOC", "FOK"],
};

/** How long an order of this type may be told to wait; the first is the usual one. */
export const timesOf = (type: OrderType): readonly TimeInForce[] => TIMES[type];

/** Only what waits in the book can be told not to trade at once. */
export function takesPostOnly({ type, timeInForce }: OrderForm): boolean {
  return type === "LIMIT" && (timeInForce === "GTC" || timeInForce === "GTD");
}

/** When a stop is sent; `last`: cents of the last trade. One whose price has been reached already waits for nothing. */
export function stopHint({ side, stopPrice }: OrderForm, last: number | null): string {
  const parsed = parseDollars(stopPrice);
  const isReached =
    "value" in parsed &&
    last !== null &&
    (side === "BUY" ? last >= parsed.value : last <= parsed.value);
  const direction = side === "BUY" ? "above" : "below";
  return isReached
    ? `The last trade was at ${dollars(last)}: it would be sent at once`
    : `Sent when a trade is at this price or ${direction}`;
}

export interface Rules {
  readonly symbol: string;
  /** Cents; every price is a multiple of it. */
  readonly increment: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export type Checked = { readonly params: PlaceParams } | { readonly faults: Faults };

/** The order, or what is wrong with each field. */
export function checkForm(form: OrderForm, rules: Rules): Checked {
  const { side, type, timeInForce } = form;
  const faults: Partial<Record<Field, string>> = {};
  const read = (field: Field, parsed: Parsed): number | undefined => {
    if ("value" in parsed) return parsed.value;
    faults[field] = parsed.fault;
    return undefined;
  };
  const price = hasPrice(type) ? read("price", parsePrice(form.price, rules.increment)) : undefined;
  const stopPrice = hasStopPrice(type)
    ? read("stop_price", parsePrice(form.stopPrice, rules.increment))
    : undefined;
  const quantity = read("quantity", parseShares(form.quantity));
  const expireAt =
    timeInForce === "GTD" ? read("expire_at", parseTime(form.expireAt, rules.now)) : undefined;
  if (quantity === undefined || Object.keys(faults).length > 0) return { faults };
  return {
    params: {
      symbol: rules.symbol,
      ...{ side, type, quantity },
      time_in_force: timeInForce,
      ...(price !== undefined && { price }),
      ...(stopPrice !== undefined && { stop_price: stopPrice }),
      ...(expireAt !== undefined && { expire_at: expireAt }),
      ...(form.isPostOnly && takesPostOnly(form) && { post_only: true }),
    },
  };
}

export function parsePrice(text: string, increment: number): Parsed {
  const parsed = parseDollars(text);
  if ("fault" in parsed || parsed.value % increment === 0) return parsed;
  return { fault: `Enter a multiple of ${dollars(increment)}` };
}

function parseTime(text: string, now: number): Parsed {
  const value = new Date(text).getTime();
  if (Number.isNaN(value)) return { fault: "Enter a date and a time" };
  return value > now ? { value } : { fault: "Enter a time in the future" };
}
