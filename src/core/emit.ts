/** Writes events (`event-layout.ts`) into the buffer of the tick in progress. */

import { CLIENT_ID_INTS } from "./client-ids.ts";
import { C_TEXT_INTS } from "./command.ts";
import { EventFlag, EventKind, hasTerms } from "./event.ts";
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
  CHANGED_INTS,
  D_ACCOUNT,
  D_AMOUNT_F64,
  D_COUNT,
  D_SYMBOL,
  DONE_EVENT_INTS,
  E_COMMAND,
  E_HEAD,
  E_MAKER,
  E_ORDER,
  LENGTH_SHIFT,
  LEVEL_EVENT_INTS,
  ORDER_EVENT_INTS,
  R_ACCOUNT,
  R_CODE,
  R_DETAIL,
  R_FIRST_F64,
  R_GENERATION,
  R_SECOND_F64,
  R_SLOT,
  REJECT_EVENT_INTS,
  S_NEW_STATE,
  S_SYMBOL,
  SYMBOL_EVENT_INTS,
  T_ID_F64,
  T_MAKER_FEE_F64,
  T_PRICE,
  T_QUANTITY,
  T_TAKER_FEE_F64,
  TERMS_EXPIRE_AT_F64,
  TERMS_INTS,
  TRADE_EVENT_INTS,
  V_BOOK,
  V_PRICE,
  V_TOTAL_F64,
} from "./event-layout.ts";
import { CLOCK_TRADES, type CoreParts } from "./parts.ts";
import {
  O_ACCOUNT,
  O_BOOK,
  O_CLIENT_ID,
  O_CREATED_AT_F64,
  O_EXPIRE_AT_F64,
  O_GENERATION,
  O_NOTIONAL_F64,
  O_ORDER_FLAGS,
  O_POSITION,
  O_PRICE,
  O_QUANTITY,
  O_REMAINING,
  O_STOP_PRICE,
  O_TICK_F64,
  O_TIMESTAMP_F64,
  ORDER_SHIFT,
} from "./whistle/order-arena.ts";

export type Emit = ReturnType<typeof createEmit>;

const ORDER_LENGTH = (ORDER_EVENT_INTS >> 1) << LENGTH_SHIFT;
const TRADE_LENGTH = (TRADE_EVENT_INTS >> 1) << LENGTH_SHIFT;
const LEVEL_LENGTH = (LEVEL_EVENT_INTS >> 1) << LENGTH_SHIFT;
const TEXT_LENGTH = (C_TEXT_INTS >> 1) << LENGTH_SHIFT;
const TERMS_LENGTH = (TERMS_INTS >> 1) << LENGTH_SHIFT;
const CHANGED_LENGTH = (CHANGED_INTS >> 1) << LENGTH_SHIFT;

export function createEmit(parts: CoreParts) {
  const { ints: E, doubles: ED, head } = parts.events;
  const { ints: O, doubles: OD, extras } = parts.arena;
  const K = parts.clientIds.ints;
  const { clock } = parts;
  /** The two numbers of the next REJECT. */
  const details = new Float64Array(2);

  /** Begins the next event: writes its head, makes the rest zero. Returns its place. */
  function begin(kind: number, flags: number, ints: number): number {
    const e = head[0];
    head[0] = e + ints;
    E.fill(0, e, e + ints);
    E[e + E_HEAD] = kind | (flags << 8);
    E[e + E_COMMAND] = head[1] | ((ints >> 1) << LENGTH_SHIFT);
    return e;
  }

  /** ORDER: the state of the order at `o` = slot << ORDER_SHIFT. `reason`: an `EndReason`, 0 = none. */
  function order(o: number, flags: number, status: number, reason: number): void {
    const e = head[0];
    let length = ORDER_LENGTH;
    E[e + E_HEAD] = EventKind.ORDER | (flags << 8) | (status << 16) | (reason << 24);
    writeBlock(e + E_ORDER, o);
    if (hasExtra(o)) length += writeExtra(e + ORDER_EVENT_INTS, o);
    if ((flags & EventFlag.UNCHANGED) !== 0) {
      const d = (e >> 1) + (length >>> LENGTH_SHIFT);
      ED[d] = OD[(o >> 1) + O_TIMESTAMP_F64];
      ED[d + 1] = OD[(o >> 1) + O_TICK_F64];
      length += CHANGED_LENGTH;
    }
    E[e + E_COMMAND] = head[1] | length;
    head[0] = e + ((length >>> LENGTH_SHIFT) << 1);
  }

  function writeBlock(b: number, o: number): void {
    const slot = o >> ORDER_SHIFT;
    E[b + B_BOOK] = O[o + O_BOOK];
    E[b + B_SLOT] = slot;
    E[b + B_GENERATION] = O[o + O_GENERATION];
    E[b + B_ACCOUNT] = O[o + O_ACCOUNT];
    E[b + B_PRICE] = O[o + O_PRICE];
    E[b + B_QUANTITY] = O[o + O_QUANTITY];
    E[b + B_REMAINING] = O[o + O_REMAINING];
    E[b + B_ORDER_FLAGS] = O[o + O_ORDER_FLAGS];
    E[b + B_CLIENT_ID] = O[o + O_CLIENT_ID];
    E[b + B_POSITION] = O[o + O_POSITION];
    const d = b >> 1;
    ED[d + B_NOTIONAL_F64] = OD[(o >> 1) + O_NOTIONAL_F64];
    ED[d + B_CREATED_AT_F64] = OD[(o >> 1) + O_CREATED_AT_F64];
  }

  /** Writes the stop price and the time of expiry of the order at `o` to word `at`. Returns the place after them. */
  function writeTerms(at: number, o: number): number {
    E[at] = O[o + O_STOP_PRICE];
    E[at + 1] = 0;
    ED[(at >> 1) + TERMS_EXPIRE_AT_F64] = OD[(o >> 1) + O_EXPIRE_AT_F64];
    return at + TERMS_INTS;
  }

  /** Writes the text of a client order id to word `at`. Returns the place after it. */
  function writeText(at: number, entry: number): number {
    const k = entry * CLIENT_ID_INTS;
    for (let i = 0; i < C_TEXT_INTS; i++) E[at + i] = K[k + i];
    return at + C_TEXT_INTS;
  }

  /** TRADE: a fill. Both orders' quantities and notionals must have been updated before. */
  function trade(
    taker: number,
    maker: number,
    price: number,
    quantity: number,
    takerFee: number,
    makerFee: number,
    flags = 0,
  ): void {
    const e = head[0];
    E[e + E_HEAD] = EventKind.TRADE | (flags << 8);
    writeBlock(e + E_ORDER, taker);
    writeBlock(e + E_MAKER, maker);
    const d = e >> 1;
    ED[d + T_ID_F64] = ++clock[CLOCK_TRADES];
    ED[d + T_TAKER_FEE_F64] = takerFee;
    ED[d + T_MAKER_FEE_F64] = makerFee;
    E[e + T_PRICE] = price;
    E[e + T_QUANTITY] = quantity;
    let length = TRADE_LENGTH;
    if (hasExtra(taker) || hasExtra(maker)) {
      length += writeExtra(e + TRADE_EVENT_INTS, taker);
      length += writeExtra(e + ((length >>> LENGTH_SHIFT) << 1), maker);
    }
    E[e + E_COMMAND] = head[1] | length;
    head[0] = e + ((length >>> LENGTH_SHIFT) << 1);
  }

  /** Whether the order at `o` has anything that only some orders have. */
  function hasExtra(o: number): boolean {
    return extras[o >> ORDER_SHIFT] !== 0;
  }

  /** Writes what only some orders have, for the order at `o`, to word `at`. Returns its length << LENGTH_SHIFT. */
  function writeExtra(at: number, o: number): number {
    let end = at;
    let length = 0;
    if (hasTerms(O[o + O_ORDER_FLAGS])) {
      end = writeTerms(end, o);
      length += TERMS_LENGTH;
    }
    if (O[o + O_CLIENT_ID] !== 0) {
      writeText(end, O[o + O_CLIENT_ID]);
      length += TEXT_LENGTH;
    }
    return length;
  }

  /** REJECT: the command is refused. `slot` and `generation`: of the order that it named, if any. */
  function reject(code: number, account: number, detail = 0, slot = 0, generation = 0): void {
    const e = begin(EventKind.REJECT, EventFlag.REPLY, REJECT_EVENT_INTS);
    E[e + R_ACCOUNT] = account;
    E[e + R_CODE] = code;
    E[e + R_DETAIL] = detail;
    E[e + R_SLOT] = slot;
    E[e + R_GENERATION] = generation;
    ED[(e >> 1) + R_FIRST_F64] = details[0];
    ED[(e >> 1) + R_SECOND_F64] = details[1];
    details.fill(0);
  }

  /** Sets the two numbers that the next REJECT has beside its code (`reject.ts` says what they are). */
  function because(first: number, second: number): void {
    details[0] = first;
    details[1] = second;
  }

  /** DONE: the command succeeded, and the answer is no order. `symbol`: -1 = none. */
  function done(account: number, symbol: number, count: number, amount: number): void {
    const e = begin(EventKind.DONE, EventFlag.REPLY, DONE_EVENT_INTS);
    E[e + D_ACCOUNT] = account;
    E[e + D_SYMBOL] = symbol;
    E[e + D_COUNT] = count;
    ED[(e >> 1) + D_AMOUNT_F64] = amount;
  }

  /** LEVEL: what rests at a price of a book has changed. `total`: the shares that rest there now. */
  function level(book: number, price: number, total: number): void {
    const e = head[0];
    head[0] = e + LEVEL_EVENT_INTS;
    E[e + E_HEAD] = EventKind.LEVEL;
    E[e + E_COMMAND] = head[1] | LEVEL_LENGTH;
    E[e + V_BOOK] = book;
    E[e + V_PRICE] = price;
    ED[(e >> 1) + V_TOTAL_F64] = total;
  }

  /**
   * LEVEL and ORDER in one: of the order's price, where `total` shares rest, and of the order, which must have nothing
   * that only some orders have.
   */
  function plainOrder(
    flags: number,
    status: number,
    reason: number,
    total: number,
    book: number,
    slot: number,
    generation: number,
    account: number,
    price: number,
    quantity: number,
    remaining: number,
    orderFlags: number,
    position: number,
    notional: number,
    createdAt: number,
  ): void {
    const l = head[0];
    const command = head[1];
    const e = l + LEVEL_EVENT_INTS;
    const b = e + E_ORDER;
    head[0] = e + ORDER_EVENT_INTS;
    E[l + E_HEAD] = EventKind.LEVEL;
    E[l + E_COMMAND] = command | LEVEL_LENGTH;
    E[l + V_BOOK] = book;
    E[l + V_PRICE] = price;
    E[e + E_HEAD] = EventKind.ORDER | (flags << 8) | (status << 16) | (reason << 24);
    E[e + E_COMMAND] = command | ORDER_LENGTH;
    E[b + B_BOOK] = book;
    E[b + B_SLOT] = slot;
    E[b + B_GENERATION] = generation;
    E[b + B_ACCOUNT] = account;
    E[b + B_PRICE] = price;
    E[b + B_QUANTITY] = quantity;
    E[b + B_REMAINING] = remaining;
    E[b + B_ORDER_FLAGS] = orderFlags;
    E[b + B_CLIENT_ID] = 0;
    E[b + B_POSITION] = position;
    ED[(l >> 1) + V_TOTAL_F64] = total;
    ED[(b >> 1) + B_NOTIONAL_F64] = notional;
    ED[(b >> 1) + B_CREATED_AT_F64] = createdAt;
  }

  /** Adds the client order id in `entry` to the ORDER that `plainOrder` has just written. */
  function addClientId(entry: number): void {
    const end = head[0];
    const e = end - ORDER_EVENT_INTS;
    E[e + E_ORDER + B_CLIENT_ID] = entry;
    E[e + E_COMMAND] += TEXT_LENGTH;
    head[0] = writeText(end, entry);
  }

  function symbol(number: number, state: number): void {
    const e = begin(EventKind.SYMBOL, EventFlag.NEWS, SYMBOL_EVENT_INTS);
    E[e + S_SYMBOL] = number;
    E[e + S_NEW_STATE] = state;
  }

  /** ORDER, in answer to a repeated client order id (`entry`) whose first order (`slot`, `generation`) is done. */
  function duplicate(account: number, entry: number, slot: number, generation: number): void {
    const flags = EventFlag.REPLY | EventFlag.DUPLICATE;
    const e = begin(EventKind.ORDER, flags, ORDER_EVENT_INTS + C_TEXT_INTS);
    const b = e + E_ORDER;
    E[b + B_SLOT] = slot;
    E[b + B_GENERATION] = generation;
    E[b + B_ACCOUNT] = account;
    E[b + B_CLIENT_ID] = entry;
    writeText(e + ORDER_EVENT_INTS, entry);
  }

  return {
    order,
    trade,
    level,
    reject,
    because,
    done,
    symbol,
    duplicate,
    plainOrder,
    addClientId,
    writeText,
  };
}
