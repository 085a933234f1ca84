/**
 * A cursor says where a list of an account's open orders, newest first, goes on. It is a whole number, which a client
 * sends back with its next request.
 *
 * ```
 *  bits  0-20  the slot of an order at or before that place in the list
 *       21-52  the low 32 bits of a rank: only orders that were queued before it are told
 * ```
 *
 * It is packed like an order number, with the rank in place of the generation. While the order in the slot is open, the
 * list goes on at this order without a search. When it is not open, the upper bits of the rank are taken from the
 * newest rank of the exchange. So a cursor works until 2^32 more orders have been queued.
 */
import { orderGeneration, orderNumber, orderSlot } from "./command.ts";

export function orderCursor(slot: number, belowRank: number): number {
  return orderNumber(slot, belowRank);
}

export function slotOfCursor(cursor: number): number {
  return orderSlot(cursor);
}

/** The rank of a cursor: the highest number with its low 32 bits that is not above `rankMax`. */
export function rankOfCursor(cursor: number, rankMax: number): number {
  return rankMax - ((rankMax - orderGeneration(cursor)) >>> 0);
}
