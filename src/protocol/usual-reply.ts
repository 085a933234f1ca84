/**
 * The usual answer to an order: of a limit order, good till cancelled, that has just come in and has no optional
 * members. It has a flat writer for each encoding, which takes a third of the time of the compiled encoders. These
 * write all other answers.
 */
import type { OrderState } from "./order-state.ts";

/** Factors below this have an exact product. */
const PRICE_LIMIT = 2 ** 31;

/**
 * Writes the answer at `at` of the memory of `flat-writer.ts` and gives the place behind it; -1 when it is no usual
 * one. The request's id stands in `ids` from `idStart` on.
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
