/**
 * The command record: everything that changes state, as 128 bytes.
 *
 * The same bytes stand in the inbound ring, in the journal and before `apply`; nothing is encoded
 * again between them. Little-endian, 8-byte aligned; unused fields are zero.
 *
 * ```
 *  int  byte  field
 *    0     0  KIND | SIDE << 8 | TYPE << 16 | TIME_IN_FORCE << 24
 *    1     4  SELF_TRADE | FLAGS << 8
 *    2     8  ACCOUNT        account number; the order's owner
 *    3    12  SYMBOL         symbol number, 0 … symbols_max - 1
 *    4    16  ORDER_SLOT     target of a cancel or amendment; 0 = found by client order id
 *    5    20  ORDER_GENERATION
 *    6    24  PRICE          in the symbol's minimum unit; 0 = none (market order, amendment: keep)
 *    7    28  QUANTITY       in shares; 0 = none (amendment: keep)
 *    8    32  STOP_PRICE
 *    9    36  ACTOR          user number on whose word it happens; 0 = the exchange itself
 *   10    40  SEQUENCE       float64, stamped by the sequencer, consecutive from 1
 *   12    48  TIMESTAMP      float64, milliseconds since 1970, one for the whole tick
 *   14    56  AMOUNT         float64: cash, shares or a time, by kind
 *   16    64  TEXT           64 bytes of ASCII, zero-padded: client order id, player id, note
 *   32   128
 * ```
 */

export const COMMAND_BYTES = 128;
export const COMMAND_INTS = 32;
export const COMMAND_DOUBLES = 16;

/** Offsets in 32-bit words from the start of the record. */
export const C_HEAD = 0;
export const C_OPTIONS = 1;
export const C_ACCOUNT = 2;
export const C_SYMBOL = 3;
export const C_ORDER_SLOT = 4;
export const C_ORDER_GENERATION = 5;
export const C_PRICE = 6;
export const C_QUANTITY = 7;
export const C_STOP_PRICE = 8;
export const C_ACTOR = 9;
export const C_TEXT = 16;
export const C_TEXT_INTS = 16;

/** Offsets in 64-bit words from the start of the record. */
export const C_SEQUENCE_F64 = 5;
export const C_TIMESTAMP_F64 = 6;
export const C_AMOUNT_F64 = 7;

/** Offset in bytes. */
export const C_TEXT_BYTE = 64;
export const C_TEXT_BYTES = 64;

/**
 * The most characters of an operator's name, which is the name of his token, in ASCII. Kinds that do not use TEXT
 * otherwise have it there, and so has a CANCEL of ACCOUNT 0. A NOTE has its first 20 characters from ORDER_SLOT on and
 * the others in AMOUNT. The core does not read it.
 */
export const OPERATOR_CHARACTERS_MAX = 28;

/** The text that begins at word `from`, in a record or in a table that keeps such texts. */
export function readText(words: Int32Array, from: number): string {
  let text = "";
  for (let i = from; i < from + C_TEXT_INTS; i++) {
    for (let rest = words[i]; rest !== 0; rest >>>= 8) text += String.fromCharCode(rest & 255);
  }
  return text;
}

/** What a command does. Append-only: the numbers stand in journals. */
export const CommandKind = {
  PLACE: 1,
  /** Cancels the order. If SYMBOL is not -1, the order must be of that symbol. The same holds for AMEND. */
  CANCEL: 2,
  /** Gives the order a new PRICE, STOP_PRICE or total QUANTITY; a field that is 0 stays as it is. */
  AMEND: 3,
  /** Cancels all open orders of ACCOUNT, on SYMBOL only unless that is -1. FLAGS: a `CancelCause`. */
  CANCEL_ALL: 4,

  /** Opens ACCOUNT (must be the next free number) for the user ACTOR. */
  OPEN_ACCOUNT: 16,
  /** Adds AMOUNT to the cash of ACCOUNT; negative withdraws. */
  DEPOSIT_CASH: 17,
  /** Adds AMOUNT shares of SYMBOL to ACCOUNT; negative withdraws. */
  DEPOSIT_SHARES: 18,
  /** Sets what ACCOUNT may do: FLAGS (`AccountFlag`); with OWN_FEES its PRICE maker and QUANTITY taker
   *  fees, basis points (a maker's may be negative, a rebate). */
  SET_ACCOUNT: 19,
  /** Sets how much of the shared tables ACCOUNT may hold, 0 = as much as any account. ACCOUNT -1: how much any may.
   *  QUANTITY open orders, PRICE pages of the ladder, STOP_PRICE positions, AMOUNT client order ids of done orders. */
  SET_SHARES: 20,

  /** Lists SYMBOL for the player id in TEXT; PRICE is the price increment. */
  LIST_SYMBOL: 32,
  /** Sets the state of SYMBOL to QUANTITY (a `SymbolState`). */
  SET_SYMBOL_STATE: 33,
  /** Sets SYMBOL's rules: PRICE increment, QUANTITY maximum order quantity (0 = none), STOP_PRICE
   *  reference price (0 = keep), AMOUNT band in basis points of the reference price (0 = off), ORDER_SLOT
   *  milliseconds for which the band's reference price stands still (0 = it is the last trade). */
  SET_SYMBOL_RULES: 34,
  /** Sets the fees of orders placed from now on: PRICE maker and QUANTITY taker, basis points. */
  SET_FEES: 35,
  /** Sets SYMBOL's protections (-1: of all and of those listed later); 0 switches one off: QUANTITY open
   *  orders an account may have, AMOUNT largest notional of an order in cents, PRICE move in basis points
   *  within STOP_PRICE milliseconds that pauses it, for ORDER_SLOT milliseconds, and then an auction of
   *  ORDER_GENERATION milliseconds. */
  SET_SYMBOL_PROTECTION: 36,
  /** Sets the rules to version QUANTITY (`rules.ts`), which is later than the present one. AMOUNT: a random whole
   *  number from 0, the key of the client order ids' hash. */
  SET_RULES: 37,

  /** Changes nothing; puts TEXT on record (keys created and revoked, for the audit). */
  NOTE: 48,
  /** Does what is due at TIMESTAMP: orders expire, pauses and auctions end. */
  CLOCK: 49,
} as const;

export const Side = { BUY: 0, SELL: 1 } as const;
export const OrderType = { LIMIT: 0, MARKET: 1, STOP: 2, STOP_LIMIT: 3 } as const;
/** GTD: good till the time in AMOUNT, milliseconds since 1970. */
export const TimeInForce = { GTC: 0, IOC: 1, FOK: 2, GTD: 3 } as const;
export const SelfTrade = {
  CANCEL_NEWEST: 0,
  CANCEL_OLDEST: 1,
  CANCEL_BOTH: 2,
  DECREMENT: 3,
  NONE: 4,
} as const;
/** Bits of FLAGS in a PLACE. */
export const OrderFlag = { POST_ONLY: 1 } as const;
/** FLAGS of a CANCEL_ALL: why, or for whom, the orders are cancelled. */
export const CancelCause = { USER: 0, DISCONNECT: 1, DEAD_MANS_SWITCH: 2, OPERATOR: 3 } as const;
/** Bits of FLAGS in a SET_ACCOUNT. */
export const AccountFlag = { MAY_SHORT: 1, OWN_FEES: 2 } as const;
/**
 * A symbol that was never listed is in state 0. PRE_OPEN and AUCTION gather limit orders without
 * matching; going from there to TRADING uncrosses the book at one price.
 */
export const SymbolState = {
  UNLISTED: 0,
  TRADING: 1,
  CANCEL_ONLY: 2,
  HALTED: 3,
  PRE_OPEN: 4,
  AUCTION: 5,
} as const;

/** Largest price and quantity: 31 bits. */
export const PRICE_MAX = 0x7fff_ffff;
export const QUANTITY_MAX = 0x7fff_ffff;
/**
 * Most cash, and most shares of a symbol, that the whole exchange may hold. This is half of what a float64 counts
 * exactly, because an account that trades with itself holds a fill twice for a moment.
 */
export const CASH_MAX = 2 ** 52 - 1;

/** Arena slots: 21 bits of the order number; slot 0 is no order. */
export const ORDER_SLOT_COUNT = 1 << 21;

/**
 * The order number of the wire (`ord_<n>`): 32 bits of generation above 21 bits of arena slot,
 * 53 bits in all, so a float64 holds it exactly.
 */
export function orderNumber(slot: number, generation: number): number {
  return (generation >>> 0) * ORDER_SLOT_COUNT + slot;
}

export function orderSlot(number: number): number {
  return number - Math.floor(number / ORDER_SLOT_COUNT) * ORDER_SLOT_COUNT;
}

export function orderGeneration(number: number): number {
  return Math.floor(number / ORDER_SLOT_COUNT) | 0;
}
