/**
 * Where a walk over an account's open orders, newest first, goes on: a whole number for clients to hand back.
 *
 * ```
 *  bits  0-20  the slot of an order at or before that place in the list
 *       21-52  the low 32 bits of a rank: only orders that were queued before it are told
 * ```
 *
 * While the order is open the walk begins right at it. Its rank gives the upper bits of the other; without it the newest
 * rank of all does, so a cursor is good for 2^32 orders after it.
 */
import { ORDER_SLOT_COUNT } from "./command.ts";

const RANK_COUNT = 2 ** 32;

export function orderCursor(slot: number, belowRank: number): number {
  return remainder(belowRank) * ORDER_SLOT_COUNT + slot;
}

export function slotOfCursor(cursor: number): number {
  return cursor % ORDER_SLOT_COUNT;
}

/** The rank of a cursor: the highest with its low bits that is not above `rankMax`. */
export function rankOfCursor(cursor: number, rankMax: number): number {
  return rankMax - remainder(rankMax - Math.floor(cursor / ORDER_SLOT_COUNT));
}

function remainder(rank: number): number {
  return ((rank % RANK_COUNT) + RANK_COUNT) % RANK_COUNT;
}
