/** An order request as numbers. The gateway passes it on in this form, whatever encoding it came in. */
import {
  ABSENT,
  accountNumber,
  NOT_OF_FORM,
  ORDER_TYPES,
  orderNumberOf,
  SELF_TRADE_MODES,
  SIDES,
  symbolNumber,
  TIMES_IN_FORCE,
} from "./names.ts";
import type { AmendParams, CancelParams, PlaceParams } from "./schemas/orders.ts";
import type { MethodName, Params } from "./schemas.ts";

export const OrderMethod = { NONE: 0, PLACE: 1, CANCEL: 2, AMEND: 3, CANCEL_ALL: 4 } as const;

/** The order methods that change something, with their numbers. */
const ORDER_METHODS = {
  "order.place": OrderMethod.PLACE,
  "order.cancel": OrderMethod.CANCEL,
  "order.amend": OrderMethod.AMEND,
  "order.cancel_all": OrderMethod.CANCEL_ALL,
} as const satisfies Partial<Record<MethodName, number>>;
export type OrderMethodName = keyof typeof ORDER_METHODS;

export const CLIENT_ORDER_ID_BYTES_MAX = 64;
/** The longest id that the hot decoders accept is 64 bytes with two quotes or with a header of two bytes; rounded up. */
export const ID_BYTES_MAX = 72;

/** The quantity of an amendment to 0 shares, which cancels the order. 0 itself means that the quantity stays as it is. */
export const TO_NO_QUANTITY = -1;
export const POST_ONLY_FLAG = 1;
const MARKET = ORDER_TYPES.indexOf("MARKET");
const GTC = TIMES_IN_FORCE.indexOf("GTC");
const IOC = TIMES_IN_FORCE.indexOf("IOC");

/** Mutable and reused: each request fills it again. */
export class OrderRequest {
  /** An `OrderMethod`. */
  method = 0;
  /** The n of `SYMBOL_<n>`; ABSENT, or NOT_OF_FORM when the symbol is in `symbolText`. */
  symbol = ABSENT;
  /** The symbol as it was written when that is not `SYMBOL_<n>`, such as a ticker; "" otherwise. */
  symbolText = "";
  /** Index into SIDES. */
  side = 0;
  /** Index into ORDER_TYPES. */
  type = 0;
  /** Index into TIMES_IN_FORCE. A market order never rests, so GTC becomes IOC. */
  timeInForce = 0;
  /** Index into SELF_TRADE_MODES. */
  selfTrade = 0;
  /** Bit 1: post-only. */
  flags = 0;
  /** Cents; 0 absent. */
  price = 0;
  /** Shares; 0 absent, or `TO_NO_QUANTITY`. */
  quantity = 0;
  /** Cents; 0 absent. */
  stopPrice = 0;
  /** Milliseconds since 1970; 0 absent. */
  expireAt = 0;
  /** The n of `ord_<n>`; 0 absent, or NOT_OF_FORM. */
  order = 0;
  /** The n of `acc_<n>`; ABSENT or NOT_OF_FORM. */
  account = ABSENT;
  /** ASCII. Bytes after `clientOrderIdLength` belong to earlier requests. */
  readonly clientOrderId = new Uint8Array(CLIENT_ORDER_ID_BYTES_MAX);
  clientOrderIdLength = 0;
  /** The request id as it was in the message. Bytes after `idLength` belong to earlier requests. */
  readonly idBytes = new Uint8Array(ID_BYTES_MAX);
  /** 0: the request had no id, or was read by the general path. */
  idLength = 0;

  /** Sets every field to absent, or to its default. */
  clear(): void {
    this.method = OrderMethod.NONE;
    this.symbol = ABSENT;
    this.symbolText = "";
    this.side = 0;
    this.type = 0;
    this.timeInForce = 0;
    this.selfTrade = 0;
    this.flags = 0;
    this.price = 0;
    this.quantity = 0;
    this.stopPrice = 0;
    this.expireAt = 0;
    this.order = 0;
    this.account = ABSENT;
    this.clientOrderIdLength = 0;
    this.idLength = 0;
  }
}

/** Fills `request` from params that `checkParams` accepted for `method`. */
export function fillOrderRequest<M extends OrderMethodName>(
  request: OrderRequest,
  method: M,
  params: Params<M>,
): void {
  request.clear();
  request.method = ORDER_METHODS[method];
  const { symbol } = params as { symbol?: string };
  if (symbol !== undefined) {
    request.symbol = symbolNumber(symbol);
    if (request.symbol === NOT_OF_FORM) request.symbolText = symbol;
  }
  if (request.method === OrderMethod.PLACE) fillPlace(request, params as PlaceParams);
  else if (request.method !== OrderMethod.CANCEL_ALL) fillTarget(request, params as AmendParams);
}

function fillPlace(request: OrderRequest, params: PlaceParams): void {
  request.side = SIDES.indexOf(params.side);
  request.type = ORDER_TYPES.indexOf(params.type);
  if (params.time_in_force !== undefined) {
    request.timeInForce = TIMES_IN_FORCE.indexOf(params.time_in_force);
  }
  if (request.type === MARKET && request.timeInForce === GTC) request.timeInForce = IOC;
  if (params.self_trade_prevention !== undefined) {
    request.selfTrade = SELF_TRADE_MODES.indexOf(params.self_trade_prevention);
  }
  if (params.post_only === true) request.flags = POST_ONLY_FLAG;
  request.quantity = params.quantity;
  request.price = params.price ?? 0;
  request.stopPrice = params.stop_price ?? 0;
  request.expireAt = params.expire_at ?? 0;
  if (params.account_id !== undefined) request.account = accountNumber(params.account_id);
  fillClientOrderId(request, params.client_order_id);
}

function fillTarget(request: OrderRequest, params: AmendParams | CancelParams): void {
  if (params.order_id !== undefined) request.order = orderNumberOf(params.order_id);
  fillClientOrderId(request, params.client_order_id);
  if (request.method !== OrderMethod.AMEND) return;
  const { price, quantity, stop_price } = params as AmendParams;
  if (quantity === 0) {
    request.quantity = TO_NO_QUANTITY;
    return;
  }
  request.price = price ?? 0;
  request.quantity = quantity ?? 0;
  request.stopPrice = stop_price ?? 0;
}

function fillClientOrderId(request: OrderRequest, text: string | undefined): void {
  if (text === undefined) return;
  for (let i = 0; i < text.length; i++) request.clientOrderId[i] = text.charCodeAt(i);
  request.clientOrderIdLength = text.length;
}
