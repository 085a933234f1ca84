/**
 * The memory of events. Only this room knows it: `emit.ts` writes it, `event.ts` reads it.
 *
 * ```
 *  int  all kinds
 *    0  KIND | FLAGS << 8 | STATUS << 16 | REASON << 24
 *    1  COMMAND, index within the tick | LENGTH << 24, in 64-bit words
 *
 *       ORDER, TRADE: an order block          REJECT              DONE             SYMBOL
 *  2 +  0  BOOK      symbol << 1 | side    2  ACCOUNT          2  ACCOUNT       2  SYMBOL
 *       1  SLOT                            3  CODE             3  SYMBOL        3  STATE
 *       2  GENERATION                      4  DETAIL           4  COUNT
 *       3  ACCOUNT                         5  SLOT             6  AMOUNT f64    LEVEL
 *       4  PRICE                           6  GENERATION                        2  BOOK
 *       5  QUANTITY                        8  FIRST  f64       CASH             3  PRICE
 *       6  REMAINING                      10  SECOND f64       2  ACCOUNT       4  TOTAL f64
 *       7  ORDER_FLAGS                                         4  AVAILABLE f64
 *       8  CLIENT_ID, a handle, 0 = none                       6  RESERVED f64
 *       9  POSITION of account and symbol
 *      10  NOTIONAL   f64, of the fills                        POSITION
 *      12  CREATED_AT f64                                      2  ACCOUNT
 *                                                              3  SYMBOL
 *       TRADE: the taker's block, and                          4  POSITION
 * 16 +     the maker's block                                   6  AVAILABLE f64
 * 30       TRADE_ID f64   32 TAKER_FEE f64                      8  RESERVED f64
 * 34       MAKER_FEE f64  36 PRICE   37 QUANTITY
 * ```
 *
 * After an ORDER or TRADE comes what only some orders have, so that the others do not pay for it. In a TRADE the
 * taker's comes first:
 *
 * ```
 *  stops and GTD:            STOP_PRICE int, (none) int, EXPIRE_AT f64, 0 = never
 *  with a client order id:   its text, 16 ints
 *  with the flag UNCHANGED:  CHANGED_AT f64, CHANGED_TICK f64
 * ```
 */
import { OrderType } from "./command.ts";

/** Words before the first block or field. */
const HEAD_INTS = 2;
export const E_HEAD = 0;
export const E_COMMAND = 1;
export const COMMAND_MASK = 0xff_ffff;
export const LENGTH_SHIFT = 24;

/** Offsets in an order block. */
export const B_BOOK = 0;
export const B_SLOT = 1;
export const B_GENERATION = 2;
export const B_ACCOUNT = 3;
export const B_PRICE = 4;
export const B_QUANTITY = 5;
export const B_REMAINING = 6;
export const B_ORDER_FLAGS = 7;
export const B_CLIENT_ID = 8;
export const B_POSITION = 9;
export const B_NOTIONAL_F64 = 5;
export const B_CREATED_AT_F64 = 6;
const BLOCK_INTS = 14;

/** Where the blocks of an event begin. */
export const E_ORDER = HEAD_INTS;
export const E_MAKER = HEAD_INTS + BLOCK_INTS;

export const T_ID_F64 = 15;
export const T_TAKER_FEE_F64 = 16;
export const T_MAKER_FEE_F64 = 17;
export const T_PRICE = 36;
export const T_QUANTITY = 37;

export const R_ACCOUNT = 2;
export const R_CODE = 3;
export const R_DETAIL = 4;
export const R_SLOT = 5;
export const R_GENERATION = 6;
export const R_FIRST_F64 = 4;
export const R_SECOND_F64 = 5;

export const D_ACCOUNT = 2;
export const D_SYMBOL = 3;
export const D_COUNT = 4;
export const D_AMOUNT_F64 = 3;

export const S_SYMBOL = 2;
export const S_NEW_STATE = 3;

export const V_BOOK = 2;
export const V_PRICE = 3;
export const V_TOTAL_F64 = 2;

export const H_ACCOUNT = 2;
export const H_SYMBOL = 3;
export const H_POSITION = 4;
export const CASH_AVAILABLE_F64 = 2;
export const CASH_RESERVED_F64 = 3;
export const SHARES_AVAILABLE_F64 = 3;
export const SHARES_RESERVED_F64 = 4;

/** Words of each kind of event, without what only some orders have. */
export const ORDER_EVENT_INTS = HEAD_INTS + BLOCK_INTS;
export const TRADE_EVENT_INTS = 38;
export const REJECT_EVENT_INTS = 12;
export const DONE_EVENT_INTS = 8;
export const SYMBOL_EVENT_INTS = 4;
export const LEVEL_EVENT_INTS = 6;
export const CASH_EVENT_INTS = 8;
export const POSITION_EVENT_INTS = 10;

/** Words of STOP_PRICE and EXPIRE_AT, and the place of EXPIRE_AT among them. */
export const TERMS_INTS = 4;
export const TERMS_EXPIRE_AT_F64 = 1;
/** Words of CHANGED_AT and CHANGED_TICK. */
export const CHANGED_INTS = 4;

/** Whether an order has a stop price: it is a STOP or a STOP_LIMIT. */
export function hasStopPrice(orderFlags: number): boolean {
  return (orderFlags & OrderType.STOP) !== 0;
}
