/** Refusals of the exchange in words, each for the field that it is about. */
import { isExchangeError } from "@waiver/client";
import { counted, dollars, shares } from "../lib/money.ts";
import { fieldFaults, refusalText } from "../lib/refusal-text.ts";
import type { Faults, Field } from "./order-form.ts";

const FIELDS: readonly Field[] = [
  "price",
  "stop_price",
  "quantity",
  "expire_at",
  "time_in_force",
  "post_only",
];

export function faultsOf(error: unknown): Faults {
  const faults = fieldFaults(error, FIELDS);
  if (faults !== null) return faults;
  if (isExchangeError(error, "OUTSIDE_BAND")) {
    const { low, high } = error.details;
    return { price: `Enter a price from ${dollars(low)} to ${dollars(high)}` };
  }
  if (isExchangeError(error, "OFF_INCREMENT")) {
    return { price: `Enter a multiple of ${dollars(error.details.price_increment)}` };
  }
  if (isExchangeError(error, "INSUFFICIENT_FUNDS")) {
    const { needed, available } = error.details;
    return { quantity: `This takes ${dollars(needed)}, and you have ${dollars(available)}` };
  }
  if (isExchangeError(error, "INSUFFICIENT_SHARES")) {
    const { needed, available } = error.details;
    return {
      quantity: `This takes ${counted(needed, "share")}, and you have ${shares(available)}`,
    };
  }
  if (isExchangeError(error, "POST_ONLY_WOULD_CROSS")) {
    return { price: "At this price it would trade at once, which a post-only order may not" };
  }
  if (isExchangeError(error, "FILL_OR_KILL")) {
    return { quantity: "Not all of it can be filled now, and the order is all or nothing" };
  }
  return { form: refusalText(error) };
}
