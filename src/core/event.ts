/**
 * The event record: what a command did, as 64 bytes, or 136 for a TRADE.
 *
 * `apply` appends events to one buffer; the owner of the core reads them at the end of the tick and
 * resets it. Every command gives exactly one event with the REPLY flag (an ORDER, a REJECT or a
 * DONE): after the trades of its own order, before the stops that those bring in. The state in an event is the state right after it.
 *
 * ```
 *  int   all kinds                       int   TRADE adds
 *    0   KIND | FLAGS << 8 | STATUS << 16  14   TRADE_PRICE
 *    1   COMMAND  index within the tick    15   TRADE_QUANTITY
 *    2   BOOK     symbol << 1 | side       16   TRADE_ID    float64, consecutive from 1
 *    3   SLOT                              18   TAKER_FEE   float64
 *    4   GENERATION                        20   MAKER_FEE   float64, negative = rebate
 *    5   ACCOUNT                           22   MAKER_SLOT
 *    6   PRICE      (REJECT, DONE: CODE)   23   MAKER_GENERATION
 *    7   QUANTITY   (REJECT: DETAIL)       24   MAKER_ACCOUNT
 *    8   REMAINING                         25   MAKER_QUANTITY
 *    9   ORDER_FLAGS                       26   MAKER_REMAINING
 *   10   CLIENT_ID  entry, 0 = none        27   MAKER_ORDER_FLAGS
 *   11   STOP_PRICE                        28   MAKER_CLIENT_ID
 *   12   NOTIONAL   float64, filled        29   MAKER_STOP_PRICE
 *        (DONE: AMOUNT)                    30   MAKER_NOTIONAL  float64
 *                                          32   MAKER_PRICE
 * ```
 *
 * In a TRADE, ints 2–13 are the taker's order after this fill. In an auction the taker is the order that
 * came later, and the maker's price may differ from TRADE_PRICE.
 */

export const EVENT_INTS = 16;
export const TRADE_INTS = 34;

export const E_HEAD = 0;
export const E_COMMAND = 1;
export const E_BOOK = 2;
export const E_SLOT = 3;
export const E_GENERATION = 4;
export const E_ACCOUNT = 5;
export const E_PRICE = 6;
export const E_CODE = 6;
export const E_QUANTITY = 7;
export const E_DETAIL = 7;
export const E_REMAINING = 8;
export const E_ORDER_FLAGS = 9;
export const E_CLIENT_ID = 10;
export const E_STOP_PRICE = 11;
export const E_TRADE_PRICE = 14;
export const E_TRADE_QUANTITY = 15;
export const E_MAKER_SLOT = 22;
export const E_MAKER_GENERATION = 23;
export const E_MAKER_ACCOUNT = 24;
export const E_MAKER_QUANTITY = 25;
export const E_MAKER_REMAINING = 26;
export const E_MAKER_ORDER_FLAGS = 27;
export const E_MAKER_CLIENT_ID = 28;
export const E_MAKER_STOP_PRICE = 29;
export const E_MAKER_PRICE = 32;

export const E_NOTIONAL_F64 = 6;
export const E_AMOUNT_F64 = 6;
export const E_TRADE_ID_F64 = 8;
export const E_TAKER_FEE_F64 = 9;
export const E_MAKER_FEE_F64 = 10;
export const E_MAKER_NOTIONAL_F64 = 15;

export const EventKind = {
  /** An order's state changed, or is told. */
  ORDER: 1,
  /** Two orders traded. */
  TRADE: 2,
  /** The command was refused: CODE (a `Reject`) says why, DETAIL more where the code has it. */
  REJECT: 3,
  /** A command without an order succeeded: CODE counts (cancelled orders), AMOUNT is the new total. */
  DONE: 4,
  /** A symbol's state changed: BOOK >> 1 is the symbol, CODE its `SymbolState`. */
  SYMBOL: 5,
} as const;

/** The length in 32-bit words of the event whose first word is `head`. */
export function eventInts(head: number): number {
  return (head & 255) === EventKind.TRADE ? TRADE_INTS : EVENT_INTS;
}

/** Bits of FLAGS. */
export const EventFlag = {
  /** The answer to the command. */
  REPLY: 1,
  /** News for the account's own stream: not set where a TRADE just said the same. */
  NEWS: 2,
  /** The command repeated a client order id: this is the first order, and nothing was placed. */
  DUPLICATE: 4,
  /** The order rests in the book (or waits for its trigger) after this event. */
  OPEN: 8,
} as const;

/** Order status; the order of the names on the wire. */
export const OrderStatus = {
  ACCEPTED: 0,
  PARTIALLY_FILLED: 1,
  FILLED: 2,
  CANCELLED: 3,
  EXPIRED: 4,
  PENDING_TRIGGER: 5,
} as const;

/**
 * ORDER_FLAGS in events and in the arena:
 * `type | timeInForce << 4 | selfTrade << 8 | orderFlags << 12`; PENDING stops wait for their trigger.
 */
export function packOrderFlags(
  type: number,
  timeInForce: number,
  selfTrade: number,
  flags: number,
): number {
  return type | (timeInForce << 4) | (selfTrade << 8) | (flags << 12);
}

export const PENDING = 1 << 16;

export const typeOfFlags = (flags: number): number => flags & 15;
