import { expect } from "bun:test";
import type { Members, WireError } from "./wire-client.ts";

/** Any number. `expectWhole` checks that it is a whole number where that matters. */
export const ANY_NUMBER: unknown = expect.any(Number);

const ANY_TEXT: string = expect.stringMatching(/\S/);

const ANY_ORDER_ID: unknown = expect.stringMatching(/^ord_[1-9]\d*$/);

/** An order state that has these members, those that the server chooses, and no others. */
export function orderState(members: Members): Members {
  return {
    order_id: ANY_ORDER_ID,
    time_in_force: "GTC",
    created_at: ANY_NUMBER,
    timestamp: ANY_NUMBER,
    tick: ANY_NUMBER,
    ...members,
  };
}

/**
 * The state of a LIMIT order that `order.place` was given: resting and unfilled unless the overrides say
 * otherwise.
 */
export function resting(members: Members): Members {
  return orderState({ type: "LIMIT", filled_quantity: 0, status: "ACCEPTED", ...members });
}

/** An error with this code, any message (the contract does not fix it), and no details. */
export function bare(code: number): WireError {
  return { code, message: ANY_TEXT };
}

/** An error with this code and exactly these details. */
export function detailed(code: number, details: Members): WireError {
  return { ...bare(code), details };
}

/** An error 40001 that names this field first, with any message. */
export function invalid(field: string): WireError {
  return detailed(40001, expect.objectContaining({ field, issue: ANY_TEXT }));
}

/** Every number is a whole number of at least `least`. */
export function expectWhole(values: readonly unknown[], least: number): void {
  const wrong = values.filter((value) => !(Number.isSafeInteger(value) && Number(value) >= least));
  expect(wrong).toEqual([]);
}

/** The sequence numbers grow by one from event to event. */
export function expectConsecutive(numbers: readonly unknown[]): void {
  const first = Number(numbers[0]);
  expect(numbers).toEqual(numbers.map((_, index) => first + index));
}
