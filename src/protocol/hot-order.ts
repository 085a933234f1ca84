/**
 * Shared by both decoders of hot order requests: methods and params, and a check that says the same as the schemas' required
 * members and `rules.ts`.
 */
import { ORDER_TYPES, TIMES_IN_FORCE } from "./names.ts";
import { OrderMethod, type OrderRequest } from "./order-request.ts";

/** A bit for each member of the envelope; NEEDED has the bits of those that must be there. */
export const Member = { METHOD: 1, PARAMS: 2, ID: 4, NEEDED: 3 } as const;

/** The index is the `OrderMethod` - 1. */
export const METHOD_NAMES = ["order.place", "order.cancel", "order.amend"] as const;

/** Numbers of the params. In a mask, bit n stands for param n. */
export const Param = {
  SYMBOL: 0,
  SIDE: 1,
  TYPE: 2,
  QUANTITY: 3,
  PRICE: 4,
  STOP_PRICE: 5,
  TIME_IN_FORCE: 6,
  POST_ONLY: 7,
  CLIENT_ORDER_ID: 8,
  ACCOUNT_ID: 9,
  SELF_TRADE: 10,
  ORDER_ID: 11,
} as const;
export const PARAM_NAMES = [
  "symbol",
  "side",
  "type",
  "quantity",
  "price",
  "stop_price",
  "time_in_force",
  "post_only",
  "client_order_id",
  "account_id",
  "self_trade_prevention",
  "order_id",
] as const;
const bits = (...params: number[]): number =>
  params.reduce((mask, param) => mask | (1 << param), 0);
const PLACE_NEEDS = bits(Param.SYMBOL, Param.SIDE, Param.TYPE, Param.QUANTITY);
const PLACE_TAKES = (1 << Param.ORDER_ID) - 1;
const CANCEL_TAKES = bits(Param.ORDER_ID, Param.CLIENT_ORDER_ID, Param.SYMBOL);
const AMEND_ONE_OF = bits(Param.PRICE, Param.QUANTITY, Param.STOP_PRICE);
const AMEND_TAKES = AMEND_ONE_OF | bits(Param.ORDER_ID, Param.CLIENT_ORDER_ID);
const TARGET = bits(Param.ORDER_ID, Param.CLIENT_ORDER_ID);

const LIMIT = ORDER_TYPES.indexOf("LIMIT");
const MARKET = ORDER_TYPES.indexOf("MARKET");
const STOP_LIMIT = ORDER_TYPES.indexOf("STOP_LIMIT");
const GTC = TIMES_IN_FORCE.indexOf("GTC");
const IOC = TIMES_IN_FORCE.indexOf("IOC");
const GTD = TIMES_IN_FORCE.indexOf("GTD");

/** Whether a decoded request keeps `rules.ts` and has the schema's required members. `seen` is the mask of its params. */
export function keepsRules(request: OrderRequest, seen: number): boolean {
  switch (request.method) {
    case OrderMethod.PLACE:
      return (
        (seen & PLACE_NEEDS) === PLACE_NEEDS &&
        (seen & ~PLACE_TAKES) === 0 &&
        keepsPlaceRules(request)
      );
    case OrderMethod.CANCEL:
      return (seen & ~CANCEL_TAKES) === 0 && namesOneOrder(seen);
    case OrderMethod.AMEND:
      return (seen & ~AMEND_TAKES) === 0 && namesOneOrder(seen) && (seen & AMEND_ONE_OF) !== 0;
    default:
      return false;
  }
}

function keepsPlaceRules(request: OrderRequest): boolean {
  const type = request.type;
  const limited = type === LIMIT || type === STOP_LIMIT;
  const triggered = type !== LIMIT && type !== MARKET;
  if (limited !== (request.price !== 0)) return false;
  if (triggered !== (request.stopPrice !== 0)) return false;
  if (type === MARKET && request.timeInForce === GTC) request.timeInForce = IOC;
  // GTD needs `expire_at`, which this decoder does not read.
  return request.timeInForce !== GTD;
}

function namesOneOrder(seen: number): boolean {
  const target = seen & TARGET;
  return target !== 0 && target !== TARGET;
}
