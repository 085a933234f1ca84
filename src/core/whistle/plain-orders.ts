/**
 * The short way of the two most frequent commands: a limit order, and its cancellation by its account. It only tests
 * whether every rule is kept. If one is not, or the order is special in any way, it changes nothing and the command
 * goes the long way (`order-entry.ts`), which finds the answer. State and events are the same on both ways. An order
 * that trades is checked and written here, and goes on like any other (`arrival.ts`).
 *
 * It is flat on purpose: the compiler inlines only small functions, and after each store it loads again what it had
 * loaded. With values in local variables, and arithmetic instead of branches that the processor cannot predict (the
 * side, whether an order is its account's newest), the core does 1.3 times as many commands
 * (`docs/adr/0032-core-nanoseconds.md`). Reads and writes of one table stand together, those of integers apart from
 * those of floats: then the compiler tests bounds once.
 */
import {
  C_ACCOUNT,
  C_HEAD,
  C_OPTIONS,
  C_ORDER_GENERATION,
  C_ORDER_SLOT,
  C_PRICE,
  C_QUANTITY,
  C_STOP_PRICE,
  C_SYMBOL,
  C_TEXT,
  SelfTrade,
  SymbolState,
  TimeInForce,
} from "../command.ts";
import type { Emit } from "../emit.ts";
import { EndReason, EventFlag, OrderStatus } from "../event.ts";
import { A_FIRST_ORDER, A_OPEN_ORDERS, ACCOUNT_INTS } from "../ledger/accounts.ts";
import { DELIVERS, PAYS, reservation } from "../ledger/fees.ts";
import {
  P_AVAILABLE_F64,
  P_OPEN_ORDERS,
  P_RESERVED_F64,
  POSITION_DOUBLES,
  POSITION_INTS,
} from "../ledger/positions.ts";
import {
  CLOCK_QUEUED,
  CLOCK_TICK,
  CLOCK_TIMESTAMP,
  type CoreParts,
  MARKET_BACKLOG,
} from "../parts.ts";
import {
  S_BAND_MS,
  S_HIGH,
  S_INCREMENT,
  S_IS_LIMITED,
  S_LOW,
  S_STATE,
  SYMBOL_INTS,
} from "../symbols.ts";
import type { Arrival } from "./arrival.ts";
import type { Checks } from "./checks.ts";
import { L_HEAD, L_QUANTITY_F64, L_TAIL, LEVEL_INTS } from "./ladder.ts";
import type { Matching } from "./matching.ts";
import {
  ARENA_FREE,
  ARENA_OPEN,
  ARENA_TOP,
  allIfZero,
  EXTRA_CLIENT_ID,
  O_ACCOUNT,
  O_ACCOUNT_NEXT,
  O_ACCOUNT_PREV,
  O_BOOK,
  O_CARRIES_F64,
  O_CLIENT_ID,
  O_CREATED_AT_F64,
  O_EXPIRE_AT_F64,
  O_FEE_CARRY,
  O_FEES,
  O_GENERATION,
  O_LEVEL,
  O_NEXT,
  O_NOTIONAL_F64,
  O_ORDER_FLAGS,
  O_OWNER,
  O_POSITION,
  O_PREV,
  O_PRICE,
  O_QUANTITY,
  O_RANK_F64,
  O_REMAINING,
  O_STOP_PRICE,
  O_TICK_F64,
  O_TIMESTAMP_F64,
  ORDER_SHIFT,
} from "./order-arena.ts";

import type { Overdue } from "./overdue.ts";
import type { PriceBand } from "./price-band.ts";
import type { Supply } from "./supply.ts";

/** Bits of a command's first word that are 0 in a plain PLACE (LIMIT, GTC or IOC): all but kind, side and IOC. */
const NOT_PLAIN = ~(0x1ff | (TimeInForce.IOC << 24));

export function createPlainOrders(
  parts: CoreParts,
  checks: Checks,
  matching: Matching,
  overdue: Overdue,
  arrival: Arrival,
  supply: Supply,
  band: PriceBand,
  emit: Emit,
) {
  const { arena, ladder, accounts, positions, symbols, clientIds, market, clock, rules } = parts;
  const ordersOf = parts.shares.orders;
  const O = arena.ints;
  const OD = arena.doubles;
  const { extras, head: arenaHead } = arena;
  const A = accounts.ints;
  const { cash } = accounts;
  const P = positions.ints;
  const shares = positions.doubles;
  const S = symbols.ints;
  const { levels: L, quantities: LQ } = ladder;

  /**
   * PLACE, the record at `c` of `C`. False: the order goes the long way. Then nothing has changed, except that
   * `freshen` may have been called, which may be called at any time.
   */
  function place(C: Int32Array, c: number): boolean {
    // Read all at once, the text first: it is in the record's second cache line, for which the processor must wait.
    const text = C[c + C_TEXT];
    const head = C[c + C_HEAD];
    const mode = C[c + C_OPTIONS];
    const account = C[c + C_ACCOUNT];
    const symbol = C[c + C_SYMBOL];
    const price = C[c + C_PRICE];
    const quantity = C[c + C_QUANTITY];
    const stopPrice = C[c + C_STOP_PRICE];
    if ((head & NOT_PLAIN) !== 0 || mode < 0 || mode > SelfTrade.NONE) return false;
    if (stopPrice !== 0) return false;
    if (account <= 0 || !accounts.exists(account) || price <= 0 || quantity <= 0) return false;
    if (symbol < 0 || symbol >= symbols.count || market[MARKET_BACKLOG] !== 0) return false;
    const s = symbol * SYMBOL_INTS;
    if (S[s + S_STATE] !== SymbolState.TRADING || S[s + S_IS_LIMITED] !== 0) return false;
    if (S[s + S_BAND_MS] !== 0) band.freshen(symbol);
    if (price < S[s + S_LOW] || price > S[s + S_HIGH] || price % S[s + S_INCREMENT] !== 0) {
      return false;
    }
    const side = (head >> 8) & 1;
    const book = (symbol << 1) | side;
    const best = ladder.best(book ^ 1);
    // How far the price goes beyond the best price of the other side. Below 0: it does not reach that.
    const reach = best === 0 ? -1 : ((price - best) ^ -side) + side;
    const timeInForce = head >> 24;
    if (reach < 0) {
      if (timeInForce !== TimeInForce.GTC) return false;
    } else {
      if (overdue.areAny()) return false;
      if (mode === SelfTrade.CANCEL_NEWEST && matching.meetsOwn(book, price, account)) return false;
    }
    const free = arenaHead[ARENA_FREE];
    const slot = free === 0 ? arena.unused() : free;
    const a = account * ACCOUNT_INTS;
    const open = A[a + A_OPEN_ORDERS];
    if (slot === 0 || open >= ordersOf(account) || arenaHead[ARENA_OPEN] >= rules.sharedOrders) {
      return false;
    }
    const position = positions.find(account, symbol);
    const level = ladder.levelAt(book, price);
    if (position === 0 || level === 0) return false;
    const fees = checks.feesOf(account);
    // A buyer reserves cash, a seller reserves shares: the factor of what is not reserved is 0.
    const cost = reservation(price, quantity, fees, 0) * PAYS[side];
    const delivery = quantity * DELIVERS[side];
    const p = position * POSITION_DOUBLES;
    const cashThere = cash[account * 2];
    const sharesThere = shares[p + P_AVAILABLE_F64];
    if (cost > cashThere || delivery > sharesThere * DELIVERS[side]) return false;
    if (text !== 0 && clientIds.find(account, C, c + C_TEXT) !== 0) return false;

    const o = slot << ORDER_SHIFT;
    const flags = (mode << 8) | (timeInForce << 4);
    const now = clock[CLOCK_TIMESTAMP];
    // In a slot that was never used NEXT is 0.
    arenaHead[ARENA_FREE] = O[o + O_NEXT];
    if (free === 0) arenaHead[ARENA_TOP] = slot + 1;
    arenaHead[ARENA_OPEN]++;
    O[o + O_REMAINING] = quantity;
    O[o + O_PRICE] = price;
    O[o + O_BOOK] = book;
    O[o + O_ACCOUNT] = account;
    O[o + O_POSITION] = position;
    O[o + O_QUANTITY] = quantity;
    O[o + O_ORDER_FLAGS] = flags;
    O[o + O_FEES] = fees;
    O[o + O_CLIENT_ID] = 0;
    O[o + O_STOP_PRICE] = 0;
    O[o + O_OWNER] = accounts.ownerOf(account);
    if (fees !== 0) OD[(o >> 1) + O_CARRIES_F64] = 0;
    OD[(o >> 1) + O_NOTIONAL_F64] = 0;
    OD[(o >> 1) + O_EXPIRE_AT_F64] = 0;
    OD[(o >> 1) + O_CREATED_AT_F64] = now;
    extras[slot] = 0;
    if (text !== 0) fileId(o, C, c);
    if (reach >= 0) {
      arrival.enter(o, price, true, timeInForce === TimeInForce.GTC);
      return true;
    }
    cash[account * 2] = cashThere - cost;
    cash[account * 2 + 1] += cost;
    shares[p + P_AVAILABLE_F64] = sharesThere - delivery;
    shares[p + P_RESERVED_F64] += delivery;
    const l = level * LEVEL_INTS;
    const tail = L[l + L_TAIL];
    const total = LQ[level * 2 + L_QUANTITY_F64] + quantity;
    L[l + L_TAIL] = slot;
    LQ[level * 2 + L_QUANTITY_F64] = total;
    supply.touch(level);
    if (tail !== 0) {
      O[(tail << ORDER_SHIFT) + O_NEXT] = slot;
    } else {
      L[l + L_HEAD] = slot;
      ladder.markFilled(book, level, price);
    }
    const first = A[a + A_FIRST_ORDER];
    A[a + A_FIRST_ORDER] = slot;
    A[a + A_OPEN_ORDERS] = open + 1;
    O[(first << ORDER_SHIFT) + O_ACCOUNT_PREV] = slot;
    O[O_ACCOUNT_PREV] = 0;
    P[position * POSITION_INTS + P_OPEN_ORDERS]++;

    O[o + O_NEXT] = 0;
    O[o + O_PREV] = tail;
    O[o + O_LEVEL] = level;
    O[o + O_ACCOUNT_NEXT] = first;
    O[o + O_ACCOUNT_PREV] = 0;
    OD[(o >> 1) + O_TIMESTAMP_F64] = now;
    OD[(o >> 1) + O_RANK_F64] = ++clock[CLOCK_QUEUED];
    OD[(o >> 1) + O_TICK_F64] = clock[CLOCK_TICK];

    emit.plainOrder(
      EventFlag.REPLY | EventFlag.NEWS | EventFlag.OPEN,
      OrderStatus.ACCEPTED,
      EndReason.NONE,
      total,
      book,
      slot,
      O[o + O_GENERATION],
      account,
      price,
      quantity,
      quantity,
      flags,
      position,
      0,
      now,
    );
    if (text !== 0) emit.addClientId(O[o + O_CLIENT_ID]);
    return true;
  }

  /** Adds the client order id of the PLACE at `c` for its order at `o`. */
  function fileId(o: number, C: Int32Array, c: number): void {
    const slot = o >> ORDER_SHIFT;
    O[o + O_CLIENT_ID] = clientIds.add(O[o + O_ACCOUNT], C, c, slot, O[o + O_GENERATION]);
    extras[slot] = EXTRA_CLIENT_ID;
  }

  /** CANCEL, the record at `c` of `C`. False: nothing has changed, and the command goes the long way. */
  function cancel(C: Int32Array, c: number): boolean {
    const slot = C[c + C_ORDER_SLOT];
    const account = C[c + C_ACCOUNT];
    const symbol = C[c + C_SYMBOL];
    const generation = C[c + C_ORDER_GENERATION];
    if (!arena.isOpen(slot, generation)) return false;
    const o = slot << ORDER_SHIFT;
    const book = O[o + O_BOOK];
    const flags = O[o + O_ORDER_FLAGS];
    if (O[o + O_ACCOUNT] !== account || (symbol >= 0 && symbol !== book >> 1)) return false;
    const extra = extras[slot];
    if (extra > EXTRA_CLIENT_ID) return false;
    const price = O[o + O_PRICE];
    const remaining = O[o + O_REMAINING];
    const position = O[o + O_POSITION];
    const level = O[o + O_LEVEL];
    const next = O[o + O_NEXT];
    const previous = O[o + O_PREV];
    const newer = O[o + O_ACCOUNT_PREV];
    const older = O[o + O_ACCOUNT_NEXT];
    const quantity = O[o + O_QUANTITY];
    const notional = OD[(o >> 1) + O_NOTIONAL_F64];
    const side = book & 1;
    const fees = O[o + O_FEES];
    const carry = fees === 0 ? 0 : O[o + O_FEE_CARRY];
    const cost = reservation(price, remaining, fees, carry) * PAYS[side];
    const delivery = remaining * DELIVERS[side];
    const p = position * POSITION_DOUBLES;
    cash[account * 2] += cost;
    cash[account * 2 + 1] -= cost;
    shares[p + P_AVAILABLE_F64] += delivery;
    shares[p + P_RESERVED_F64] -= delivery;

    const l = level * LEVEL_INTS;
    const total = LQ[level * 2 + L_QUANTITY_F64] - remaining;
    LQ[level * 2 + L_QUANTITY_F64] = total;
    supply.touch(level);
    const isFirst = allIfZero(previous);
    const isLast = allIfZero(next);
    O[(previous << ORDER_SHIFT) + O_NEXT] = next;
    O[(next << ORDER_SHIFT) + O_PREV] = previous;
    L[l + L_HEAD] = (L[l + L_HEAD] & ~isFirst) | (next & isFirst);
    L[l + L_TAIL] = (L[l + L_TAIL] & ~isLast) | (previous & isLast);
    if ((previous | next) === 0) ladder.markEmpty(book, level, price);
    if (ladder.isHeld(level, slot)) ladder.handOn(book, level, slot);
    const a = account * ACCOUNT_INTS;
    const isNewest = allIfZero(newer);
    O[(newer << ORDER_SHIFT) + O_ACCOUNT_NEXT] = older;
    O[(older << ORDER_SHIFT) + O_ACCOUNT_PREV] = newer;
    A[a + A_FIRST_ORDER] = (A[a + A_FIRST_ORDER] & ~isNewest) | (older & isNewest);
    O[O_NEXT] = 0;
    O[O_PREV] = 0;
    O[O_ACCOUNT_NEXT] = 0;
    O[O_ACCOUNT_PREV] = 0;
    A[a + A_OPEN_ORDERS]--;
    P[position * POSITION_INTS + P_OPEN_ORDERS]--;
    OD[(o >> 1) + O_TIMESTAMP_F64] = clock[CLOCK_TIMESTAMP];
    OD[(o >> 1) + O_TICK_F64] = clock[CLOCK_TICK];

    emit.plainOrder(
      EventFlag.REPLY | EventFlag.NEWS,
      OrderStatus.CANCELLED,
      EndReason.USER,
      total,
      book,
      slot,
      generation,
      account,
      price,
      quantity,
      remaining,
      flags,
      position,
      notional,
      OD[(o >> 1) + O_CREATED_AT_F64],
    );
    if (extra !== 0) {
      emit.addClientId(O[o + O_CLIENT_ID]);
      clientIds.retire(O[o + O_CLIENT_ID]);
    }
    arena.release(slot);
    return true;
  }

  return { place, cancel };
}
