/**
 * Events: what commands did. Every room reads them through this file.
 *
 * An event is named by its place `e`, an order block in it by its place `o` (`events.order(e)`: the order of an ORDER,
 * the taker of a TRADE; `events.maker(e)`: the other side), so that maker and taker are read by the same functions.
 * Every command gives exactly one event with the REPLY flag (an ORDER, a REJECT or a DONE). The state in an event is
 * the state right after it.
 *
 * In a tick, the events of each command come in this order: its trades, the new totals of the price levels that it
 * changed, the states of its orders. Each stop that it triggers follows in the same order. Where an order of the
 * account's own is cancelled or reduced to prevent a self-trade, its LEVEL and ORDER come at once, between the trades;
 * where a command ends several orders, each ORDER comes right after its LEVEL. At the end of the tick come cash and
 * positions as they then are, of every account that may have changed (`holdings.ts`).
 */
import {
  C_TEXT_INTS,
  OrderFlag,
  OrderType,
  orderNumber,
  readText,
  TimeInForce,
} from "./command.ts";
import type { EventBuffer } from "./event-buffer.ts";
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
  CASH_AVAILABLE_F64,
  CASH_RESERVED_F64,
  COMMAND_MASK,
  D_ACCOUNT,
  D_AMOUNT_F64,
  D_COUNT,
  D_SYMBOL,
  E_COMMAND,
  E_HEAD,
  E_MAKER,
  E_ORDER,
  H_ACCOUNT,
  H_POSITION,
  H_SYMBOL,
  hasStopPrice,
  LENGTH_SHIFT,
  ORDER_EVENT_INTS,
  R_ACCOUNT,
  R_CODE,
  R_DETAIL,
  R_FIRST_F64,
  R_GENERATION,
  R_SECOND_F64,
  R_SLOT,
  S_NEW_STATE,
  S_SYMBOL,
  SHARES_AVAILABLE_F64,
  SHARES_RESERVED_F64,
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

export const EventKind = {
  /** The state of an order: it changed, or a reply gives it. */
  ORDER: 1,
  /** Two orders traded. In an auction the taker is the order that came later. */
  TRADE: 2,
  /** The command was refused. `code`: a `Reject`. `detail`: which field or limit, for the codes that have that. */
  REJECT: 3,
  /**
   * A command whose answer is no order succeeded. `count`: cancelled orders, or the number of a new account. `amount`:
   * the new total after a deposit.
   */
  DONE: 4,
  /** A symbol's state changed. */
  SYMBOL: 5,
  /** What rests at a price of a book changed. It has the new total, 0 = nothing rests there. */
  LEVEL: 6,
  /** What an account has in cash at the end of the tick. */
  CASH: 7,
  /** What an account has of a symbol at the end of the tick. */
  POSITION: 8,
} as const;

/** Bits of the flags of an event. */
export const EventFlag = {
  /** The answer to the command. */
  REPLY: 1,
  /** For the account's stream. Not set where a TRADE has just said the same. */
  NEWS: 2,
  /** The command repeated a client order id. The order is the first one with that id, and nothing was placed. */
  DUPLICATE: 4,
  /** The order rests in the book (or waits for its trigger) after this event. */
  OPEN: 8,
  /** The command did not change the order, which is open. The event says when the order last changed. */
  UNCHANGED: 16,
  /** A TRADE of an auction. The taker rested, too, so neither order has an ORDER event of its own. */
  AUCTION: 32,
} as const;

/** Order status, in the order of the wire's names. */
export const OrderStatus = {
  ACCEPTED: 0,
  PARTIALLY_FILLED: 1,
  FILLED: 2,
  CANCELLED: 3,
  EXPIRED: 4,
  PENDING_TRIGGER: 5,
} as const;

/** Why an order was cancelled or expired, in the order of the wire's names. */
export const EndReason = {
  NONE: 0,
  USER: 1,
  CANCEL_ALL: 2,
  DISCONNECT: 3,
  DEAD_MANS_SWITCH: 4,
  SELF_TRADE: 5,
  OPERATOR: 6,
  TIME_IN_FORCE: 7,
  EXPIRE_AT: 8,
  PRICE_BAND: 9,
  POST_ONLY: 10,
  FILL_OR_KILL: 11,
  FUNDS: 12,
  SYMBOL_CLOSED: 13,
} as const;

/**
 * ORDER_FLAGS in events and in the arena: `type | timeInForce << 4 | selfTrade << 8 | orderFlags << 12`. A stop
 * that waits for its trigger also has the bit PENDING.
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

/** Whether an order has a stop price or a time of expiry. */
export function hasTerms(orderFlags: number): boolean {
  return hasStopPrice(orderFlags) || ((orderFlags >> 4) & 15) === TimeInForce.GTD;
}

/** An order's state as plain values. The object is made once and filled again and again. */
export interface OrderFields {
  /** n of `ord_<n>`. */
  orderNumber: number;
  /** "" = none. */
  clientOrderId: string;
  symbol: number;
  /** A `Side`. */
  side: number;
  /** An `OrderType`. */
  type: number;
  /** A `TimeInForce`. */
  timeInForce: number;
  postOnly: boolean;
  /** Cents; 0 = none. */
  price: number;
  stopPrice: number;
  /** Milliseconds since 1970; 0 = never. */
  expireAt: number;
  /** Shares. */
  quantity: number;
  filled: number;
  /** Sum of price times quantity over the fills, cents. */
  notional: number;
  /** An `OrderStatus`. */
  status: number;
  /** An `EndReason`. */
  reason: number;
  /** When the order came in, and when it last changed, milliseconds since 1970. */
  createdAt: number;
  timestamp: number;
  /** Of the last change. */
  tick: number;
  /** The command repeated a client order id, and this is the first order with that id. */
  duplicate: boolean;
}

export type Events = ReturnType<typeof createEvents>;

/** Makes the reader of a buffer's events. It sees the events that are written when a function is called. */
export function createEvents({ ints: I, doubles: D, head }: EventBuffer) {
  const orderNumberOf = (o: number): number => orderNumber(I[o + B_SLOT], I[o + B_GENERATION]);
  const kind = (e: number): number => I[e + E_HEAD] & 255;
  const flags = (e: number): number => (I[e + E_HEAD] >> 8) & 255;
  const status = (e: number): number => (I[e + E_HEAD] >> 16) & 255;
  const reason = (e: number): number => I[e + E_HEAD] >>> 24;

  /** The client order id of the order at `o` of event `e`, "" = none. */
  function clientOrderId(e: number, o: number): string {
    if (I[o + B_CLIENT_ID] === 0) return "";
    return readText(I, textPlace(e, o));
  }

  /** Where what only some orders have begins, for the order at `o`. */
  function extraPlace(e: number, o: number): number {
    if (kind(e) === EventKind.ORDER) return e + ORDER_EVENT_INTS;
    const first = e + TRADE_EVENT_INTS;
    return o === e + E_ORDER ? first : first + extraInts(e + E_ORDER);
  }

  function extraInts(o: number): number {
    return termsInts(o) + (I[o + B_CLIENT_ID] === 0 ? 0 : C_TEXT_INTS);
  }

  function termsInts(o: number): number {
    return hasTerms(I[o + B_ORDER_FLAGS]) ? TERMS_INTS : 0;
  }

  function textPlace(e: number, o: number): number {
    return extraPlace(e, o) + termsInts(o);
  }

  function stopPrice(e: number, o: number): number {
    return hasStopPrice(I[o + B_ORDER_FLAGS]) ? I[extraPlace(e, o)] : 0;
  }

  function expireAt(e: number, o: number): number {
    return termsInts(o) === 0 ? 0 : D[(extraPlace(e, o) >> 1) + TERMS_EXPIRE_AT_F64];
  }

  /**
   * Fills `target` with the order at `o` of the ORDER or TRADE `e`, which happened at `timestamp` in tick `tick`. For a
   * repeated order that is done (DUPLICATE without OPEN) the event has only the number and the client order id.
   */
  function readOrder(
    target: OrderFields,
    e: number,
    o: number,
    timestamp: number,
    tick: number,
  ): void {
    const book = I[o + B_BOOK];
    const orderFlags = I[o + B_ORDER_FLAGS];
    const type = typeOfFlags(orderFlags);
    const quantity = I[o + B_QUANTITY];
    const remaining = I[o + B_REMAINING];
    const isTrade = kind(e) === EventKind.TRADE;
    target.orderNumber = orderNumberOf(o);
    target.clientOrderId = clientOrderId(e, o);
    target.symbol = book >> 1;
    target.side = book & 1;
    target.type = type;
    target.timeInForce = (orderFlags >> 4) & 15;
    target.postOnly = isPostOnly(orderFlags);
    target.price = shownPrice(type, I[o + B_PRICE]);
    target.stopPrice = stopPrice(e, o);
    target.expireAt = expireAt(e, o);
    target.quantity = quantity;
    target.filled = quantity - remaining;
    target.notional = D[(o >> 1) + B_NOTIONAL_F64];
    target.createdAt = D[(o >> 1) + B_CREATED_AT_F64];
    target.status = isTrade ? filledStatus(remaining) : status(e);
    target.reason = isTrade ? 0 : reason(e);
    target.timestamp = timestamp;
    target.tick = tick;
    target.duplicate = !isTrade && (flags(e) & EventFlag.DUPLICATE) !== 0;
    if (!isTrade && (flags(e) & EventFlag.UNCHANGED) !== 0) readChange(target, e, o);
  }

  function readChange(target: OrderFields, e: number, o: number): void {
    const d = (e + ORDER_EVENT_INTS + extraInts(o)) >> 1;
    target.timestamp = D[d];
    target.tick = D[d + 1];
  }

  return {
    /** The place after the last event; the first event's is 0. */
    end: (): number => head[0],
    next: (e: number): number => e + ((I[e + E_COMMAND] >>> LENGTH_SHIFT) << 1),
    kind,
    flags,
    status,
    reason,
    isReply: (e: number): boolean =>
      (I[e + E_HEAD] & 255) !== EventKind.TRADE && (flags(e) & EventFlag.REPLY) !== 0,
    /** Index in the tick of the command that caused it; for CASH and POSITION the number of the tick's commands. */
    command: (e: number): number => I[e + E_COMMAND] & COMMAND_MASK,

    /** The order block of an ORDER, and the taker's of a TRADE. */
    order: (e: number): number => e + E_ORDER,
    /** The maker's block of a TRADE. */
    maker: (e: number): number => e + E_MAKER,
    orderNumber: orderNumberOf,
    slot: (o: number): number => I[o + B_SLOT],
    generation: (o: number): number => I[o + B_GENERATION],
    account: (o: number): number => I[o + B_ACCOUNT],
    /** `symbol << 1 | side`. */
    book: (o: number): number => I[o + B_BOOK],
    symbol: (o: number): number => I[o + B_BOOK] >> 1,
    /** A `Side`. */
    side: (o: number): number => I[o + B_BOOK] & 1,
    price: (o: number): number => I[o + B_PRICE],
    quantity: (o: number): number => I[o + B_QUANTITY],
    remaining: (o: number): number => I[o + B_REMAINING],
    orderFlags: (o: number): number => I[o + B_ORDER_FLAGS],
    notional: (o: number): number => D[(o >> 1) + B_NOTIONAL_F64],
    createdAt: (o: number): number => D[(o >> 1) + B_CREATED_AT_F64],
    /** Whether the order has a stop price or a time of expiry. */
    hasTerms: (o: number): boolean => hasTerms(I[o + B_ORDER_FLAGS]),
    /** Cents; 0 = none. */
    stopPrice,
    /** Milliseconds since 1970; 0 = never. */
    expireAt,
    /** A number that stands for the client order id as long as it is remembered, 0 = none. */
    clientId: (o: number): number => I[o + B_CLIENT_ID],
    /** A number that stands for this account and symbol, and never for another pair. */
    position: (o: number): number => I[o + B_POSITION],
    clientOrderId,
    readOrder,
    /** Copies the 16 words of the client order id of the order at `o` to `words`, from word `at` on. */
    copyClientOrderId(e: number, o: number, words: Int32Array, at: number): void {
      const from = textPlace(e, o);
      for (let i = 0; i < C_TEXT_INTS; i++) words[at + i] = I[from + i];
    },

    tradeId: (e: number): number => D[(e >> 1) + T_ID_F64],
    tradePrice: (e: number): number => I[e + T_PRICE],
    tradeQuantity: (e: number): number => I[e + T_QUANTITY],
    /** Cents that the order at `o` paid for the fill `e`; negative = rebate. */
    fee: (e: number, o: number): number =>
      D[(e >> 1) + (o === e + E_MAKER ? T_MAKER_FEE_F64 : T_TAKER_FEE_F64)],

    rejectAccount: (e: number): number => I[e + R_ACCOUNT],
    /** A `Reject`. */
    code: (e: number): number => I[e + R_CODE],
    detail: (e: number): number => I[e + R_DETAIL],
    /** The number of the order that a refused command named, 0 = none. */
    rejectOrder: (e: number): number =>
      I[e + R_SLOT] === 0 ? 0 : orderNumber(I[e + R_SLOT], I[e + R_GENERATION]),
    /** The two numbers that some codes have beside them (`reject.ts`). */
    firstDetail: (e: number): number => D[(e >> 1) + R_FIRST_F64],
    secondDetail: (e: number): number => D[(e >> 1) + R_SECOND_F64],

    doneAccount: (e: number): number => I[e + D_ACCOUNT],
    /** -1 = none. */
    doneSymbol: (e: number): number => I[e + D_SYMBOL],
    count: (e: number): number => I[e + D_COUNT],
    amount: (e: number): number => D[(e >> 1) + D_AMOUNT_F64],

    stateSymbol: (e: number): number => I[e + S_SYMBOL],
    /** A `SymbolState`. */
    state: (e: number): number => I[e + S_NEW_STATE],

    levelSymbol: (e: number): number => I[e + V_BOOK] >> 1,
    levelSide: (e: number): number => I[e + V_BOOK] & 1,
    levelPrice: (e: number): number => I[e + V_PRICE],
    /** Shares that rest at the price. */
    levelTotal: (e: number): number => D[(e >> 1) + V_TOTAL_F64],

    holdingAccount: (e: number): number => I[e + H_ACCOUNT],
    holdingSymbol: (e: number): number => I[e + H_SYMBOL],
    holdingPosition: (e: number): number => I[e + H_POSITION],
    /** Of a CASH or POSITION. */
    available: (e: number): number =>
      D[(e >> 1) + (kind(e) === EventKind.CASH ? CASH_AVAILABLE_F64 : SHARES_AVAILABLE_F64)],
    reserved: (e: number): number =>
      D[(e >> 1) + (kind(e) === EventKind.CASH ? CASH_RESERVED_F64 : SHARES_RESERVED_F64)],
  };
}

export function isPostOnly(orderFlags: number): boolean {
  return ((orderFlags >> 12) & OrderFlag.POST_ONLY) !== 0;
}

export function filledStatus(remaining: number): number {
  return remaining === 0 ? OrderStatus.FILLED : OrderStatus.PARTIALLY_FILLED;
}

/** The price that clients are shown. A STOP has no limit price: its PRICE is the price up to which it would buy. */
export function shownPrice(type: number, price: number): number {
  return type === OrderType.STOP ? 0 : price;
}
