/**
 * The usual answer to an order is that to a new GTC limit order without optional members. It has a writer of its own for each
 * encoding, which takes a third of the time of the compiled encoders. Those write all other answers.
 */
import type { OrderState } from "./order-state.ts";

/** Prices below this times a quantity give an exact product. */
const PRICE_LIMIT = 2 ** 31;

/**
 * Writes the answer at index `at` of the memory of `flat-writer.ts` and returns the index behind it; -1 when it is not the usual
 * answer. `ids` has the request's id from `idStart` on.
 */
export type UsualReplyWriter = (
  at: number,
  ids: Uint8Array,
  idStart: number,
  idLength: number,
  state: OrderState,
) => number;

export function isUsualReply(state: OrderState): boolean {
  return (
    state.type === 0 &&
    state.timeInForce === 0 &&
    state.reason === 0 &&
    state.clientOrderId === "" &&
    state.createdAt === state.timestamp &&
    state.stopPrice === 0 &&
    state.expireAt === 0 &&
    !state.postOnly &&
    !state.duplicate &&
    state.price > 0 &&
    state.price < PRICE_LIMIT
  );
}
