/**
 * Order states as response and as event, straight from the primitives: the same text and bytes that
 * the objects of `order-state.ts` would give, without making them.
 */
import { Fragment } from "./byte-writer.ts";
import {
  type MessagePackWriter,
  messagePackFragment,
  stringFragment,
} from "./message-pack-writer.ts";
import {
  LIQUIDITIES,
  ORDER_PREFIX,
  ORDER_STATUSES,
  ORDER_TYPES,
  SIDES,
  SYMBOL_PREFIX,
} from "./names.ts";
import { averagePrice, type Fill, type OrderState } from "./order-state.ts";

/**
 * Pieces that come again and again are kept whole: joining costs by the piece, and making text of a
 * number as much as five pieces. A response with its text laid out flat takes 225 ns, 320 without.
 */
const JSON_SIDE_AND_TYPE = SIDES.flatMap((side) =>
  ORDER_TYPES.map((type) => `","side":"${side}","type":"${type}"`),
);
const JSON_STATUS = ORDER_STATUSES.map((status) => `,"status":"${status}"`);

/** Of the tick last encoded: most states in a row are of one tick. */
let endText = "";
let endTimestamp = -1;
let endTick = -1;

function jsonEnd(timestamp: number, tick: number): string {
  if (timestamp !== endTimestamp || tick !== endTick) {
    endText = `,"timestamp":${timestamp},"tick":${tick}`;
    endTimestamp = timestamp;
    endTick = tick;
  }
  return endText;
}

/** Side and type together, as an index. */
const sideAndType = (state: OrderState): number => (state.side << 2) | state.type;

/** The members of an order state, without braces. */
function jsonOrderState(state: OrderState): string {
  let text = `"order_id":"ord_${state.orderNumber}`;
  if (state.clientOrderId !== "") text += `","client_order_id":"${state.clientOrderId}`;
  text += `","symbol":"SYMBOL_${state.symbol}${JSON_SIDE_AND_TYPE[sideAndType(state)]}`;
  if (state.price !== 0) text += `,"price":${state.price}`;
  if (state.stopPrice !== 0) text += `,"stop_price":${state.stopPrice}`;
  text += `,"quantity":${state.quantity},"filled_quantity":${state.filled}`;
  if (state.filled > 0) text += `,"average_price":${averagePrice(state.notional, state.filled)}`;
  text += JSON_STATUS[state.status] + jsonEnd(state.timestamp, state.tick);
  return state.duplicate ? `${text},"duplicate":true` : text;
}

/** The response in JSON; `idJson` is the JSON of the request's id, "" when it had none. */
export function jsonOrderResponse(idJson: string, state: OrderState): string {
  return idJson === ""
    ? `{"result":{${jsonOrderState(state)}}}`
    : `{"id":${idJson},"result":{${jsonOrderState(state)}}}`;
}

/** The event in JSON; `fill` is what it tells of, if it tells of a fill. */
export function jsonUserOrder(seq: number, state: OrderState, fill: Fill | null): string {
  const data = `"seq":${seq},"event":"order",${jsonOrderState(state)}`;
  const last = fill === null ? "" : `,"last_fill":${jsonFill(fill)}`;
  return `{"stream":"user_data","data":{${data}${last}}}`;
}

function jsonFill(fill: Fill): string {
  const { price, quantity, tradeId, fee } = fill;
  const liquidity = LIQUIDITIES[fill.liquidity];
  return `{"price":${price},"quantity":${quantity},"trade_id":${tradeId},"liquidity":"${liquidity}","fee":${fee}}`;
}

const ORDER_NAME = Fragment.text(ORDER_PREFIX);
const SYMBOL_NAME = Fragment.text(SYMBOL_PREFIX);

const ID_HEAD = messagePackFragment((writer) => {
  writer.map(2);
  writer.string("id");
});
const RESULT = stringFragment("result");
const RESULT_HEAD = messagePackFragment((writer) => {
  writer.map(1);
  writer.string("result");
});
const USER_DATA_HEAD = messagePackFragment((writer) => {
  writer.map(2);
  writer.string("stream");
  writer.string("user_data");
  writer.string("data");
});
const SEQ = stringFragment("seq");
const ORDER_EVENT = messagePackFragment((writer) => {
  writer.string("event");
  writer.string("order");
});
const ORDER_ID = stringFragment("order_id");
const CLIENT_ORDER_ID = stringFragment("client_order_id");
const SYMBOL = stringFragment("symbol");
const SIDE_AND_TYPE = SIDES.flatMap((side) =>
  ORDER_TYPES.map((type) =>
    messagePackFragment((writer) => {
      writer.string("side");
      writer.string(side);
      writer.string("type");
      writer.string(type);
    }),
  ),
);
const PRICE = stringFragment("price");
const STOP_PRICE = stringFragment("stop_price");
const QUANTITY = stringFragment("quantity");
const FILLED_QUANTITY = stringFragment("filled_quantity");
const AVERAGE_PRICE = stringFragment("average_price");
const STATUS_AND_TIMESTAMP = ORDER_STATUSES.map((status) =>
  messagePackFragment((writer) => {
    writer.string("status");
    writer.string(status);
    writer.string("timestamp");
  }),
);
const TICK = stringFragment("tick");
const DUPLICATE = messagePackFragment((writer) => {
  writer.string("duplicate");
  writer.boolean(true);
});
const LAST_FILL = messagePackFragment((writer) => {
  writer.string("last_fill");
  writer.map(5);
  writer.string("price");
});
const TRADE_ID = stringFragment("trade_id");
const LIQUIDITY_AND_FEE = LIQUIDITIES.map((liquidity) =>
  messagePackFragment((writer) => {
    writer.string("liquidity");
    writer.string(liquidity);
    writer.string("fee");
  }),
);

/** Members that every state has. */
const STATE_MEMBERS = 9;

function stateMembers(state: OrderState): number {
  let count = STATE_MEMBERS;
  if (state.clientOrderId !== "") count++;
  if (state.price !== 0) count++;
  if (state.stopPrice !== 0) count++;
  if (state.filled > 0) count++;
  if (state.duplicate) count++;
  return count;
}

function writeOrderState(writer: MessagePackWriter, state: OrderState): void {
  writer.fragment(ORDER_ID);
  writer.name(ORDER_NAME, state.orderNumber);
  if (state.clientOrderId !== "") {
    writer.fragment(CLIENT_ORDER_ID);
    writer.string(state.clientOrderId);
  }
  writer.fragment(SYMBOL);
  writer.name(SYMBOL_NAME, state.symbol);
  writer.fragment(SIDE_AND_TYPE[sideAndType(state)]);
  if (state.price !== 0) {
    writer.fragment(PRICE);
    writer.integer(state.price);
  }
  if (state.stopPrice !== 0) {
    writer.fragment(STOP_PRICE);
    writer.integer(state.stopPrice);
  }
  writer.fragment(QUANTITY);
  writer.integer(state.quantity);
  writer.fragment(FILLED_QUANTITY);
  writer.integer(state.filled);
  if (state.filled > 0) {
    writer.fragment(AVERAGE_PRICE);
    writer.number(averagePrice(state.notional, state.filled));
  }
  writer.fragment(STATUS_AND_TIMESTAMP[state.status]);
  writer.integer(state.timestamp);
  writer.fragment(TICK);
  writer.integer(state.tick);
  if (state.duplicate) writer.fragment(DUPLICATE);
}

/** The response in MessagePack; `idBytes` as `OrderRequest` has them, length 0 = no id. */
export function writeOrderResponse(
  writer: MessagePackWriter,
  idBytes: Uint8Array,
  idLength: number,
  state: OrderState,
): Uint8Array {
  writer.reset();
  if (idLength === 0) {
    writer.fragment(RESULT_HEAD);
  } else {
    writer.fragment(ID_HEAD);
    writer.raw(idBytes, idLength);
    writer.fragment(RESULT);
  }
  writer.map(stateMembers(state));
  writeOrderState(writer, state);
  return writer.view();
}

/** The event in MessagePack. */
export function writeUserOrder(
  writer: MessagePackWriter,
  seq: number,
  state: OrderState,
  fill: Fill | null,
): Uint8Array {
  writer.reset();
  writer.fragment(USER_DATA_HEAD);
  writer.map(stateMembers(state) + (fill === null ? 2 : 3));
  writer.fragment(SEQ);
  writer.integer(seq);
  writer.fragment(ORDER_EVENT);
  writeOrderState(writer, state);
  if (fill !== null) {
    writer.fragment(LAST_FILL);
    writer.integer(fill.price);
    writer.fragment(QUANTITY);
    writer.integer(fill.quantity);
    writer.fragment(TRADE_ID);
    writer.integer(fill.tradeId);
    writer.fragment(LIQUIDITY_AND_FEE[fill.liquidity]);
    writer.integer(fill.fee);
  }
  return writer.view();
}
