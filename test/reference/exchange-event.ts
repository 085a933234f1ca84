/** What a command did, as plain objects. The core and the reference are compared by these. */
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
  /** Of a stop order; 0 = none. */
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
  /** Time of the last change. */
  timestamp: number;
  tick: number;
}

/** The reply to a PLACE whose client order id belongs to a done order. */
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
  /** The order that the command named; 0 if it named none that ever existed. */
  order: number;
  /** Values that some reject codes carry (`reject.ts`). */
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

/** The total of all orders at one price of a book. */
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

/** The event that answers the command. Stops that the command triggered may come after it. */
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

/** A resting order or a waiting stop, as a book lists it. */
export interface RestingOrder extends OrderView {
  /** Time of the last change. */
  timestamp: number;
  tick: number;
}

/** The visible state of a symbol. */
export interface SymbolView {
  symbol: number;
  state: keyof typeof SymbolState;
  /** When its pause or auction ends; 0 = it does not end by itself. */
  due: number;
  last: { price: number; quantity: number; timestamp: number } | null;
  /** 0 = none yet. */
  reference: number;
  /** Best price first, then oldest first. */
  bids: RestingOrder[];
  asks: RestingOrder[];
  /** First buys, then sells, in the order in which they would trigger. */
  stops: RestingOrder[];
}

export interface Holding {
  available: number;
  reserved: number;
}

export interface AccountView {
  account: number;
  cash: Holding;
  /** By symbol, in order. Symbols of which the account has nothing are left out. */
  shares: ({ symbol: number } & Holding)[];
  /** Open orders, newest first. */
  orders: number[];
}

/** The whole state of an exchange that is visible from outside. */
export interface ExchangeView {
  symbols: SymbolView[];
  accounts: AccountView[];
}

/** The name of `value` in a table of numbers (`Side`, `OrderType`, …). */
export function nameIn<Table extends Record<string, number>>(
  table: Table,
  value: number,
): keyof Table & string {
  for (const name in table) if (table[name] === value) return name;
  throw new RangeError(`${value} is none of ${Object.keys(table).join(", ")}`);
}
