/**
 * The queue of expiries: every open order with a time of expiry, the earliest first. It is a binary heap of arena
 * slots. Each order has its place in the heap, so an order that is cancelled leaves it at once.
 */
import { ORDER_SLOT_COUNT } from "../command.ts";
import {
  O_EXPIRE_AT_F64,
  O_EXPIRY,
  O_RANK_F64,
  ORDER_SHIFT,
  type OrderArena,
} from "./order-arena.ts";

export function createExpiries(arena: OrderArena) {
  const O = arena.ints;
  const OD = arena.doubles;
  const heap = new Int32Array(ORDER_SLOT_COUNT);
  /** [0] orders in the heap, which begins at place 1. */
  const head = new Int32Array(1);

  /** The earlier one comes first; at the same time, the older order. */
  function isBefore(slot: number, other: number): boolean {
    const a = slot << (ORDER_SHIFT - 1);
    const b = other << (ORDER_SHIFT - 1);
    const difference = OD[a + O_EXPIRE_AT_F64] - OD[b + O_EXPIRE_AT_F64];
    return difference !== 0 ? difference < 0 : OD[a + O_RANK_F64] < OD[b + O_RANK_F64];
  }

  function put(slot: number, place: number): void {
    heap[place] = slot;
    O[(slot << ORDER_SHIFT) + O_EXPIRY] = place;
  }

  function rise(slot: number, from: number): void {
    let place = from;
    while (place > 1 && isBefore(slot, heap[place >> 1])) {
      put(heap[place >> 1], place);
      place >>= 1;
    }
    put(slot, place);
  }

  function sink(slot: number, from: number): void {
    let place = from;
    for (;;) {
      let child = place * 2;
      if (child > head[0]) break;
      if (child < head[0] && isBefore(heap[child + 1], heap[child])) child++;
      if (!isBefore(heap[child], slot)) break;
      put(heap[child], place);
      place = child;
    }
    put(slot, place);
  }

  return {
    heap,
    head,
    add(slot: number): void {
      rise(slot, ++head[0]);
    },
    remove(slot: number): void {
      const place = O[(slot << ORDER_SHIFT) + O_EXPIRY];
      const last = heap[head[0]];
      heap[head[0]--] = 0;
      if (last === slot) return;
      if (place > 1 && isBefore(last, heap[place >> 1])) rise(last, place);
      else sink(last, place);
    },
    /** The slot of the order that expires first, 0 when none will. */
    first: (): number => (head[0] === 0 ? 0 : heap[1]),
    /** When that order expires, milliseconds since 1970; Infinity when none will. */
    due: (): number =>
      head[0] === 0
        ? Number.POSITIVE_INFINITY
        : OD[(heap[1] << (ORDER_SHIFT - 1)) + O_EXPIRE_AT_F64],
    /** Places in use: the extent of the state. */
    top: () => head[0] + 1,
  };
}
