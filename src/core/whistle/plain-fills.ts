/**
 * The short way of a fill between two plain orders, which have no stop price and no time of expiry. It does and emits
 * the same as `matching.ts` does for any two orders. It is flat for the same reason as `plain-orders.ts`.
 */
import { SelfTrade } from "../command.ts";
import type { Emit } from "../emit.ts";
import { EventKind } from "../event.ts";
import {
  B_ACCOUNT,
  B_BOOK,
  B_CLIENT_ID,
  B_CREATED_AT_F64,
  B_GENERATION,
  B_NOTIONAL_F64,
  B_ORDER_FLAGS,
  B_POSITION,
  B_PRICE,
  B_QUANTITY,
  B_REMAINING,
  B_SLOT,
  E_COMMAND,
  E_HEAD,
  E_MAKER,
  E_ORDER,
  LENGTH_SHIFT,
  T_ID_F64,
  T_MAKER_FEE_F64,
  T_PRICE,
  T_QUANTITY,
  T_TAKER_FEE_F64,
  TRADE_EVENT_INTS,
} from "../event-layout.ts";
import { A_FIRST_ORDER, A_OPEN_ORDERS, ACCOUNT_INTS } from "../ledger/accounts.ts";
import { DELIVERS, PAYS, reservation } from "../ledger/fees.ts";
import {
  P_AVAILABLE_F64,
  P_OPEN_ORDERS,
  P_RESERVED_F64,
  POSITION_DOUBLES,
  POSITION_INTS,
} from "../ledger/positions.ts";
import { CLOCK_TICK, CLOCK_TIMESTAMP, CLOCK_TRADES, type CoreParts } from "../parts.ts";
import { L_HEAD, L_QUANTITY_F64, L_TAIL, LEVEL_INTS } from "./ladder.ts";
import {
  allIfZero,
  EXTRA_CLIENT_ID,
  O_ACCOUNT,
  O_ACCOUNT_NEXT,
  O_ACCOUNT_PREV,
  O_BOOK,
  O_CLIENT_ID,
  O_CREATED_AT_F64,
  O_FEE_CARRY,
  O_FEES,
  O_GENERATION,
  O_NEXT,
  O_NOTIONAL_F64,
  O_ORDER_FLAGS,
  O_OWNER,
  O_POSITION,
  O_PREV,
  O_PRICE,
  O_QUANTITY,
  O_REMAINING,
  O_TICK_F64,
  O_TIMESTAMP_F64,
  ORDER_SHIFT,
} from "./order-arena.ts";
import type { OrderFees } from "./order-fees.ts";
import type { Supply } from "./supply.ts";
import type { SweptLevels } from "./swept-levels.ts";

const TRADE_LENGTH = (TRADE_EVENT_INTS >> 1) << LENGTH_SHIFT;

/** Places in `swept`: first and last price, last level, shares of the last fill; all 0 if `sweep` filled nothing. */
export const SWEPT_FIRST_PRICE = 0;
export const SWEPT_LAST_PRICE = 1;
export const SWEPT_LAST_LEVEL = 2;
export const SWEPT_LAST_QUANTITY = 3;

export function createPlainFills(
  parts: CoreParts,
  supply: Supply,
  orderFees: OrderFees,
  sweptLevels: SweptLevels,
  emit: Emit,
) {
  const { arena, ladder, accounts, positions, clientIds, clock, events } = parts;
  const O = arena.ints;
  const OD = arena.doubles;
  const { extras } = arena;
  const A = accounts.ints;
  const { cash } = accounts;
  const P = positions.ints;
  const shares = positions.doubles;
  const { levels: L, quantities: LQ } = ladder;
  const { ints: E, doubles: ED, head: eventHead } = events;
  const swept = new Int32Array(4);

  /**
   * Trades the incoming order at `t` up to `limit`. Stops at the first order that is not plain, and at the first order
   * of the same owner if `mode` prevents such trades. Returns the fees that the order has to pay. `swept` has the other
   * results.
   */
  function sweep(t: number, limit: number, mode: number): number {
    const book = O[t + O_BOOK];
    const slot = t >> ORDER_SHIFT;
    const generation = O[t + O_GENERATION];
    const account = O[t + O_ACCOUNT];
    const price = O[t + O_PRICE];
    const ordered = O[t + O_QUANTITY];
    const flags = O[t + O_ORDER_FLAGS];
    const position = O[t + O_POSITION];
    const owner = O[t + O_OWNER];
    const takerFees = O[t + O_FEES];
    const createdAt = OD[(t >> 1) + O_CREATED_AT_F64];
    const takerExtra = extras[slot];
    const now = clock[CLOCK_TIMESTAMP];
    const tick = clock[CLOCK_TICK];
    const command = eventHead[1] | TRADE_LENGTH;
    const prevents = mode !== SelfTrade.NONE;
    const other = book ^ 1;
    const isSold = (other & 1) === 1;
    // A seller gets cash, a buyer gets shares: the factor of what the maker does not get is 0.
    const sold = DELIVERS[other & 1];
    const bought = PAYS[other & 1];
    let remaining = O[t + O_REMAINING];
    let notional = OD[(t >> 1) + O_NOTIONAL_F64];
    let trades = clock[CLOCK_TRADES];
    let e = eventHead[0];
    let fees = 0;
    let firstPrice = 0;
    let lastPrice = 0;
    let lastLevel = 0;
    let lastQuantity = 0;
    let at = ladder.best(other);

    while (remaining !== 0 && at !== 0 && (isSold ? at <= limit : at >= limit)) {
      const level = ladder.bestLevel(other);
      const first = L[level * LEVEL_INTS + L_HEAD];
      let next = first;
      let taken = 0;
      let held = 0;
      let isPlain = true;
      while (next !== 0 && remaining !== 0) {
        const maker = next;
        const m = maker << ORDER_SHIFT;
        const extra = extras[maker];
        if (extra > EXTRA_CLIENT_ID || (prevents && O[m + O_OWNER] === owner)) {
          isPlain = false;
          break;
        }
        const waiting = O[m + O_REMAINING];
        const quantity = remaining < waiting ? remaining : waiting;
        const after = waiting - quantity;
        const paid = at * quantity;
        const makerFees = O[m + O_FEES];
        let takerFee = 0;
        let makerFee = 0;
        let released = paid;
        if ((takerFees | makerFees) !== 0) {
          if (takerFees !== 0) takerFee = orderFees.ofTaker(t, paid);
          if (makerFees !== 0) {
            const carry = O[m + O_FEE_CARRY];
            makerFee = orderFees.ofMaker(m, t, paid, takerFee);
            released =
              reservation(at, waiting, makerFees, carry) -
              reservation(at, after, makerFees, O[m + O_FEE_CARRY]);
            cash[0] += makerFee;
          }
          fees += takerFee;
        }
        const makerAccount = O[m + O_ACCOUNT];
        const makerPosition = O[m + O_POSITION];
        const makerNotional = OD[(m >> 1) + O_NOTIONAL_F64] + paid;
        remaining -= quantity;
        notional += paid;
        taken += quantity;
        lastQuantity = quantity;
        O[m + O_REMAINING] = after;
        OD[(m >> 1) + O_NOTIONAL_F64] = makerNotional;
        OD[(m >> 1) + O_TIMESTAMP_F64] = now;
        OD[(m >> 1) + O_TICK_F64] = tick;

        E[e + T_QUANTITY] = quantity;
        E[e + T_PRICE] = at;
        E[e + E_HEAD] = EventKind.TRADE;
        E[e + E_COMMAND] = command;
        const b = e + E_ORDER;
        E[b + B_BOOK] = book;
        E[b + B_SLOT] = slot;
        E[b + B_GENERATION] = generation;
        E[b + B_ACCOUNT] = account;
        E[b + B_PRICE] = price;
        E[b + B_QUANTITY] = ordered;
        E[b + B_REMAINING] = remaining;
        E[b + B_ORDER_FLAGS] = flags;
        E[b + B_CLIENT_ID] = 0;
        E[b + B_POSITION] = position;
        const d = e + E_MAKER;
        E[d + B_BOOK] = other;
        E[d + B_SLOT] = maker;
        E[d + B_GENERATION] = O[m + O_GENERATION];
        E[d + B_ACCOUNT] = makerAccount;
        E[d + B_PRICE] = at;
        E[d + B_QUANTITY] = O[m + O_QUANTITY];
        E[d + B_REMAINING] = after;
        E[d + B_ORDER_FLAGS] = O[m + O_ORDER_FLAGS];
        E[d + B_CLIENT_ID] = 0;
        E[d + B_POSITION] = makerPosition;
        ED[(b >> 1) + B_NOTIONAL_F64] = notional;
        ED[(b >> 1) + B_CREATED_AT_F64] = createdAt;
        ED[(d >> 1) + B_NOTIONAL_F64] = makerNotional;
        ED[(d >> 1) + B_CREATED_AT_F64] = OD[(m >> 1) + O_CREATED_AT_F64];
        ED[(e >> 1) + T_ID_F64] = ++trades;
        ED[(e >> 1) + T_TAKER_FEE_F64] = takerFee;
        ED[(e >> 1) + T_MAKER_FEE_F64] = makerFee;
        e = (takerExtra | extra) === 0 ? e + TRADE_EVENT_INTS : addIds(e, t, m);

        const p = makerPosition * POSITION_DOUBLES;
        cash[makerAccount * 2] += paid * sold + (released - paid) * bought - makerFee;
        cash[makerAccount * 2 + 1] -= released * bought;
        shares[p + P_AVAILABLE_F64] += quantity * bought;
        shares[p + P_RESERVED_F64] -= quantity * sold;
        if (after !== 0) break;

        next = O[m + O_NEXT];
        O[(next << ORDER_SHIFT) + O_PREV] = 0;
        if (ladder.isHeld(level, maker)) held = maker;
        const newer = O[m + O_ACCOUNT_PREV];
        const older = O[m + O_ACCOUNT_NEXT];
        const a = makerAccount * ACCOUNT_INTS;
        const isNewest = allIfZero(newer);
        O[(newer << ORDER_SHIFT) + O_ACCOUNT_NEXT] = older;
        O[(older << ORDER_SHIFT) + O_ACCOUNT_PREV] = newer;
        O[O_ACCOUNT_NEXT] = 0;
        O[O_ACCOUNT_PREV] = 0;
        A[a + A_FIRST_ORDER] = (A[a + A_FIRST_ORDER] & ~isNewest) | (older & isNewest);
        A[a + A_OPEN_ORDERS]--;
        P[makerPosition * POSITION_INTS + P_OPEN_ORDERS]--;
        if (extra !== 0) clientIds.retire(O[m + O_CLIENT_ID]);
        arena.release(maker);
      }
      if (taken === 0) break;
      LQ[level * 2 + L_QUANTITY_F64] -= taken;
      supply.touch(level);
      L[level * LEVEL_INTS + L_HEAD] = next;
      if (next === 0) {
        L[level * LEVEL_INTS + L_TAIL] = 0;
        ladder.markEmpty(other, level, at);
      }
      if (held !== 0) ladder.handOn(other, level, held);
      if (lastPrice === 0) firstPrice = at;
      else sweptLevels.add(other, lastPrice);
      lastPrice = at;
      lastLevel = level;
      if (!isPlain) break;
      at = ladder.best(other);
    }

    O[t + O_REMAINING] = remaining;
    OD[(t >> 1) + O_NOTIONAL_F64] = notional;
    clock[CLOCK_TRADES] = trades;
    eventHead[0] = e;
    swept[SWEPT_FIRST_PRICE] = firstPrice;
    swept[SWEPT_LAST_PRICE] = lastPrice;
    swept[SWEPT_LAST_LEVEL] = lastLevel;
    swept[SWEPT_LAST_QUANTITY] = lastQuantity;
    return fees;
  }

  /** Adds the client order ids that the two orders have to the TRADE at `e`. Returns the place after it. */
  function addIds(e: number, t: number, m: number): number {
    let end = e + TRADE_EVENT_INTS;
    end = addId(e + E_ORDER, t, end);
    end = addId(e + E_MAKER, m, end);
    E[e + E_COMMAND] = eventHead[1] | (((end - e) >> 1) << LENGTH_SHIFT);
    return end;
  }

  /**
   * Adds the id of the order at `o`, if it has one, to its block at `b` and to word `at`. Returns the place after it.
   */
  function addId(b: number, o: number, at: number): number {
    if (extras[o >> ORDER_SHIFT] === 0) return at;
    const entry = O[o + O_CLIENT_ID];
    E[b + B_CLIENT_ID] = entry;
    return emit.writeText(at, entry);
  }

  return { sweep, swept };
}
