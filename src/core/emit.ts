/** Writes events (`event.ts`) into the buffer of the tick in progress. */
import {
  E_ACCOUNT,
  E_AMOUNT_F64,
  E_BOOK,
  E_CLIENT_ID,
  E_CODE,
  E_COMMAND,
  E_DETAIL,
  E_GENERATION,
  E_HEAD,
  E_MAKER_ACCOUNT,
  E_MAKER_CLIENT_ID,
  E_MAKER_FEE_F64,
  E_MAKER_GENERATION,
  E_MAKER_NOTIONAL_F64,
  E_MAKER_ORDER_FLAGS,
  E_MAKER_PRICE,
  E_MAKER_QUANTITY,
  E_MAKER_REMAINING,
  E_MAKER_SLOT,
  E_MAKER_STOP_PRICE,
  E_NOTIONAL_F64,
  E_ORDER_FLAGS,
  E_PRICE,
  E_QUANTITY,
  E_REMAINING,
  E_SLOT,
  E_STOP_PRICE,
  E_TAKER_FEE_F64,
  E_TRADE_ID_F64,
  E_TRADE_PRICE,
  E_TRADE_QUANTITY,
  EVENT_INTS,
  EventFlag,
  EventKind,
  TRADE_INTS,
} from "./event.ts";
import { CLOCK_TRADES, type CoreParts } from "./parts.ts";
import {
  O_ACCOUNT,
  O_BOOK,
  O_CLIENT_ID,
  O_GENERATION,
  O_NOTIONAL_F64,
  O_ORDER_FLAGS,
  O_PRICE,
  O_QUANTITY,
  O_REMAINING,
  O_STOP_PRICE,
  ORDER_SHIFT,
} from "./whistle/order-arena.ts";

export type Emit = ReturnType<typeof createEmit>;

export function createEmit(parts: CoreParts) {
  const { ints: E, doubles: ED, head } = parts.events;
  const { ints: O, doubles: OD } = parts.arena;
  const clock = parts.clock;

  /** The next event's place, with its head written and the rest zero. */
  function begin(kind: number, flags: number, status: number): number {
    const e = head[0];
    head[0] = e + EVENT_INTS;
    E.fill(0, e, e + EVENT_INTS);
    E[e + E_HEAD] = kind | (flags << 8) | (status << 16);
    E[e + E_COMMAND] = head[1];
    return e;
  }

  /** The state of the order at `o` = slot << ORDER_SHIFT. */
  function order(o: number, flags: number, status: number): void {
    const e = head[0];
    head[0] = e + EVENT_INTS;
    E[e + E_HEAD] = EventKind.ORDER | (flags << 8) | (status << 16);
    E[e + E_COMMAND] = head[1];
    writeOrder(e, o);
    E[e + E_TRADE_PRICE] = 0;
    E[e + E_TRADE_QUANTITY] = 0;
  }

  function writeOrder(e: number, o: number): void {
    E[e + E_BOOK] = O[o + O_BOOK];
    E[e + E_SLOT] = o >> ORDER_SHIFT;
    E[e + E_GENERATION] = O[o + O_GENERATION];
    E[e + E_ACCOUNT] = O[o + O_ACCOUNT];
    E[e + E_PRICE] = O[o + O_PRICE];
    E[e + E_QUANTITY] = O[o + O_QUANTITY];
    E[e + E_REMAINING] = O[o + O_REMAINING];
    E[e + E_ORDER_FLAGS] = O[o + O_ORDER_FLAGS];
    E[e + E_CLIENT_ID] = O[o + O_CLIENT_ID];
    E[e + E_STOP_PRICE] = O[o + O_STOP_PRICE];
    ED[(e >> 1) + E_NOTIONAL_F64] = OD[(o >> 1) + O_NOTIONAL_F64];
  }

  /** A fill, after both orders' quantities and notionals have been updated. */
  function trade(
    taker: number,
    maker: number,
    price: number,
    quantity: number,
    takerFee: number,
    makerFee: number,
  ): void {
    const e = head[0];
    head[0] = e + TRADE_INTS;
    E[e + E_HEAD] = EventKind.TRADE;
    E[e + E_COMMAND] = head[1];
    writeOrder(e, taker);
    E[e + E_TRADE_PRICE] = price;
    E[e + E_TRADE_QUANTITY] = quantity;
    E[e + E_MAKER_SLOT] = maker >> ORDER_SHIFT;
    E[e + E_MAKER_GENERATION] = O[maker + O_GENERATION];
    E[e + E_MAKER_ACCOUNT] = O[maker + O_ACCOUNT];
    E[e + E_MAKER_QUANTITY] = O[maker + O_QUANTITY];
    E[e + E_MAKER_REMAINING] = O[maker + O_REMAINING];
    E[e + E_MAKER_ORDER_FLAGS] = O[maker + O_ORDER_FLAGS];
    E[e + E_MAKER_CLIENT_ID] = O[maker + O_CLIENT_ID];
    E[e + E_MAKER_STOP_PRICE] = O[maker + O_STOP_PRICE];
    E[e + E_MAKER_PRICE] = O[maker + O_PRICE];
    E[e + E_MAKER_PRICE + 1] = 0;
    const d = e >> 1;
    ED[d + E_TRADE_ID_F64] = ++clock[CLOCK_TRADES];
    ED[d + E_TAKER_FEE_F64] = takerFee;
    ED[d + E_MAKER_FEE_F64] = makerFee;
    ED[d + E_MAKER_NOTIONAL_F64] = OD[(maker >> 1) + O_NOTIONAL_F64];
  }

  /** The command was refused. `slot` and `generation` name the order it was about, if any. */
  function reject(code: number, account: number, detail = 0, slot = 0, generation = 0): void {
    const e = begin(EventKind.REJECT, EventFlag.REPLY, 0);
    E[e + E_SLOT] = slot;
    E[e + E_GENERATION] = generation;
    E[e + E_ACCOUNT] = account;
    E[e + E_CODE] = code;
    E[e + E_DETAIL] = detail;
  }

  /** The command succeeded, and there is no order to tell of. `symbol` -1 = none. */
  function done(account: number, symbol: number, count: number, amount: number): void {
    const e = begin(EventKind.DONE, EventFlag.REPLY, 0);
    E[e + E_BOOK] = symbol < 0 ? -1 : symbol << 1;
    E[e + E_ACCOUNT] = account;
    E[e + E_CODE] = count;
    ED[(e >> 1) + E_AMOUNT_F64] = amount;
  }

  function symbol(number: number, state: number): void {
    const e = begin(EventKind.SYMBOL, EventFlag.NEWS, 0);
    E[e + E_BOOK] = number << 1;
    E[e + E_CODE] = state;
  }

  /** A repeated client order id, in `entry`: the first order, `slot` and `generation`, is done. */
  function duplicate(account: number, entry: number, slot: number, generation: number): void {
    const e = begin(EventKind.ORDER, EventFlag.REPLY | EventFlag.DUPLICATE, 0);
    E[e + E_SLOT] = slot;
    E[e + E_GENERATION] = generation;
    E[e + E_ACCOUNT] = account;
    E[e + E_CLIENT_ID] = entry;
  }

  return { order, trade, reject, done, symbol, duplicate };
}
