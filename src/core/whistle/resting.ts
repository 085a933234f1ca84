/** Orders entering and leaving the book, with what they reserve. */
import type { Emit } from "../emit.ts";
import { PENDING } from "../event.ts";
import { A_FIRST_ORDER, A_OPEN_ORDERS, ACCOUNT_INTS } from "../ledger/accounts.ts";
import { reservation } from "../ledger/fees.ts";
import {
  P_AVAILABLE_F64,
  P_OPEN_ORDERS,
  P_RESERVED_F64,
  POSITION_DOUBLES,
  POSITION_INTS,
} from "../ledger/positions.ts";
import { CLOCK_QUEUED, type CoreParts, triggerBook } from "../parts.ts";
import { L_HEAD, L_QUANTITY_F64, L_TAIL, LEVEL_INTS } from "./ladder.ts";
import {
  O_ACCOUNT,
  O_ACCOUNT_NEXT,
  O_ACCOUNT_PREV,
  O_BOOK,
  O_CLIENT_ID,
  O_EXPIRE_AT_F64,
  O_FEE_CARRY,
  O_FEES,
  O_LEVEL,
  O_NEXT,
  O_ORDER_FLAGS,
  O_POSITION,
  O_PREV,
  O_PRICE,
  O_RANK_F64,
  O_REMAINING,
  O_STOP_PRICE,
  ORDER_SHIFT,
} from "./order-arena.ts";

import type { Supply } from "./supply.ts";

export type Resting = ReturnType<typeof createResting>;

export function createResting(parts: CoreParts, supply: Supply, emit: Emit) {
  const { arena, ladder, accounts, positions, symbols, clientIds, expiries, clock } = parts;
  const O = arena.ints;
  const OD = arena.doubles;
  const { extras } = arena;
  const positionInts = positions.ints;
  const A = accounts.ints;
  const { levels: L, quantities: LQ } = ladder;
  const cash = accounts.cash;
  const shares = positions.doubles;

  /** Reserves what the order's remaining quantity needs. */
  function reserve(o: number): void {
    const remaining = O[o + O_REMAINING];
    if ((O[o + O_BOOK] & 1) === 0) {
      const a = O[o + O_ACCOUNT] * 2;
      const fees = O[o + O_FEES];
      const carry = fees === 0 ? 0 : O[o + O_FEE_CARRY];
      const amount = reservation(O[o + O_PRICE], remaining, fees, carry);
      cash[a] -= amount;
      cash[a + 1] += amount;
    } else {
      const p = O[o + O_POSITION] * POSITION_DOUBLES;
      shares[p + P_AVAILABLE_F64] -= remaining;
      shares[p + P_RESERVED_F64] += remaining;
    }
  }

  /** Gives back what `quantity` of the order's remaining shares have reserved. */
  function unreserve(o: number, quantity: number): void {
    if ((O[o + O_BOOK] & 1) === 0) {
      const a = O[o + O_ACCOUNT] * 2;
      const price = O[o + O_PRICE];
      const fees = O[o + O_FEES];
      const carry = fees === 0 ? 0 : O[o + O_FEE_CARRY];
      const remaining = O[o + O_REMAINING];
      const amount =
        reservation(price, remaining, fees, carry) -
        reservation(price, remaining - quantity, fees, carry);
      cash[a] += amount;
      cash[a + 1] -= amount;
    } else {
      const p = O[o + O_POSITION] * POSITION_DOUBLES;
      shares[p + P_AVAILABLE_F64] += quantity;
      shares[p + P_RESERVED_F64] -= quantity;
    }
  }

  /** Puts the order at the end of the FIFO of `price` in `book`. */
  function enqueue(o: number, book: number, price: number): void {
    const slot = o >> ORDER_SHIFT;
    const level = ladder.open(book, price, slot);
    const l = level * LEVEL_INTS;
    const tail = L[l + L_TAIL];
    O[o + O_LEVEL] = level;
    O[o + O_NEXT] = 0;
    O[o + O_PREV] = tail;
    OD[(o >> 1) + O_RANK_F64] = ++clock[CLOCK_QUEUED];
    L[l + L_TAIL] = slot;
    LQ[level * 2 + L_QUANTITY_F64] += O[o + O_REMAINING];
    supply.touch(level);
    if (tail !== 0) {
      O[(tail << ORDER_SHIFT) + O_NEXT] = slot;
    } else {
      L[l + L_HEAD] = slot;
      ladder.markFilled(book, level, price);
    }
  }

  /** Takes the order out of the FIFO that it waits in. */
  function dequeue(o: number): void {
    const level = O[o + O_LEVEL];
    const l = level * LEVEL_INTS;
    const next = O[o + O_NEXT];
    const previous = O[o + O_PREV];
    LQ[level * 2 + L_QUANTITY_F64] -= O[o + O_REMAINING];
    supply.touch(level);
    if (previous !== 0) O[(previous << ORDER_SHIFT) + O_NEXT] = next;
    else L[l + L_HEAD] = next;
    if (next !== 0) O[(next << ORDER_SHIFT) + O_PREV] = previous;
    else L[l + L_TAIL] = previous;
    const isPending = (O[o + O_ORDER_FLAGS] & PENDING) !== 0;
    const book = isPending ? triggerBook(symbols.count, O[o + O_BOOK]) : O[o + O_BOOK];
    if (previous === 0 && next === 0) {
      ladder.markEmpty(book, level, O[o + (isPending ? O_STOP_PRICE : O_PRICE)]);
    }
    const slot = o >> ORDER_SHIFT;
    if (ladder.isHeld(level, slot)) ladder.handOn(book, level, slot);
  }

  /** Adds the order to its account's open orders, and to the queue of expiries if it has a time of expiry. */
  function link(o: number): void {
    positionInts[O[o + O_POSITION] * POSITION_INTS + P_OPEN_ORDERS]++;
    if (OD[(o >> 1) + O_EXPIRE_AT_F64] !== 0) expiries.add(o >> ORDER_SHIFT);
    const a = O[o + O_ACCOUNT] * ACCOUNT_INTS;
    const slot = o >> ORDER_SHIFT;
    const first = A[a + A_FIRST_ORDER];
    O[o + O_ACCOUNT_NEXT] = first;
    O[o + O_ACCOUNT_PREV] = 0;
    if (first !== 0) O[(first << ORDER_SHIFT) + O_ACCOUNT_PREV] = slot;
    A[a + A_FIRST_ORDER] = slot;
    A[a + A_OPEN_ORDERS]++;
  }

  function unlink(o: number): void {
    positionInts[O[o + O_POSITION] * POSITION_INTS + P_OPEN_ORDERS]--;
    const slot = o >> ORDER_SHIFT;
    if (extras[slot] !== 0 && OD[(o >> 1) + O_EXPIRE_AT_F64] !== 0) expiries.remove(slot);
    const a = O[o + O_ACCOUNT] * ACCOUNT_INTS;
    const next = O[o + O_ACCOUNT_NEXT];
    const previous = O[o + O_ACCOUNT_PREV];
    if (previous !== 0) O[(previous << ORDER_SHIFT) + O_ACCOUNT_NEXT] = next;
    else A[a + A_FIRST_ORDER] = next;
    if (next !== 0) O[(next << ORDER_SHIFT) + O_ACCOUNT_PREV] = previous;
    A[a + A_OPEN_ORDERS]--;
  }

  /** Ends an order that is in no book any more: its client order id is one of a done order, its slot is free. */
  function finish(o: number): void {
    const slot = o >> ORDER_SHIFT;
    if (extras[slot] !== 0 && O[o + O_CLIENT_ID] !== 0) clientIds.retire(O[o + O_CLIENT_ID]);
    arena.release(slot);
  }

  /** Puts an order into its book, reserves for it and emits the LEVEL. The caller has checked that there is room. */
  function place(o: number): void {
    const price = O[o + O_PRICE];
    reserve(o);
    enqueue(o, O[o + O_BOOK], price);
    tellLevel(o, price);
    link(o);
  }

  /** Emits the LEVEL of `price`, where the order rests or rested until this command. */
  function tellLevel(o: number, price: number): void {
    emit.level(O[o + O_BOOK], price, LQ[O[o + O_LEVEL] * 2 + L_QUANTITY_F64]);
  }

  /**
   * Takes a resting order, or a waiting stop, out of its queue and its account's list, and gives back its reservation.
   * It does not free the slot (`finish` does) and does not emit the new total of the level (`tellLevel` does).
   */
  function withdraw(o: number): void {
    unreserve(o, O[o + O_REMAINING]);
    dequeue(o);
    unlink(o);
  }

  return { place, reserve, unreserve, enqueue, link, unlink, finish, withdraw, tellLevel };
}
