/** The form of the ticket, and the order that it describes. */
import type { Params } from "@waiver/client";
import { dollars, type Parsed, parseDollars, parseShares } from "../lib/money.ts";

type PlaceParams = Params<"order.place">;
export type Side = PlaceParams["side"];
export type OrderType = PlaceParams["type"];
export type TimeInForce = NonNullable<PlaceParams["time_in_force"]>;

/** The form's values as typed. */
export interface OrderForm {
  readonly side: Side;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  /** Dollars. */
  readonly price: string;
  readonly stopPrice: string;
  readonly quantity: string;
  /** Local time, in the form of an `<input type="datetime-local">`. */
  readonly expireAt: string;
  readonly isPostOnly: boolean;
}

/** The fields by their names on the wire. */
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

/** The times in force that an order of this type may have; the first is the usual one. */
export const timesOf = (type: OrderType): readonly TimeInForce[] => TIMES[type];

/** Whether the order may be post-only: only an order that can rest in the book. */
export function takesPostOnly({ type, timeInForce }: OrderForm): boolean {
  return type === "LIMIT" && (timeInForce === "GTC" || timeInForce === "GTD");
}

/**
 * A hint that says when the stop is triggered. `last`: price of the last trade in cents. A stop whose price is
 * reached already is triggered at once.
 */
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

/** The order that the form describes, or the fault of each field. */
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

/** A time, in milliseconds since 1970, as an `<input type="datetime-local">` has it. */
export function localTime(ms: number): string {
  const offsetMs = new Date(ms).getTimezoneOffset() * 60_000;
  return new Date(ms - offsetMs).toISOString().slice(0, 16);
}

function parseTime(text: string, now: number): Parsed {
  const value = new Date(text).getTime();
  if (Number.isNaN(value)) return { fault: "Enter a date and a time" };
  return value > now ? { value } : { fault: "Enter a time in the future" };
}
