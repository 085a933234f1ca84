/**
 * A fill between two orders that have neither fees nor anything else special: the short way of what `matching.ts`
 * does and tells for any two. Flat for the same reason as `plain-orders.ts`.
 */
import type { Emit } from "../emit.ts";
import { A_FIRST_ORDER, A_OPEN_ORDERS, ACCOUNT_INTS } from "../ledger/accounts.ts";
import {
  P_AVAILABLE_F64,
  P_OPEN_ORDERS,
  P_RESERVED_F64,
  POSITION_DOUBLES,
  POSITION_INTS,
} from "../ledger/positions.ts";
import { CLOCK_TICK, CLOCK_TIMESTAMP, type CoreParts } from "../parts.ts";
import { L_HEAD, L_QUANTITY_F64, L_TAIL, LEVEL_INTS } from "./ladder.ts";
import {
  allIfZero,
  O_ACCOUNT,
  O_ACCOUNT_NEXT,
  O_ACCOUNT_PREV,
  O_BOOK,
  O_NEXT,
  O_NOTIONAL_F64,
  O_POSITION,
  O_PREV,
  O_REMAINING,
  O_TIMESTAMP_F64,
  ORDER_SHIFT,
  STAMP_DOUBLES,
  STAMP_TICK,
} from "./order-arena.ts";
import type { Supply } from "./supply.ts";

export function createPlainFills(parts: CoreParts, supply: Supply, emit: Emit) {
  const { arena, ladder, accounts, positions, clock } = parts;
  const O = arena.ints;
  const OD = arena.doubles;
  const { stamps } = arena;
  const A = accounts.ints;
  const { cash } = accounts;
  const P = positions.ints;
  const shares = positions.doubles;
  const { levels: L, quantities: LQ } = ladder;

  /** Fills the order at `t`, which came in, with that at `m`, the first of `level`. Returns the shares. */
  function fill(t: number, m: number, level: number, price: number): number {
    const slot = m >> ORDER_SHIFT;
    const remaining = O[t + O_REMAINING];
    const waiting = O[m + O_REMAINING];
    const quantity = remaining < waiting ? remaining : waiting;
    const after = waiting - quantity;
    const notional = price * quantity;
    const book = O[m + O_BOOK];
    const account = O[m + O_ACCOUNT];
    const position = O[m + O_POSITION];
    const next = O[m + O_NEXT];
    const newer = O[m + O_ACCOUNT_PREV];
    const older = O[m + O_ACCOUNT_NEXT];
    O[t + O_REMAINING] = remaining - quantity;
    OD[(t >> 1) + O_NOTIONAL_F64] += notional;
    O[m + O_REMAINING] = after;
    OD[(m >> 1) + O_NOTIONAL_F64] += notional;
    emit.plainTrade(t, m, price, quantity);

    // Cash and shares of both sides, and 0 of what the side has not.
    const side = book & 1;
    const purchase = 1 - side;
    const p = position * POSITION_DOUBLES;
    cash[account * 2] += notional * side;
    cash[account * 2 + 1] -= notional * purchase;
    shares[p + P_AVAILABLE_F64] += quantity * purchase;
    shares[p + P_RESERVED_F64] -= quantity * side;
    OD[(m >> 1) + O_TIMESTAMP_F64] = clock[CLOCK_TIMESTAMP];
    stamps[slot * STAMP_DOUBLES + STAMP_TICK] = clock[CLOCK_TICK];
    LQ[level * 2 + L_QUANTITY_F64] -= quantity;
    supply.touch(level);
    if (after !== 0) return quantity;

    L[level * LEVEL_INTS + L_HEAD] = next;
    if (next !== 0) {
      O[(next << ORDER_SHIFT) + O_PREV] = 0;
    } else {
      L[level * LEVEL_INTS + L_TAIL] = 0;
      ladder.markEmpty(book, level, price);
    }
    if (ladder.isHeld(level, slot)) ladder.handOn(book, level, slot);
    const a = account * ACCOUNT_INTS;
    const isNewest = allIfZero(newer);
    O[(newer << ORDER_SHIFT) + O_ACCOUNT_NEXT] = older;
    O[(older << ORDER_SHIFT) + O_ACCOUNT_PREV] = newer;
    O[O_ACCOUNT_NEXT] = 0;
    O[O_ACCOUNT_PREV] = 0;
    A[a + A_FIRST_ORDER] = (A[a + A_FIRST_ORDER] & ~isNewest) | (older & isNewest);
    A[a + A_OPEN_ORDERS]--;
    P[position * POSITION_INTS + P_OPEN_ORDERS]--;
    arena.release(slot);
    return quantity;
  }

  return { fill };
}
