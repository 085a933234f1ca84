/**
 * Where a walk over an account's open orders, newest first, goes on: a whole number for clients to hand back.
 *
 * ```
 *  bits  0-20  the slot of an order at or before that place in the list
 *       21-52  the low 32 bits of a rank: only orders that were queued before it are told
 * ```
 *
 * It is packed as an order number is, with the rank in place of the generation.
 * While the order is open the walk begins right at it. Its rank gives the upper bits of the other; without it the newest
 * rank of all does, so a cursor is good for 2^32 orders after it.
 */
import { orderGeneration, orderNumber, orderSlot } from "./command.ts";

export function orderCursor(slot: number, belowRank: number): number {
  return orderNumber(slot, belowRank);
}

export function slotOfCursor(cursor: number): number {
  return orderSlot(cursor);
}

/** The rank of a cursor: the highest with its low bits that is not above `rankMax`. */
export function rankOfCursor(cursor: number, rankMax: number): number {
  return rankMax - ((rankMax - orderGeneration(cursor)) >>> 0);
}
