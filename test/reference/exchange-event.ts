/** What a command did, as plain objects: what the core and the reference are compared by. */
import type {
  OrderType,
  SelfTrade,
  Side,
  SymbolState,
  TimeInForce,
} from "../../src/core/command.ts";
import type { EndReason, OrderStatus } from "../../src/core/event.ts";
import type { Reject } from "../../src/core/reject.ts";

/** An order as an event tells it. */
export interface OrderView {
  /** 1 for the first order that any event told of, 2 for the second, and so on. */
  order: number;
  account: number;
  symbol: number;
  side: keyof typeof Side;
  type: keyof typeof OrderType;
  timeInForce: keyof typeof TimeInForce;
  selfTrade: keyof typeof SelfTrade;
  postOnly: boolean;
  price: number;
  /** Of a stop; 0 = none. */
  stopPrice: number;
  /** 0 = never. */
  expireAt: number;
  quantity: number;
  remaining: number;
  notional: number;
  clientId: string;
  createdAt: number;
}

export interface OrderEvent extends OrderView {
  event: "ORDER";
  status: keyof typeof OrderStatus;
  reason: keyof typeof EndReason;
  reply: boolean;
  news: boolean;
  duplicate: boolean;
  open: boolean;
  unchanged: boolean;
  /** When it last changed. */
  timestamp: number;
  tick: number;
}

/** The reply to a client order id whose order is done. */
export interface RepeatEvent {
  event: "REPEAT";
  order: number;
  account: number;
  clientId: string;
}

export interface TradeEvent {
  event: "TRADE";
  trade: number;
  price: number;
  quantity: number;
  taker: OrderView;
  takerFee: number;
  maker: OrderView;
  makerFee: number;
}

export interface RejectEvent {
  event: "REJECT";
  code: keyof typeof Reject;
  detail: number;
  account: number;
  /** The order that the command named; 0 when it named none that ever was. */
  order: number;
  /** What some codes come with (`reject.ts`). */
  numbers: [first: number, second: number];
}

export interface DoneEvent {
  event: "DONE";
  account: number;
  /** -1 = none. */
  symbol: number;
  count: number;
  amount: number;
}

export interface SymbolEvent {
  event: "SYMBOL";
  symbol: number;
  state: keyof typeof SymbolState;
}

/** What waits at a price of a book, all orders together. */
export interface LevelEvent {
  event: "LEVEL";
  symbol: number;
  side: keyof typeof Side;
  price: number;
  /** 0 = nothing. */
  total: number;
}

/** What a command did. */
export type ExchangeEvent =
  | OrderEvent
  | RepeatEvent
  | TradeEvent
  | RejectEvent
  | DoneEvent
  | SymbolEvent
  | LevelEvent;

/** What an account has at the end of a tick. */
export type HoldingEvent =
  | ({ event: "CASH"; account: number } & Holding)
  | ({ event: "POSITION"; account: number; symbol: number } & Holding);

/** The event that answers the command; stops that it let in may have followed. */
export function replyOf(events: readonly ExchangeEvent[]): ReplyEvent {
  const reply = events.find(isReply);
  if (reply === undefined) throw new RangeError("there is no reply");
  return reply;
}

export type ReplyEvent = OrderEvent | RepeatEvent | RejectEvent | DoneEvent;

export function isReply(event: ExchangeEvent): event is ReplyEvent {
  if (event.event === "ORDER") return event.reply;
  return event.event === "REPEAT" || event.event === "REJECT" || event.event === "DONE";
}

/** An order that rests, or a stop that waits, as a book lists it. */
export interface RestingOrder extends OrderView {
  /** When it last changed. */
  timestamp: number;
  tick: number;
}

/** The state of a symbol, as far as it shows. */
export interface SymbolView {
  symbol: number;
  state: keyof typeof SymbolState;
  /** When its pause or auction ends, 0 = not by itself. */
  due: number;
  last: { price: number; quantity: number; timestamp: number } | null;
  /** 0 = none yet. */
  reference: number;
  /** Best first, oldest first. */
  bids: RestingOrder[];
  asks: RestingOrder[];
  /** Buys and then sells, in the order in which they would come in. */
  stops: RestingOrder[];
}

export interface Holding {
  available: number;
  reserved: number;
}

export interface AccountView {
  account: number;
  cash: Holding;
  /** By symbol, in order, where there is anything. */
  shares: ({ symbol: number } & Holding)[];
  /** Open orders, newest first. */
  orders: number[];
}

/** Everything that the outside can see of an exchange. */
export interface ExchangeView {
  symbols: SymbolView[];
  accounts: AccountView[];
}

/** The name that a table of numbers (`Side`, `OrderType`, …) has for `value`. */
export function nameIn<Table extends Record<string, number>>(
  table: Table,
  value: number,
): keyof Table & string {
  for (const name in table) if (table[name] === value) return name;
  throw new RangeError(`${value} is none of ${Object.keys(table).join(", ")}`);
}
