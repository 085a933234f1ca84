/** The core's event records as plain objects. */
import {
  OrderFlag,
  OrderType,
  orderNumber,
  SelfTrade,
  Side,
  SymbolState,
  TimeInForce,
} from "../../src/core/command.ts";
import type { Core } from "../../src/core/core.ts";
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
  EventFlag,
  EventKind,
  eventInts,
  OrderStatus,
  PENDING,
} from "../../src/core/event.ts";
import { Reject } from "../../src/core/reject.ts";
import {
  type ExchangeEvent,
  isReply,
  nameIn,
  type OrderView,
} from "../reference/exchange-event.ts";

/** Orders by the sequence in which events first told of them: 1, 2, 3 …; 0 = never told of. */
export interface OrderNames {
  /** The name of an order that an event tells of, given now if it has none yet. */
  give(slot: number, generation: number): number;
  /** The name of an order, 0 when it has none. */
  find(slot: number, generation: number): number;
}

/** The fields of ORDER_FLAGS, by name. */
export function readOrderFlags(
  flags: number,
): Pick<OrderView, "type" | "timeInForce" | "selfTrade" | "postOnly"> {
  return {
    type: nameIn(OrderType, flags & 15),
    timeInForce: nameIn(TimeInForce, (flags >> 4) & 15),
    selfTrade: nameIn(SelfTrade, (flags >> 8) & 15),
    postOnly: (flags & ~PENDING) >> 12 === OrderFlag.POST_ONLY,
  };
}

/**
 * The events from word `from` to the end of the buffer. All must belong to the `command`th of the tick,
 * and one, and no other, must be the reply.
 */
export function readEvents(
  core: Core,
  names: OrderNames,
  from: number,
  command: number,
): ExchangeEvent[] {
  const events: ExchangeEvent[] = [];
  const { ints } = core.events;
  const end = core.events.end();
  let replies = 0;
  for (let e = from; e < end; e += eventInts(ints[e + E_HEAD])) {
    if (ints[e + E_COMMAND] !== command) throw new Error(`event of command ${ints[e + E_COMMAND]}`);
    if (((ints[e + E_HEAD] >> 8) & EventFlag.REPLY) !== 0) replies++;
    events.push(readEvent(core, names, e));
  }
  const read = events.filter(isReply).length;
  if (replies !== 1 || read !== 1) throw new Error(`there are ${replies} replies`);
  return events;
}

function readEvent(core: Core, names: OrderNames, e: number): ExchangeEvent {
  const { ints, doubles } = core.events;
  const flags = (ints[e + E_HEAD] >> 8) & 255;
  const account = ints[e + E_ACCOUNT];
  const symbol = ints[e + E_BOOK] >> 1;
  switch (ints[e + E_HEAD] & 255) {
    case EventKind.ORDER: {
      const duplicate = (flags & EventFlag.DUPLICATE) !== 0;
      const open = (flags & EventFlag.OPEN) !== 0;
      const order = names.give(ints[e + E_SLOT], ints[e + E_GENERATION]);
      if (duplicate && !open) {
        const clientId = core.clientIds.text(ints[e + E_CLIENT_ID]);
        return { event: "REPEAT", order, account, clientId };
      }
      return {
        event: "ORDER",
        status: nameIn(OrderStatus, ints[e + E_HEAD] >> 16),
        reply: (flags & EventFlag.REPLY) !== 0,
        news: (flags & EventFlag.NEWS) !== 0,
        duplicate,
        open,
        ...readOrder(core, names, e),
      };
    }
    case EventKind.TRADE:
      return readTrade(core, names, e);
    case EventKind.REJECT:
      return {
        event: "REJECT",
        code: nameIn(Reject, ints[e + E_CODE]),
        detail: ints[e + E_DETAIL],
        account,
        order: names.find(ints[e + E_SLOT], ints[e + E_GENERATION]),
      };
    case EventKind.DONE: {
      const amount = doubles[(e >> 1) + E_AMOUNT_F64];
      return { event: "DONE", account, symbol, count: ints[e + E_CODE], amount };
    }
    case EventKind.SYMBOL:
      return { event: "SYMBOL", symbol, state: nameIn(SymbolState, ints[e + E_CODE]) };
    default:
      throw new Error(`there is no event of kind ${ints[e + E_HEAD] & 255}`);
  }
}

function readTrade(core: Core, names: OrderNames, e: number): ExchangeEvent {
  const { ints, doubles } = core.events;
  const d = e >> 1;
  const price = ints[e + E_TRADE_PRICE];
  // The taker first, so that orders are named in the sequence in which they came.
  const taker = readOrder(core, names, e);
  const maker: OrderView = {
    order: names.give(ints[e + E_MAKER_SLOT], ints[e + E_MAKER_GENERATION]),
    account: ints[e + E_MAKER_ACCOUNT],
    symbol: taker.symbol,
    side: taker.side === "BUY" ? "SELL" : "BUY",
    ...readOrderFlags(ints[e + E_MAKER_ORDER_FLAGS]),
    price: ints[e + E_MAKER_PRICE],
    stopPrice: ints[e + E_MAKER_STOP_PRICE],
    quantity: ints[e + E_MAKER_QUANTITY],
    remaining: ints[e + E_MAKER_REMAINING],
    notional: doubles[d + E_MAKER_NOTIONAL_F64],
    clientId: core.clientIds.text(ints[e + E_MAKER_CLIENT_ID]),
  };
  return {
    event: "TRADE",
    trade: doubles[d + E_TRADE_ID_F64],
    price,
    quantity: ints[e + E_TRADE_QUANTITY],
    taker,
    takerFee: doubles[d + E_TAKER_FEE_F64],
    maker,
    makerFee: doubles[d + E_MAKER_FEE_F64],
  };
}

/** The order that an ORDER or, as the taker, a TRADE tells of. */
function readOrder(core: Core, names: OrderNames, e: number): OrderView {
  const { ints, doubles } = core.events;
  return {
    order: names.give(ints[e + E_SLOT], ints[e + E_GENERATION]),
    account: ints[e + E_ACCOUNT],
    symbol: ints[e + E_BOOK] >> 1,
    side: nameIn(Side, ints[e + E_BOOK] & 1),
    ...readOrderFlags(ints[e + E_ORDER_FLAGS]),
    price: ints[e + E_PRICE],
    stopPrice: ints[e + E_STOP_PRICE],
    quantity: ints[e + E_QUANTITY],
    remaining: ints[e + E_REMAINING],
    notional: doubles[(e >> 1) + E_NOTIONAL_F64],
    clientId: core.clientIds.text(ints[e + E_CLIENT_ID]),
  };
}

/** Names by order number, as `orderNumber` packs it. */
export function createOrderNames(): OrderNames & { numberOf(name: number): number; clear(): void } {
  const names = new Map<number, number>();
  const numbers: number[] = [0];
  return {
    give(slot, generation) {
      const number = orderNumber(slot, generation);
      const known = names.get(number);
      if (known !== undefined) return known;
      names.set(number, numbers.length);
      return numbers.push(number) - 1;
    },
    find: (slot, generation) => names.get(orderNumber(slot, generation)) ?? 0,
    /** The order number behind a name. */
    numberOf: (name) => numbers[name] ?? 0,
    clear() {
      names.clear();
      numbers.length = 1;
    },
  };
}
