/** The core's events as plain objects, through its own reader of them. */
import {
  C_TEXT_INTS,
  OrderFlag,
  OrderType,
  orderGeneration,
  orderNumber,
  orderSlot,
  readText,
  SelfTrade,
  Side,
  SymbolState,
  TimeInForce,
} from "../../src/core/command.ts";
import {
  EndReason,
  EventFlag,
  EventKind,
  type OrderFields,
  OrderStatus,
  PENDING,
  shownPrice,
} from "../../src/core/event.ts";
import { Reject } from "../../src/core/reject.ts";
import {
  type ExchangeEvent,
  type HoldingEvent,
  isReply,
  nameIn,
  type OrderEvent,
  type OrderView,
} from "../reference/exchange-event.ts";
import type { OrderNames } from "./order-names.ts";
import type { TestCore } from "./test-core.ts";

/** The time of a command: its index in its tick, its timestamp, and the tick's number. */
export interface When {
  command: number;
  timestamp: number;
  tick: number;
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

export function createOrderFields(): OrderFields {
  return {
    orderNumber: 0,
    clientOrderId: "",
    symbol: 0,
    side: 0,
    type: 0,
    timeInForce: 0,
    postOnly: false,
    price: 0,
    stopPrice: 0,
    expireAt: 0,
    quantity: 0,
    filled: 0,
    notional: 0,
    status: 0,
    reason: 0,
    createdAt: 0,
    timestamp: 0,
    tick: 0,
    duplicate: false,
  };
}

/**
 * The events from index `from` to the end. All of them must belong to the same command, and exactly one must
 * be the reply.
 */
export function readEvents(
  core: TestCore,
  names: OrderNames,
  from: number,
  when: When,
): ExchangeEvent[] {
  const { events } = core;
  const read: ExchangeEvent[] = [];
  let replies = 0;
  for (let e = from; e < events.end(); e = events.next(e)) {
    if (events.command(e) !== when.command) throw new Error(`of command ${events.command(e)}`);
    if (events.isReply(e)) replies++;
    read.push(readEvent(core, names, e, when));
  }
  const found = read.filter(isReply).length;
  if (replies !== 1 || found !== 1) throw new Error(`there are ${replies} replies`);
  return read;
}

/** The events that the end of a tick of `commands` commands wrote from index `from` on. */
export function readHoldings({ events }: TestCore, from: number, commands: number): HoldingEvent[] {
  const read: HoldingEvent[] = [];
  for (let e = from; e < events.end(); e = events.next(e)) {
    if (events.command(e) !== commands) throw new Error(`of command ${events.command(e)}`);
    const kind = events.kind(e);
    const account = events.holdingAccount(e);
    const holding = { available: events.available(e), reserved: events.reserved(e) };
    if (kind === EventKind.CASH) read.push({ event: "CASH", account, ...holding });
    else if (kind === EventKind.POSITION) {
      read.push({ event: "POSITION", account, symbol: events.holdingSymbol(e), ...holding });
    } else throw new Error(`an event of kind ${kind} after the end of the tick`);
  }
  return read;
}

function readEvent(core: TestCore, names: OrderNames, e: number, when: When): ExchangeEvent {
  const { events } = core;
  switch (events.kind(e)) {
    case EventKind.ORDER:
      return readOrderEvent(core, names, e, when);
    case EventKind.TRADE: {
      // The taker first, so that orders are named in the sequence in which they came.
      const [taker, maker] = [events.order(e), events.maker(e)];
      return {
        event: "TRADE",
        trade: events.tradeId(e),
        price: events.tradePrice(e),
        quantity: events.tradeQuantity(e),
        taker: readOrder(core, names, e, taker, when).view,
        takerFee: events.fee(e, taker),
        maker: readOrder(core, names, e, maker, when).view,
        makerFee: events.fee(e, maker),
      };
    }
    case EventKind.REJECT: {
      const order = events.rejectOrder(e);
      return {
        event: "REJECT",
        code: nameIn(Reject, events.code(e)),
        detail: events.detail(e),
        account: events.rejectAccount(e),
        order: order === 0 ? 0 : names.find(orderSlot(order), orderGeneration(order)),
        numbers: [events.firstDetail(e), events.secondDetail(e)],
      };
    }
    case EventKind.DONE:
      return {
        event: "DONE",
        account: events.doneAccount(e),
        symbol: events.doneSymbol(e),
        count: events.count(e),
        amount: events.amount(e),
      };
    case EventKind.SYMBOL: {
      const state = nameIn(SymbolState, events.state(e));
      return { event: "SYMBOL", symbol: events.stateSymbol(e), state };
    }
    case EventKind.LEVEL:
      return {
        event: "LEVEL",
        symbol: events.levelSymbol(e),
        side: nameIn(Side, events.levelSide(e)),
        price: events.levelPrice(e),
        total: events.levelTotal(e),
      };
    default:
      throw new Error(`there is no event of kind ${events.kind(e)} in a command`);
  }
}

function readOrderEvent(core: TestCore, names: OrderNames, e: number, when: When): ExchangeEvent {
  const { events } = core;
  const o = events.order(e);
  const has = (flag: number): boolean => (events.flags(e) & flag) !== 0;
  if (has(EventFlag.DUPLICATE) && !has(EventFlag.OPEN)) {
    return {
      event: "REPEAT",
      order: names.give(events.slot(o), events.generation(o)),
      account: events.account(o),
      clientId: events.clientOrderId(e, o),
    };
  }
  const { view, fields } = readOrder(core, names, e, o, when);
  return {
    event: "ORDER",
    status: nameIn(OrderStatus, fields.status),
    reason: nameIn(EndReason, fields.reason),
    reply: has(EventFlag.REPLY),
    news: has(EventFlag.NEWS),
    duplicate: fields.duplicate,
    open: has(EventFlag.OPEN),
    unchanged: has(EventFlag.UNCHANGED),
    timestamp: fields.timestamp,
    tick: fields.tick,
    ...view,
  } satisfies OrderEvent;
}

/** The order at `o` of event `e`. Values that the reader offers in two ways must be the same. */
function readOrder(
  core: TestCore,
  names: OrderNames,
  e: number,
  o: number,
  { timestamp, tick }: When,
): { view: OrderView; fields: OrderFields } {
  const { events } = core;
  const fields = createOrderFields();
  events.readOrder(fields, e, o, timestamp, tick);
  const flags = readOrderFlags(events.orderFlags(o));
  const view: OrderView = {
    order: names.give(events.slot(o), events.generation(o)),
    account: events.account(o),
    symbol: events.symbol(o),
    side: nameIn(Side, events.side(o)),
    ...flags,
    price: events.price(o),
    stopPrice: events.stopPrice(e, o),
    expireAt: events.expireAt(e, o),
    quantity: events.quantity(o),
    remaining: events.remaining(o),
    notional: events.notional(o),
    clientId: events.clientOrderId(e, o),
    createdAt: events.createdAt(o),
  };
  expectSame(fields, {
    ...fields,
    orderNumber: events.orderNumber(o),
    clientOrderId: view.clientId,
    symbol: view.symbol,
    side: Side[view.side],
    type: OrderType[view.type],
    timeInForce: TimeInForce[view.timeInForce],
    postOnly: view.postOnly,
    price: shownPrice(OrderType[view.type], view.price),
    stopPrice: view.stopPrice,
    expireAt: view.expireAt,
    quantity: view.quantity,
    filled: view.quantity - view.remaining,
    notional: view.notional,
    createdAt: view.createdAt,
  });
  expectHandles(core, e, o, view);
  return { view, fields };
}

/** Checks that numbers in an event that stand for other things match what the event contains. */
function expectHandles(
  { events, positions, clientIds }: TestCore,
  e: number,
  o: number,
  view: OrderView,
): void {
  const position = events.position(o);
  const words = new Int32Array(C_TEXT_INTS);
  if (view.clientId !== "") events.copyClientOrderId(e, o, words, 0);
  expectSame(
    {
      account: positions.accountOf(position),
      symbol: positions.symbolOf(position),
      clientId: clientIds.text(events.clientId(o)),
      copied: readText(words, 0),
      number: orderNumber(events.slot(o), events.generation(o)),
    },
    {
      account: view.account,
      symbol: view.symbol,
      clientId: view.clientId,
      copied: view.clientId,
      number: events.orderNumber(o),
    },
  );
}

function expectSame(told: object, expected: object): void {
  if (Bun.deepEquals(told, expected, true)) return;
  throw new Error(`${JSON.stringify(told)}, not ${JSON.stringify(expected)}`);
}
